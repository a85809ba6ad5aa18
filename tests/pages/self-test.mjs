#!/usr/bin/env node
// Proves the checks: good.html passes all of them, and each fault put into it is found by the check that is there for it.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from './lib/browser.mjs';
import { contains } from './lib/paper.mjs';
import { Report } from './lib/report.mjs';
import { checkPage } from './lib/run.mjs';

const GOOD = join(import.meta.dirname, 'good.html');

/** After this the test has failed, whatever it waits for. */
const MOST_SECONDS = 1800;

// [check that must fail, the fault, what is replaced in good.html, by what]
const FAULTS = [
  ['document/scripts', 'a script', '</main>', '<script>document.title = ""</script></main>'],
  ['document/scripts', 'a script in a comment', '</main>', '<!-- <script></script> --></main>'],
  ['document/scripts', 'an event handler', '<h1>', '<h1 onclick="alert(1)">'],
  ['document/scripts', 'a javascript: address', 'href="#why"', 'href="javascript:alert(1)"'],
  ['document/scripts', 'a frame', '</main>', '<iframe title="x" srcdoc="x"></iframe></main>'],
  ['document/foreign', 'an outside image', '</main>', '<img alt="x" src="https://example.com/x.png"></main>'],
  ['document/foreign', 'an image as data', '</main>', '<img alt="x" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'],
  ['document/foreign', 'an outside style sheet', '<style>', '<link rel="stylesheet" href="x.css"><style>'],
  ['document/foreign', 'an outside font', '<style>', '<style>@font-face { font-family: x; src: url(https://example.com/x.woff2) }'],
  ['document/foreign', 'an @import', '<style>', '<style>@import "https://example.com/x.css";'],
  ['document/foreign', 'a drawing used from outside', '</svg>', '<use href="https://example.com/x.svg#a"/></svg>'],
  ['document/requests', 'an outside image asked for', '</main>', '<img alt="x" src="https://example.com/x.png"></main>'],
  ['document/requests', 'a neighbouring file asked for', '<style>', '<link rel="stylesheet" href="x.css"><style>'],
  ['document/head', 'no language', ' lang="en-GB"', ''],
  ['document/head', 'no title', '<title>A page that passes</title>', ''],
  ['document/head', 'no viewport', '<meta name="viewport" content="width=device-width, initial-scale=1">', ''],
  ['document/head', 'no doctype', '<!doctype html>', ''],
  ['document/outline', 'two h1', '<h2 id="why">Why</h2>', '<h1 id="why">Why</h1>'],
  ['document/outline', 'a skipped level', '<h2 id="why">Why</h2>', '<h4 id="why">Why</h4>'],
  ['document/outline', 'no main', '<main id="main">', '<div id="main">', '</main>', '</div>'],
  ['document/ids', 'an id twice', '<h1>', '<h1 id="why">'],
  ['document/ids', 'a link to nowhere', 'href="#why"', 'href="#because"'],
  ['document/charts', 'a chart without a name', ' role="img" aria-labelledby="chart-name"', ' role="img"'],
  ['document/charts', 'a chart that is no image', '<div class="chart" role="img" aria-labelledby="chart-name">', '<div class="chart"><svg width="300" height="200"></svg>'],
  ['document/charts', 'a chart hidden from screen readers', '<div class="chart" role="img"', '<div class="chart" aria-hidden="true" role="img"'],
  ['document/charts', 'a chart without a table', '<div class="scroll"', '</section><section aria-label="Table"><div class="scroll"'],
  ['document/charts', 'no chart', '<div class="chart" role="img" aria-labelledby="chart-name">', '<div class="chart" hidden>'],
  ['document/tables', 'no caption', '<caption>Allocation by day</caption>', ''],
  ['document/tables', 'a header without scope', '<th scope="col">Demand</th>', '<th>Demand</th>'],
  ['document/tables', 'a row without header', '<th scope="row">Tuesday</th>', '<td>Tuesday</td>'],
  ['document/leftovers', 'a number that is none', '1,630', 'NaN'],
  ['layout/width-320', 'a page wider than the window', '<figcaption id', '<figcaption style="width: 500px" id'],
  ['layout/width-320', 'an overflow swept under the carpet', 'body { margin', 'html, body { overflow-x: hidden } figcaption { width: 500px } body { margin'],
  ['layout/width-320', 'a scrolled box without the keyboard', '@media (max-width: 40rem)', '@media (max-width: 1rem)', ' tabindex="0" role="region" aria-label="Allocation by day"', ''],
  ['layout/width-320', 'a cut off table', '@media (max-width: 40rem)', '@media (max-width: 1rem)', '.scroll { overflow-x: auto }', '.scroll { overflow: hidden }'],
  ['layout/cells-320', 'a table with columns off the screen', '@media (max-width: 40rem)', '@media (max-width: 1rem)'],
  ['layout/cells-400', 'a table with columns off a larger screen', '@media (max-width: 40rem)', '@media (max-width: 1rem)'],
  ['layout/bars-320', 'a bar longer than its figure', 'width="45%"', 'width="60%"'],
  ['layout/bars-400', 'bars cut off so that all look finished', '.row svg { width: 100%', '.row svg { width: 60rem'],
  ['layout/bars-1280', 'a bar that says no figure', 'data-value="900"/></svg><span>900</span>', 'data-value="900"/></svg><span></span>', '<span>Tuesday</span>', '<span>Day</span>'],
  ['layout/bars-640', 'a chart whose marks say nothing', / data-value="\d+"/g, ''],
  ['layout/width-1280', 'an overflow in what is folded away', '<p class="derivation">CCC789', '<p class="derivation" style="width: 1500px">CCC789'],
  ['layout/room', 'a table wider than its box on a desktop', '.wide td, .wide th { min-width: 8rem }', '.wide td, .wide th { min-width: 30rem }'],
  ['layout/spacing', 'a box that fits one spacing only', '<p class="derivation">AAA123', '<p class="derivation" style="white-space: nowrap; overflow: hidden; width: fit-content; max-width: 18rem">AAA123 <br>'],
  ['layout/labels-320', 'labels too small', 'font: 12px sans-serif; fill', 'font: 6px sans-serif; fill'],
  ['layout/labels-400', 'names too small', '.row { display: grid;', '.row { font-size: 6px; display: grid;'],
  ['layout/labels-1280', 'labels on each other', '<text x="100%"', '<text x="10"'],
  ['layout/labels-1280', 'a label cut off', '<span>Monday</span>', '<span style="margin-left: -3rem">Monday</span>'],
  ['layout/contrast-light', 'a pale label', 'svg text { font: 12px sans-serif; fill: var(--ink) }', 'svg text { font: 12px sans-serif; fill: #999 }'],
  ['layout/contrast-light', 'a dark label on a dark bar', '<rect class="bar" y="4" width="81.5%" height="16" data-value="1630"/>', '<rect class="bar" y="4" width="81.5%" height="16" data-value="1630"/><text x="10" y="16">1,630</text>'],
  ['layout/contrast-dark', 'a label that stays black in the dark', 'svg text { font: 12px sans-serif; fill: var(--ink) }', 'svg text { font: 12px sans-serif; fill: #111 }'],
  ['keyboard/focus-1280', 'no ring', ':focus-visible { outline: 3px solid var(--bar)', ':focus-visible { outline: none'],
  ['keyboard/focus-1280', 'a pale ring', ':focus-visible { outline: 3px solid var(--bar)', ':focus-visible { outline: 3px solid #eee'],
  ['keyboard/order-1280', 'an order of its own', '<a href="#why">', '<a href="#why" tabindex="3">'],
  ['keyboard/order-1280', 'a stop out of sight', '.skip:focus { top: 0 }', ''],
  ['keyboard/order-1280', 'a stop under a bar', '<header>', '<header style="position: fixed; inset: 0 0 auto 0; height: 60rem; background: white; pointer-events: auto">'],
  ['forced/tones', 'two tones with one fill', '</figcaption>',
    `</figcaption><ul class="key">${'<li><svg class="swatch" aria-hidden="true"><rect style="fill: CanvasText" width="9" height="9"/></svg> A tone</li>'.repeat(2)}</ul>`],
  ['forced/patterns', 'a pattern that is not there', 'class="bar" y="4" width="81.5%"', 'class="bar" style="fill: url(#none)" y="4" width="81.5%"'],
  ['axe/1280-light', 'pale text', '<figcaption id', '<figcaption style="color: #aaa" id'],
  ['axe/1280-dark', 'text that stays black in the dark', '--ink: #e8eaed', '--ink: #222222'],
  ['axe/1280-light', 'pale text in what is folded away', '<p class="derivation">CCC789', '<p class="derivation" style="color: #aaa">CCC789'],
  ['axe/320-light', 'an image without words', '</main>', '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>'],
  ['axe/320-dark', 'content outside the landmarks', '<footer><p>The end.</p></footer>', '<p>The end.</p>'],
  ['paper/derivations', 'a derivation left off the paper', '@media print {', '@media print { .derivation { display: none }'],
  ['paper/derivations', 'a derivation folded away on paper', 'details::details-content { content-visibility: visible }', ''],
  ['paper/derivations', 'no derivation at all', / class="derivation"/g, ''],
  ['paper/rows', 'a row left off the paper', '@media print {', '@media print { tr:last-child { display: none }'],
  ['paper/headings', 'a caption left off the paper', '@media print {', '@media print { caption { display: none }'],
  ['paper/prose', 'a paragraph left off the paper', '@media print {', '@media print { footer { display: none }'],
  ['paper/width', 'a table cut off by the paper', '.scroll { overflow: visible }', '.wide td { min-width: 20rem !important }'],
  ['paper/colours', 'a key whose colour is not printed', '<figcaption id="chart-name">', '<figcaption id="chart-name"><span style="display: inline-block; width: 1rem; height: 1rem; background: navy"></span>'],
  ['paper/size', 'small print', '@media print {', '@media print { .derivation { font-size: 5pt }'],
  ['paper/sheets', 'an empty sheet', '@media print {', '@media print { footer { break-before: page; visibility: hidden }'],
  ['paper/sheets', 'another paper', 'size: A4', 'size: A5'],
];

