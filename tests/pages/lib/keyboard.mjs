// With the keyboard alone: everything is reached in order, and one sees where one is.

import { unfold } from './browser.mjs';
import { strongChange } from './pixels.mjs';

/** More stops than this are not walked through one by one. */
const MOST_STOPS = 1500;
/** Of each kind of element one is looked at; there are never many kinds. */
const MOST_KINDS = 24;
/** A ring of one pixel around a word of normal size has more pixels than this. */
const LEAST_CHANGED_PIXELS = 40;

/** Runs in the page: what Tab must reach, in the order of the document. Kept in the window for the steps. */
function listStops() {
  const candidates = 'a[href], area[href], button, input, select, textarea, summary, [tabindex], [contenteditable]';
  window.stops = [...document.querySelectorAll(candidates)].filter((e) => e.tabIndex >= 0 && !e.disabled
    && !e.closest('[inert]') && e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden');
  const words = (e) => (e.getAttribute('aria-label') ?? e.textContent).replace(/\s+/g, ' ').trim().slice(0, 50);
  window.nameOf = (e) => `<${e.localName}${e.id ? `#${e.id}` : ''}${e.className ? `.${e.className}` : ''}> "${words(e)}"`;
  return {
    names: window.stops.map(window.nameOf),
    kinds: window.stops.map((e) => `${e.localName}.${e.className}.${e.closest('nav, header, footer, table, figure')?.localName}`),
  };
}

/** Runs in the page: where the focus is now. */
function here() {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return { at: -1 };
  const box = e.getClientRects()[0];
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const visible = left < right && top < bottom;
  const middle = visible && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return {
    at: window.stops.indexOf(e),
    name: window.nameOf(e),
    covered: !visible || !(middle && (e.contains(middle) || middle.contains(e))),
  };
}

async function walk(page, stops) {
  const problems = [];
  const reached = new Set();
  let last = -1;
  for (let step = 0; step < Math.min(stops.names.length, MOST_STOPS) + 20; step += 1) {
    await page.keyboard.press('Tab');
    const now = await page.evaluate(here);
    if (now.at === -1 && now.name === undefined) break;
    if (now.at === -1) continue; // A box the browser itself lets one scroll: not a stop of ours.
    if (reached.has(now.at)) break;
    if (now.at < last) problems.push(`${now.name} comes after what stands below it`);
    if (now.covered) problems.push(`${now.name} is out of sight or covered when it has the focus`);
    last = now.at;
    reached.add(now.at);
  }
  for (const [i, name] of stops.names.slice(0, MOST_STOPS).entries()) {
    if (!reached.has(i)) problems.push(`${name} is not reached with Tab`);
  }
  return problems;
}

async function lookAt(page, workbench, index) {
  const clip = await page.evaluate((i) => {
    const e = window.stops[i];
    e.focus();
    e.scrollIntoView({ block: 'center' });
    const box = e.getClientRects()[0];
    const [x, y] = [Math.max(0, box.left - 8), Math.max(0, box.top - 8)];
    return {
      ring: e.matches(':focus-visible'),
      clip: { x, y, width: Math.max(1, Math.min(innerWidth, box.right + 8) - x), height: Math.max(1, Math.min(innerHeight, box.bottom + 8) - y) },
    };
  }, index);
  const after = await page.screenshot({ clip: clip.clip });
  await page.evaluate(() => document.activeElement.blur());
  const before = await page.screenshot({ clip: clip.clip });
  return { ring: clip.ring, changed: before.equals(after) ? 0 : await strongChange(workbench, before, after) };
}

async function visible(page, workbench, stops) {
  const problems = [];
  const first = new Map();
  for (const [i, kind] of stops.kinds.entries()) if (!first.has(kind)) first.set(kind, i);
  for (const index of [...first.values()].slice(0, MOST_KINDS)) {
    await page.keyboard.press('Tab'); // The browser shows the focus to those who use the keyboard.
    const { changed } = await lookAt(page, workbench, index);
    if (changed < LEAST_CHANGED_PIXELS) problems.push(`${stops.names[index]}: the focus cannot be seen (${changed} pixels change by 3:1)`);
  }
  return problems;
}

export async function checkKeyboard(report, browser, { url }) {
  const bench = await browser.workbench();
  for (const [width, colours] of [[1280, 'light'], [320, 'dark']]) {
    const view = await browser.open(url, { width, colours });
    await unfold(view.page);
    const stops = await view.page.evaluate(listStops);
    if (stops.names.length > MOST_STOPS) report.note(`${stops.names.length} stops for Tab; the first ${MOST_STOPS} are walked`);
    report.check(`keyboard/order-${width}`, `Tab reaches all ${stops.names.length} stops in order at ${width} px`, await walk(view.page, stops));
    report.check(`keyboard/focus-${width}`, `the focus is seen at ${width} px, ${colours}`, await visible(view.page, bench.page, stops));
    await view.close();
  }
  await bench.close();
}
