// Debian's Chromium, in a folder of its own that goes away with it, and never on the network.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** One operation of the browser may take this long: far above what it takes, because other work may share the machine. */
const STEP_MS = 120_000;

export function chromiumIsThere() {
  return existsSync(CHROMIUM);
}

export class Browser {
  static async start() {
    const home = mkdtempSync(join(tmpdir(), 'sluice-pages-'));
    const forget = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    process.once('exit', forget);
    // The browser's profile, caches and crash reports all land in `home`.
    const environment = {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: home,
      TMPDIR: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
      XDG_RUNTIME_DIR: home,
    };
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      args: ARGUMENTS,
      env: environment,
      timeout: STEP_MS,
    });
    return new Browser(browser, home);
  }

  constructor(browser, home) {
    this.browser = browser;
    this.home = home;
  }

  /**
   * A window with one page in it. The page's own scripts run only if `scripts`; nothing but `url` may be loaded,
   * and what else was asked for is in `requests`.
   */
  async open(url, { width = 1280, height = 900, colours = 'light', forced = 'none', scripts = false } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: colours,
      forcedColors: forced,
      javaScriptEnabled: scripts,
      locale: 'en-GB',
      timezoneId: 'Europe/London',
      reducedMotion: 'reduce',
      bypassCSP: true,
    });
    context.setDefaultTimeout(STEP_MS);
    const requests = [];
    const outside = (address) => address !== url && !address.startsWith('about:');
    context.on('request', (request) => {
      if (outside(request.url())) requests.push(`${request.resourceType()} ${request.url().slice(0, 200)}`);
    });
    await context.route('**/*', (route) => (outside(route.request().url()) ? route.abort() : route.continue()));
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'load' });
    return { page, requests, close: () => context.close() };
  }

  /** An empty page with scripts, to compare pictures in. */
  async workbench() {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    return { page, close: () => context.close() };
  }

  async stop() {
    await this.browser.close().catch(() => {});
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Opens every `<details>`, so that what is folded away is checked too. */
export function unfold(page) {
  return page.evaluate(() => {
    const folded = [...document.querySelectorAll('details:not([open])')];
    for (const details of folded) details.open = true;
    return folded.length;
  });
}

/** Adds a style to the page (whose scripts are off) and answers how to take it away again. */
export async function addStyle(page, css) {
  await page.evaluate((text) => {
    const style = document.head.appendChild(document.createElement('style'));
    style.className = 'of-the-check';
    style.textContent = text;
  }, css);
  return () => page.evaluate(() => document.querySelector('style.of-the-check').remove());
}
