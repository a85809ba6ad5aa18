// How the page lies on the screen: nothing cut off, nothing sideways, nothing too small or too pale to read.

import { addStyle, unfold } from './browser.mjs';
import { contrasts } from './pixels.mjs';

/** Text in a chart below this many pixels cannot be read. */
const SMALLEST_LABEL_PX = 9;
/** WCAG 1.4.3. */
const LEAST_CONTRAST = 4.5;

/** Runs in the page: what sticks out of the window or out of its box. */
function overflow() {
  const where = (e) => `<${e.localName}${e.id ? `#${e.id}` : ''}${e.classList?.length ? `.${[...e.classList].join('.')}` : ''}>`;
  const problems = [];
  const width = document.documentElement.clientWidth;
  const scrolled = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
  if (scrolled > width + 1) problems.push(`the page is ${scrolled} px wide in a window of ${width} px`);
  const style = (e) => getComputedStyle(e);
  const scrolls = (e) => /auto|scroll/.test(style(e).overflowX);
  const clips = (e) => /hidden|clip/.test(style(e).overflowX);
  // The usual way to speak to screen readers alone: a box of a pixel or one clipped away.
  const unseen = (e) => e.closest('[hidden]') || e.offsetWidth <= 1 || e.offsetHeight <= 1 || style(e).clipPath !== 'none'
    || style(e).visibility === 'hidden' || style(e).position === 'fixed';
  const inside = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (scrolls(p) || unseen(p)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('svg') && e.localName !== 'svg') continue;
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || unseen(e)) continue;
    // A link that waits above the window until it has the focus is no overflow.
    const aside = style(e).position === 'absolute' && (box.right <= 0 || box.bottom + window.scrollY <= 0);
    if (!aside && (box.right > width + 1 || box.left < -1) && !inside(e)) {
      problems.push(`${where(e)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px`);
    }
    if (e.localName !== 'svg' && clips(e) && e.scrollWidth > e.clientWidth + 1) problems.push(`${where(e)} cuts off ${e.scrollWidth - e.clientWidth} px`);
    if (scrolls(e) && e.scrollWidth > e.clientWidth + 1) {
      const named = e.getAttribute('aria-label') || e.getAttribute('aria-labelledby');
      if (e.tabIndex < 0 || !e.hasAttribute('tabindex')) problems.push(`${where(e)} scrolls sideways but has no tabindex="0"`);
      if (!named || !e.hasAttribute('role')) problems.push(`${where(e)} scrolls sideways but has no role and name`);
    }
  }
  return problems;
}

/** Runs in the page: what is wider than its box although the window is wide. */
function cramped() {
  return [...document.body.querySelectorAll('*')]
    .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1)
    .map((e) => `"${e.getAttribute('aria-label') ?? e.localName}" shows ${e.clientWidth} of ${e.scrollWidth} px`);
}

/** Runs in the page: labels in charts that are too small, on top of each other or cut off. */
function labels(smallest) {
  const problems = [];
  for (const [number, svg] of [...document.querySelectorAll('svg')].entries()) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim() && getComputedStyle(t).visibility !== 'hidden')
      .map((t) => ({ text: t.textContent.trim(), box: t.getBoundingClientRect(), matrix: t.getScreenCTM(), size: parseFloat(getComputedStyle(t).fontSize) }))
      .filter((t) => t.box.width > 0);
    for (const t of texts) {
      const shown = t.size * Math.hypot(t.matrix.b, t.matrix.d);
      if (shown < smallest) problems.push(`chart ${number + 1}: "${t.text}" is ${shown.toFixed(1)} px high`);
      if (t.box.left < frame.left - 1 || t.box.right > frame.right + 1 || t.box.top < frame.top - 1 || t.box.bottom > frame.bottom + 1) {
        problems.push(`chart ${number + 1}: "${t.text}" is cut off at the edge`);
      }
    }
    for (const [i, a] of texts.entries()) {
      for (const b of texts.slice(i + 1)) {
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        // Boxes of text are higher than its letters.
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (across > 1 && down > 0.35 * Math.min(a.box.height, b.box.height)) {
          problems.push(`chart ${number + 1}: "${a.text}" and "${b.text}" lie on each other`);
        }
      }
    }
  }
  return problems;
}

/** Runs in the page: where the labels of one chart are, and in which colour. */
function placesOf(svg) {
  const frame = svg.getBoundingClientRect();
  const rgb = (colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim()).map((t) => {
    const style = getComputedStyle(t);
    const box = t.getBoundingClientRect();
    const halo = style.paintOrder.startsWith('stroke') && style.stroke !== 'none';
    return {
      text: t.textContent.trim(), colour: rgb(style.fill), halo: halo ? rgb(style.stroke) : null,
      x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height,
    };
  }).filter((t) => t.width > 0 && t.colour.length === 3);
}

/** axe does not judge text in SVG, so it is done here with what is really painted beneath it. */
async function paleLabels(page, workbench) {
  const problems = [];
  const charts = await page.locator('svg').all();
  for (const [number, chart] of charts.slice(0, 20).entries()) {
    if (!(await chart.isVisible())) continue;
    const places = (await chart.evaluate(placesOf)).filter((t) => !t.halo);
    if (places.length === 0) continue;
    const shown = await addStyle(page, 'svg text { visibility: hidden !important }');
    const picture = await chart.screenshot({ animations: 'disabled' });
    await shown();
    const found = await contrasts(workbench, picture, places);
    for (const [i, value] of found.entries()) {
      if (value < LEAST_CONTRAST) problems.push(`chart ${number + 1}: "${places[i].text}" has a contrast of ${value.toFixed(1)}, not ${LEAST_CONTRAST}`);
    }
  }
  return problems;
}

/** WCAG 1.4.12: the reader's own spacing. */
const SPACING = '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }';

export async function checkLayout(report, browser, { url }) {
  const bench = await browser.workbench();
  for (const width of [1280, 640, 320]) {
    const view = await browser.open(url, { width });
    const problems = await view.page.evaluate(overflow);
    const small = await view.page.evaluate(labels, SMALLEST_LABEL_PX);
    if ((await unfold(view.page)) > 0) {
      const open = await view.page.evaluate(overflow);
      problems.push(...open.filter((p) => !problems.includes(p)).map((p) => `(unfolded) ${p}`));
    }
    report.check(`layout/width-${width}`, `no sideways scrolling and nothing cut off at ${width} px`, problems);
    report.check(`layout/labels-${width}`, `chart labels large enough and apart at ${width} px`, small);
    if (width === 1280) {
      report.check('layout/room', 'nothing has to be scrolled sideways in a window of 1280 px', await view.page.evaluate(cramped));
    }
    if (width === 320) {
      await addStyle(view.page, SPACING);
      report.check('layout/spacing', 'nothing cut off with the reader\'s own text spacing at 320 px', await view.page.evaluate(overflow));
    }
    await view.close();
  }
  for (const colours of ['light', 'dark']) {
    const view = await browser.open(url, { colours });
    report.check(`layout/contrast-${colours}`, `chart labels stand out, ${colours}`, await paleLabels(view.page, bench.page));
    await view.close();
  }
  await bench.close();
}
