// axe-core: WCAG 2.2 AA and its best practices, in every state of the page.

import axe from 'axe-core';
import { unfold } from './browser.mjs';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Runs in the page, after axe itself. */
function audit(tags) {
  const options = { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations', 'incomplete'] };
  const brief = (result) => ({
    id: result.id,
    help: result.help,
    nodes: result.nodes.map((node) => ({ at: node.target.flat().join(' '), inChart: /^<(text|tspan)\b/.test(node.html) })),
  });
  return window.axe.run(document, options).then((found) => ({
    violations: found.violations.map(brief),
    incomplete: found.incomplete.map(brief),
  }));
}

async function run(page) {
  await page.evaluate(axe.source);
  return page.evaluate(audit, TAGS);
}

const lines = (results) => results.flatMap(({ id, help, nodes }) => nodes.map(({ at }) => `${id} at ${at}: ${help}`));

/** Labels in charts are left to `layout/contrast`, and at 320 px it is what lies outside a scrolled box. */
function tellUndecided(report, results) {
  for (const { id, nodes } of results) {
    const open = nodes.filter(({ inChart }) => !inChart);
    if (open.length > 0) report.note(`axe could not decide ${id} for ${open.length} elements, the first ${open[0].at}`);
  }
}

export async function checkAxe(report, browser, { url }) {
  for (const width of [1280, 320]) {
    for (const colours of ['light', 'dark']) {
      const view = await browser.open(url, { width, colours, scripts: true });
      const found = await run(view.page);
      const problems = lines(found.violations);
      if ((await unfold(view.page)) > 0) {
        const open = lines((await run(view.page)).violations);
        problems.push(...open.filter((line) => !problems.includes(line)).map((line) => `(unfolded) ${line}`));
      }
      await view.close();
      report.check(`axe/${width}-${colours}`, `axe ${axe.version} finds nothing at ${width} px, ${colours}`, problems);
      if (width === 1280) tellUndecided(report, found.incomplete);
    }
  }
}
