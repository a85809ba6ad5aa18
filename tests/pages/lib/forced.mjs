// With forced colours only two are left: each tone of a chart must be told from the others by its pattern.

/** Runs in the page: keys of charts in which two tones are filled alike. */
function alike() {
  const found = [];
  for (const key of document.querySelectorAll('ul.key')) {
    const fills = new Map();
    for (const item of key.querySelectorAll('li')) {
      const rect = item.querySelector('svg.swatch rect');
      if (!rect) continue;
      const { fill } = getComputedStyle(rect);
      if (fills.has(fill)) found.push(`${fills.get(fill)} and ${item.textContent.trim()} are both ${fill}`);
      fills.set(fill, item.textContent.trim());
    }
  }
  return found;
}

/** Runs in the page: fills that name a pattern which is not there, so that a bar would vanish. */
function missing() {
  const fills = [...document.querySelectorAll('svg rect')].map((rect) => getComputedStyle(rect).fill);
  const names = fills.map((fill) => /url\("?#([^")]+)"?\)/.exec(fill)?.[1]).filter(Boolean);
  return [...new Set(names)].filter((name) => !document.getElementById(name));
}

export async function checkForced(report, browser, { url }) {
  const view = await browser.open(url, { forced: 'active' });
  report.check('forced/tones', 'with forced colours each tone of a chart is filled otherwise', await view.page.evaluate(alike));
  report.check('forced/patterns', 'every pattern that fills a bar is on the page', await view.page.evaluate(missing));
  await view.close();
}