function spoil(good, replacements) {
  let page = good;
  for (let i = 0; i < replacements.length; i += 2) {
    const spoiled = page.replace(replacements[i], replacements[i + 1]);
    if (spoiled === page) throw new Error(`good.html has no ${replacements[i]}`);
    page = spoiled;
  }
  return page;
}

const report = new Report();
const folder = mkdtempSync(join(tmpdir(), 'sluice-pages-test-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const watch = setTimeout(() => {
  console.log(`time is up after ${MOST_SECONDS} seconds\n${report.passed.length} passed, ${report.failed.length + 1} failed`);
  process.exit(1);
}, MOST_SECONDS * 1000);
const browser = await Browser.start();

const good = new Report({ quiet: true });
await checkPage(good, browser, GOOD);
report.check('good', 'a good page passes every check', good.failed.flatMap(({ id, problems }) => problems.map((p) => `${id}: ${p}`)));

const untried = new Set(good.checks.map(({ id }) => id));
const text = readFileSync(GOOD, 'utf8');
for (const [index, [id, fault, ...replacements]] of FAULTS.entries()) {
  const file = join(folder, `${index}.html`);
  writeFileSync(file, spoil(text, replacements));
  const found = new Report({ quiet: true });
  await checkPage(found, browser, file, [id.split('/')[0]]);
  const problems = found.failed.find((check) => check.id === id)?.problems ?? [];
  report.check(id, `finds ${fault}`, problems.length > 0 ? [] : [`not found; failed were: ${found.failed.map((check) => check.id).join(', ') || 'none'}`]);
  untried.delete(id);
}

// The same faults show at other widths too; these checks share their code with one that was tried.
const shared = ['layout/width-640', 'layout/width-400', 'layout/labels-640', 'keyboard/order-320', 'keyboard/focus-320'];
report.check('all', 'each check has found a fault', [...untried].filter((id) => !shared.includes(id)).map((id) => `${id} was never made to fail`));

report.check('paper/torn', 'a sentence torn by a page end is found, one half of which is missing is not', [
  ...(contains('abcdefghijklmnoXXXpqrstuvwxyz', 'abcdefghijklmnopqrstuvwxyz') ? [] : ['torn']),
  ...(contains('abcdefghijklmno', 'abcdefghijklmnopqrstuvwxyz') ? ['half'] : []),
]);

const lock = readFileSync(join(import.meta.dirname, 'package-lock.json'), 'utf8');
report.check('lock', 'the lock file names no host to fetch from', lock.match(/[a-z+]+:\/\/\S+/g) ?? []);

await browser.stop();
clearTimeout(watch);
console.log(report.summary());
process.exitCode = report.failed.length === 0 ? 0 : 1;
