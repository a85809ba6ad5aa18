// What the page is made of: nothing foreign, nothing that runs, and a structure a screen reader can follow.

import { readFileSync } from 'node:fs';

/** Runs in the page. Every function answers a list of problems. */
function inspect(kind) {
  const where = (element) => {
    const id = element.id ? `#${element.id}` : '';
    const name = element.classList?.length ? `.${[...element.classList].join('.')}` : '';
    return `<${element.localName}${id}${name}>`;
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const attributes = (element) => [...element.attributes];
  const short = (text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
  const text = (element) => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();

  // What a browser loads when it meets the element; `a` and `area` wait for a click and may point anywhere.
  const loads = new Set(['src', 'srcset', 'poster', 'data', 'background', 'href', 'xlink:href', 'manifest', 'ping']);
  const waits = new Set(['a', 'area']);
  const style = /url\(\s*['"]?(?!['"]?#)[^)]*\)|@import[^;]*/gi;

  const scripts = () => [
    ...all('script, iframe, frame, object, embed, applet, portal').map((e) => `${where(e)} is there`),
    ...all('*').flatMap((e) => attributes(e)
      .filter((a) => /^on/i.test(a.name) || /^\s*javascript:/i.test(a.value))
      .map((a) => `${where(e)} has ${a.name}="${short(a.value)}"`)),
    ...all('meta[http-equiv="refresh" i]').map((e) => `${where(e)} reloads the page`),
  ];

  const foreign = () => [
    ...all('base').map((e) => `${where(e)} moves every address of the page`),
    ...all('*').filter((e) => !waits.has(e.localName)).flatMap((e) => attributes(e)
      .filter((a) => loads.has(a.name) && a.value.trim() !== '' && !a.value.trim().startsWith('#'))
      .filter((a) => !(e.localName === 'link' && e.rel === 'icon' && a.value.startsWith('data:')))
      .map((a) => `${where(e)} loads ${a.name}="${short(a.value)}"`)),
    ...all('style').flatMap((e) => (e.textContent.match(style) ?? []).map((s) => `${where(e)} has ${short(s)}`)),
    ...all('*').flatMap((e) => attributes(e).filter((a) => !loads.has(a.name))
      .flatMap((a) => (a.value.match(/url\(\s*['"]?(?!['"]?#)[^)]*\)/gi) ?? [])
        .map((s) => `${where(e)} has ${a.name} ${short(s)}`))),
    ...all('form[action]').map((e) => `${where(e)} would send something away`),
  ];

  const head = () => {
    const problems = [];
    if (document.compatMode !== 'CSS1Compat') problems.push('no <!doctype html>: the browser is in quirks mode');
    if (document.characterSet !== 'UTF-8') problems.push(`read as ${document.characterSet}, not as UTF-8`);
    if (!document.documentElement.lang) problems.push('<html> has no lang');
    if (!document.title.trim()) problems.push('no <title>');
    const viewport = document.querySelector('meta[name=viewport]')?.content ?? '';
    if (!/width\s*=\s*device-width/.test(viewport)) problems.push('no <meta name=viewport content="width=device-width…">');
    return problems;
  };

  const outline = () => {
    const problems = [];
    const h1 = all('h1');
    if (h1.length !== 1) problems.push(`${h1.length} h1, not one`);
    const main = all('main, [role=main]');
    if (main.length !== 1) problems.push(`${main.length} main landmarks, not one`);
    let level = 0;
    for (const heading of all('h1, h2, h3, h4, h5, h6')) {
      const next = Number(heading.localName[1]);
      if (next > level + 1) problems.push(`${where(heading)} "${short(text(heading))}" skips from h${level}`);
      if (!text(heading)) problems.push(`${where(heading)} is empty`);
      level = next;
    }
    for (const nav of all('nav')) {
      if (!nav.getAttribute('aria-label') && !nav.getAttribute('aria-labelledby')) problems.push(`${where(nav)} has no name`);
    }
    return problems;
  };

  const ids = () => {
    const seen = new Map();
    for (const e of all('[id]')) seen.set(e.id, (seen.get(e.id) ?? 0) + 1);
    const problems = [...seen].filter(([, n]) => n > 1).map(([id, n]) => `id "${id}" is there ${n} times`);
    for (const e of all('a[href^="#"]')) {
      const target = decodeURIComponent(e.getAttribute('href').slice(1));
      if (target && target !== 'top' && !seen.has(target)) problems.push(`${where(e)} points to #${target}, which is not there`);
    }
    for (const e of all('[aria-labelledby], [aria-describedby], [headers], label[for]')) {
      for (const name of ['aria-labelledby', 'aria-describedby', 'headers', 'for']) {
        for (const id of (e.getAttribute(name) ?? '').split(/\s+/).filter(Boolean)) {
          if (!seen.has(id)) problems.push(`${where(e)} ${name} names #${id}, which is not there`);
        }
      }
    }
    return problems;
  };

  const named = (e) => (e.getAttribute('aria-label') ?? '').trim()
    || (e.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean)
      .map((id) => text(document.getElementById(id))).join(' ').trim()
    || text(e.querySelector(':scope > title'));

  const charts = () => {
    const problems = [];
    const hidden = (e) => e.closest('[aria-hidden=true]') !== null;
    // A chart is a drawing, or an image that is made of several; what is drawn within an image is a part of it.
    const drawings = all('svg, [role=img]:not(svg)').filter((e) => !e.parentElement.closest('svg, [role=img]'));
    const small = (e) => e.getBoundingClientRect().width < 100 && e.getBoundingClientRect().height < 100;
    const seen = drawings.filter((e) => !(hidden(e) && small(e)));
    if (kind !== 'index' && seen.filter((e) => !small(e)).length === 0) problems.push('no chart');
    for (const e of seen) {
      if (hidden(e)) problems.push(`${where(e)} is a chart hidden from screen readers`);
      else if (e.getAttribute('role') !== 'img') problems.push(`${where(e)} has not role="img"`);
      else if (!named(e)) problems.push(`${where(e)} has no title and no aria-label`);
      if (small(e)) continue;
      let place = e.parentElement;
      while (place !== document.body && !place.matches('figure, section, article, main')) place = place.parentElement;
      while (place?.matches('figure') && !place.querySelector('table')) {
        place = place.parentElement?.closest('section, article, main') ?? null;
      }
      if (!place?.querySelector('table')) problems.push(`${where(e)} "${short(named(e))}" has no table beside it`);
    }
    const names = seen.map(named).filter(Boolean);
    for (const name of new Set(names.filter((n, i) => names.indexOf(n) !== i))) problems.push(`two charts are named "${short(name)}"`);
    return problems;
  };

  const tables = () => {
    const problems = [];
    if (kind !== 'index' && all('table').length === 0) problems.push('no table');
    for (const table of all('table')) {
      const caption = text(table.querySelector(':scope > caption'));
      const label = `${where(table)} "${short(caption)}"`;
      if (!caption) problems.push(`${where(table)} has no caption`);
      const headers = [...table.querySelectorAll('th')];
      if (!headers.some((th) => /^col/.test(th.scope))) problems.push(`${label} has no <th scope="col">`);
      for (const th of headers.filter((h) => !h.hasAttribute('scope'))) problems.push(`${label}: <th> "${text(th)}" has no scope`);
      for (const th of headers.filter((h) => !text(h))) problems.push(`${label}: an empty <th>`);
      const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
      const bare = rows.filter((row) => row.cells.length > 1 && !row.querySelector('th[scope=row], th[scope=rowgroup]')
        && ![...row.cells].every((cell) => cell.localName === 'th'));
      if (bare.length > 0) problems.push(`${label}: ${bare.length} rows without <th scope="row">`);
    }
    return problems;
  };

  const leftovers = () => {
    const seen = document.body.innerText;
    const words = /\b(NaN|undefined|Infinity|null|None|Some\(|Ok\(|Err\(|TODO|FIXME|Lorem ipsum)|\{\{|\}\}|\{[a-z_]*\}|\uFFFD|&(amp|lt|gt|quot);/g;
    return [...new Set(seen.match(words) ?? [])].map((word) => `the reader sees "${word}"`);
  };

  return {
    scripts: scripts(), foreign: foreign(), head: head(), outline: outline(),
    ids: ids(), charts: charts(), tables: tables(), leftovers: leftovers(),
  };
}

export async function checkDocument(report, browser, { file, url, kind }) {
  const source = readFileSync(file, 'utf8');
  const view = await browser.open(url);
  const found = await view.page.evaluate(inspect, kind);
  await view.close();
  // Read as text too: a parser drops what a reader of the file would still find.
  if (/<script\b/i.test(source) && found.scripts.length === 0) found.scripts.push('the file has "<script" in it');

  report.check('document/scripts', 'nothing in the page runs', found.scripts);
  report.check('document/foreign', 'nothing comes from outside the file', found.foreign);
  report.check('document/requests', 'the browser asks for nothing but the file', view.requests);
  report.check('document/head', 'language, title, encoding and viewport are stated', found.head);
  report.check('document/outline', 'one h1, one main, headings in order', found.outline);
  report.check('document/ids', 'each id once, and each reference has its target', found.ids);
  report.check('document/charts', 'each chart is an image with a name and a table beside it', found.charts);
  report.check('document/tables', 'each table has a caption and headers with a scope', found.tables);
  report.check('document/leftovers', 'no trace of a template or of a program in the text', found.leftovers);
}
