#!/usr/bin/env node
// node check.mjs FILE.html [--table-report | --index] [--shots DIR] [--seconds N]
// Status: 0 all passed, 1 something failed, 2 wrong use or a tool is missing.

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';

const USE = 'use: node check.mjs FILE.html [--table-report | --index] [--shots DIR] [--seconds N]';

function stop(message) {
  console.error(message);
  process.exit(2);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        'table-report': { type: 'boolean', default: false }, index: { type: 'boolean', default: false },
        shots: { type: 'string' }, seconds: { type: 'string', default: '900' },
      },
    });
    const seconds = Number(values.seconds);
    if (positionals.length !== 1 || !(seconds > 0)) stop(USE);
    if (!statSync(positionals[0], { throwIfNoEntry: false })?.isFile()) stop(`no such file: ${positionals[0]}`);
    const kind = (values.index && 'index') || (values['table-report'] && 'report') || 'allocation';
    return { file: positionals[0], kind, shots: values.shots, seconds };
  } catch (error) {
    return stop(`${error.message}\n${USE}`);
  }
}

async function load() {
  try {
    const modules = { ...await import('./lib/browser.mjs'), ...await import('./lib/run.mjs'), ...await import('./lib/report.mjs'), ...await import('./lib/pictures.mjs') };
    if (!modules.chromiumIsThere()) stop('no Chromium: apt-get install chromium (or set CHROMIUM)');
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return modules;
  } catch (error) {
    if (error.code === 'ENOENT') stop('no pdftotext: apt-get install poppler-utils');
    if (error.code === 'ERR_MODULE_NOT_FOUND') stop(`${error.message}\nfirst: npm ci (in ${import.meta.dirname})`);
    throw error;
  }
}

const { file, kind, shots, seconds } = readArguments();
const { Browser, Report, checkPage, target, takePictures } = await load();
const report = new Report();
const browser = await Browser.start();

/** Ends the program; the browser gets a moment to go and is killed with its folder if it does not. */
async function finish() {
  report.close();
  await Promise.race([browser.stop(), new Promise((done) => { setTimeout(done, 5000); })]);
  console.log(report.summary());
  process.exit(report.failed.length === 0 ? 0 : 1);
}

async function work() {
  await checkPage(report, browser, file, undefined, kind);
  if (shots && !report.closed) await takePictures(browser, target(file), shots);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { browser.stop().finally(() => process.exit(1)); });
let watch;
const late = new Promise((done) => { watch = setTimeout(() => done(true), seconds * 1000); });
const cutShort = await Promise.race([late, work().catch((error) => { if (!report.closed) throw error; })]);
clearTimeout(watch);
if (cutShort) report.check('time', `done within ${seconds} seconds`, ['time is up; what follows was not checked']);
await finish();
