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
  // What a text takes, not the box that it stands in.
  const extent = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    return range.getBoundingClientRect();
  };
  const drawn = (t) => {
    const { b, d } = t.getScreenCTM();
    return { text: t.textContent.trim(), box: t.getBoundingClientRect(), size: parseFloat(getComputedStyle(t).fontSize) * Math.hypot(b, d) };
  };
  const written = (e) => ({ text: e.textContent.trim(), box: extent(e), size: parseFloat(getComputedStyle(e).fontSize) });
  const shown = (e) => e.textContent.trim() && getComputedStyle(e).visibility !== 'hidden' && e.getClientRects().length > 0;
  const images = [...document.querySelectorAll('[role=img], svg')].filter((e) => !e.parentElement.closest('[role=img], svg'));
  for (const [number, image] of images.entries()) {
    const frame = image.getBoundingClientRect();
    const leaves = [...image.querySelectorAll('*')].filter((e) => !e.closest('svg') && e.childElementCount === 0);
    const texts = [...[...image.querySelectorAll('text')].filter(shown).map(drawn), ...leaves.filter(shown).map(written)]
      .filter((t) => t.box.width > 0);
    for (const t of texts) {
      if (t.size < smallest) problems.push(`chart ${number + 1}: "${t.text}" is ${t.size.toFixed(1)} px high`);
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

/**
 * Runs in the page: bars that are not as long as their figures say, or not in the window. A bar's drawing says in `data-end` what
 * its whole width stands for, each mark in it its figure in `data-value`.
 */
function bars() {
  const problems = [];
  const window_ = document.documentElement.clientWidth;
  for (const chart of document.querySelectorAll('[role=img]')) {
    const name = document.getElementById(chart.getAttribute('aria-labelledby')?.split(' ')[0])?.textContent.trim().slice(0, 50);
    const marks = [...chart.querySelectorAll('[data-value]')];
    if (marks.length === 0) problems.push(`"${name}" has no mark that says its figure`);
    for (const mark of marks) {
      const bar = mark.closest('[data-end]');
      if (!bar) {
        problems.push(`"${name}": a mark of ${mark.dataset.value} in no bar that says its whole`);
        continue;
      }
      const [whole, part] = [bar.getBoundingClientRect(), mark.getBoundingClientRect()];
      const due = whole.width * Number(mark.dataset.value) / Number(bar.dataset.end);
      // The outline of a mark is drawn over its edge.
      if (Math.abs(part.width - due) > 2.5) {
        problems.push(`"${name}": ${mark.dataset.value} of ${bar.dataset.end} is ${Math.round(part.width)} px of ${Math.round(whole.width)}, not ${Math.round(due)}`);
      }
      if (part.right > whole.right + 2 || whole.right > window_ + 1 || whole.left < -1 || part.left < whole.left - 2) {
        problems.push(`"${name}": the mark of ${mark.dataset.value} reaches from ${Math.round(part.left)} to ${Math.round(part.right)} px, its bar to ${Math.round(whole.right)}, the window to ${window_}`);
      }
      const figure = bar.parentElement.textContent.trim();
      if (!/\d|no /.test(figure)) problems.push(`"${name}": no figure beside the bar of ${mark.dataset.value}`);
    }
  }
  return problems;
}

/** Runs in the page: cells of tables that a reader finds only by scrolling sideways. */
function cellsAside() {
  const width = document.documentElement.clientWidth;
  const aside = [];
  for (const cell of document.querySelectorAll('tbody th, tbody td')) {
    const range = document.createRange();
    range.selectNodeContents(cell);
    const box = range.getBoundingClientRect();
    if (box.width > 0 && (box.right > width + 1 || box.left < -1)) {
      const caption = cell.closest('table').caption?.textContent.trim().slice(0, 40);
      aside.push(`"${caption}": "${cell.textContent.trim().slice(0, 30)}" reaches to ${Math.round(box.right)} px`);
    }
  }
  return aside;
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
  const charts = await page.locator('svg:has(text)').all();
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
  for (const width of [1280, 640, 400, 320]) {
    const view = await browser.open(url, { width });
    const problems = await view.page.evaluate(overflow);
    const small = await view.page.evaluate(labels, SMALLEST_LABEL_PX);
    const untrue = await view.page.evaluate(bars);
    const aside = width <= 400 ? await view.page.evaluate(cellsAside) : [];
    if ((await unfold(view.page)) > 0) {
      const open = await view.page.evaluate(overflow);
      problems.push(...open.filter((p) => !problems.includes(p)).map((p) => `(unfolded) ${p}`));
    }
    report.check(`layout/width-${width}`, `no sideways scrolling and nothing cut off at ${width} px`, problems);
    report.check(`layout/labels-${width}`, `chart labels large enough and apart at ${width} px`, small);
    report.check(`layout/bars-${width}`, `each bar as long as its figure says, and in the window, at ${width} px`, untrue);
    if (width <= 400) report.check(`layout/cells-${width}`, `no cell off the screen at ${width} px`, aside);
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
