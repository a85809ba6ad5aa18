// On paper: A4, all of it, legible, without backgrounds, as most people print.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { unfold } from './browser.mjs';

const TOOL_MS = 120_000;
const A4_POINTS = [595, 842];
/** Print of 7 points has boxes about this high; what is lower is too small. */
const SMALLEST_WORD_POINTS = 6.4;
/** A sentence may be torn by this many page ends, and no more. */
const MOST_PIECES = 4;

export const tool = (name, ...args) => execFileSync(name, args, {
  encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: TOOL_MS, maxBuffer: 1 << 28,
});

/** Writes the page as PDF and answers its path. */
export async function print(browser, url) {
  const view = await browser.open(url);
  const path = join(browser.home, `paper-${Math.random().toString(36).slice(2)}.pdf`);
  await view.page.pdf({ path, format: 'A4', preferCSSPageSize: true, printBackground: false });
  await view.close();
  return path;
}

/** Letters and digits alone: hyphens, line ends and ligatures differ between screen and paper. */
const bare = (text) => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Is `wanted` in `text`, whole or torn into a few pieces that follow each other? */
export function contains(text, wanted) {
  let rest = wanted;
  let from = 0;
  for (let piece = 0; piece < MOST_PIECES && rest; piece += 1) {
    if (text.indexOf(rest, from) >= 0) return true;
    let [low, high] = [0, rest.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (text.indexOf(rest.slice(0, middle), from) >= 0) low = middle;
      else high = middle - 1;
    }
    if (low < Math.min(8, rest.length)) return false;
    from = text.indexOf(rest.slice(0, low), from) + low;
    rest = rest.slice(low);
  }
  return rest === '';
}

/** Runs in the page, unfolded: what a reader of the paper must find. */
function expected() {
  const words = (e) => e.innerText.trim();
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0 && !e.closest('nav') && words(e));
  return {
    derivations: shown('.derivation').map(words),
    headings: shown('h1, h2, h3, h4, h5, h6, caption, figcaption').map(words),
    rows: shown('tbody tr').map(words),
    prose: shown('main p, main li, main dd, main dt, footer p').filter((e) => !e.closest('.derivation')).map(words),
  };
}

/** Runs in the page as printed: boxes that cut off what is wider than the paper. */
function cutOff() {
  return [...document.body.querySelectorAll('*')].filter((e) => !e.closest('svg') && e.offsetWidth > 1 && getComputedStyle(e).display !== 'none'
    && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
    .map((e) => `<${e.localName}${e.id ? `#${e.id}` : ''}${e.classList.length ? `.${e.classList}` : ''}> needs ${e.scrollWidth} px of paper and has ${e.clientWidth}`);
}

/** Runs in the page as printed: signs made of a background alone, which most people's printers leave out. */
function lostColours() {
  return [...document.body.querySelectorAll('*')].filter((e) => !e.closest('svg') && !e.textContent.trim() && e.childElementCount === 0)
    .filter((e) => e.offsetWidth > 0 && e.offsetHeight > 0 && e.localName !== 'hr')
    .filter((e) => {
      const style = getComputedStyle(e);
      return !/, 0\)$|transparent/.test(style.backgroundColor) && style.printColorAdjust !== 'exact';
    })
    .map((e) => `<${e.localName}${e.classList.length ? `.${e.classList}` : ''}> before "${(e.parentElement.innerText ?? '').slice(0, 40)}" loses its colour (print-color-adjust: exact keeps it)`);
}

/** Points between the left and right margins of the first page of `@page`, for a window of the same width. */
function contentWidth() {
  const pixels = (value, otherwise) => {
    const probe = document.body.appendChild(document.createElement('div'));
    probe.style.width = value || otherwise;
    const { width } = probe.getBoundingClientRect();
    probe.remove();
    return width;
  };
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .flatMap((rule) => (rule instanceof CSSMediaRule ? [...rule.cssRules] : [rule])).filter((rule) => rule instanceof CSSPageRule);
  const last = rules.at(-1)?.style;
  const sheet = /landscape/.test(last?.getPropertyValue('size') ?? '') ? 1123 : 794;
  return Math.round(sheet - pixels(last?.marginLeft, '1cm') - pixels(last?.marginRight, '1cm'));
}

function smallWords(pdf) {
  const boxes = [...tool('pdftotext', '-bbox', pdf, '-').matchAll(/yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</g)];
  const small = boxes.filter(([, top, bottom, word]) => /[\p{L}\p{N}]{2}/u.test(word) && bottom - top < SMALLEST_WORD_POINTS);
  return [...new Set(small.map(([, top, bottom, word]) => `"${word}" is ${(bottom - top).toFixed(1)} points high`))];
}

const missing = (texts, list) => list.filter((wanted) => !texts.some((text) => contains(text, bare(wanted))))
  .map((wanted) => `not on paper: "${wanted.replace(/\s+/g, ' ').slice(0, 90)}"`);

function checkSheets(report, pdf, text) {
  const size = tool('pdfinfo', pdf);
  const [, pages] = size.match(/Pages:\s+(\d+)/);
  const [, width, height] = size.match(/Page size:\s+([\d.]+) x ([\d.]+)/).map(Number);
  const sides = [width, height].sort((a, b) => a - b);
  const problems = sides.every((side, i) => Math.abs(side - A4_POINTS[i]) < 3) ? [] : [`sheets of ${width} × ${height} points`];
  text.split('\f').slice(0, -1).forEach((sheet, i) => {
    if (bare(sheet).length < 5) problems.push(`sheet ${i + 1} is empty`);
  });
  report.check('paper/sheets', `A4, no empty sheet (${pages})`, problems);
}

export async function checkPaper(report, browser, { url, kind }) {
  const pdf = await print(browser, url);
  const raw = tool('pdftotext', '-raw', pdf, '-');
  const texts = [bare(raw), bare(tool('pdftotext', pdf, '-'))];
  checkSheets(report, pdf, raw);

  const view = await browser.open(url);
  await unfold(view.page);
  const found = await view.page.evaluate(expected);
  const width = await view.page.evaluate(contentWidth);
  await view.page.emulateMedia({ media: 'print' });
  await view.page.setViewportSize({ width, height: 1000 });
  const cut = await view.page.evaluate(cutOff);
  const lost = await view.page.evaluate(lostColours);
  await view.close();

  const derivations = kind === 'allocation' && found.derivations.length === 0 ? ['no element of class "derivation" in the page'] : missing(texts, found.derivations);
  report.check('paper/derivations', `all ${found.derivations.length} derivations are on paper`, derivations);
  report.check('paper/headings', `all ${found.headings.length} headings and captions are on paper`, missing(texts, found.headings));
  report.check('paper/rows', `all ${found.rows.length} table rows are on paper`, missing(texts, found.rows));
  report.check('paper/prose', `all ${found.prose.length} paragraphs and list items are on paper`, missing(texts, found.prose));
  report.check('paper/width', `nothing is wider than the ${width} px between the margins`, cut);
  report.check('paper/colours', 'no sign is made of a background that is not printed', lost);
  report.check('paper/size', 'no word too small to read', smallWords(pdf));
}
