// Pictures for people to look at.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unfold } from './browser.mjs';
import { print, tool } from './paper.mjs';

/** A picture higher than this helps nobody. */
const HIGHEST_PX = 8000;
const SHEETS = 4;

const VIEWS = [
  { name: 'desktop', width: 1280 },
  { name: 'desktop-dark', width: 1280, colours: 'dark' },
  { name: 'desktop-unfolded', width: 1280, open: true },
  { name: 'desktop-grey', width: 1280, vision: 'achromatopsia' },
  { name: 'desktop-forced-colours', width: 1280, colours: 'dark', forced: 'active' },
  { name: '320', width: 320, height: 640 },
  { name: '320-dark', width: 320, height: 640, colours: 'dark' },
];

async function shoot(browser, url, folder, { name, open, vision, ...options }) {
  const view = await browser.open(url, options);
  if (open) await unfold(view.page);
  if (vision) {
    const session = await view.page.context().newCDPSession(view.page);
    await session.send('Emulation.setEmulatedVisionDeficiency', { type: vision });
  }
  const height = await view.page.evaluate(() => document.documentElement.scrollHeight);
  await view.page.screenshot({
    path: join(folder, `${name}.png`),
    fullPage: true,
    clip: { x: 0, y: 0, width: options.width, height: Math.min(height, HIGHEST_PX) },
  });
  await view.close();
}

export async function takePictures(browser, { url }, folder) {
  mkdirSync(folder, { recursive: true });
  for (const view of VIEWS) await shoot(browser, url, folder, view);
  tool('pdftoppm', '-png', '-r', '90', '-l', String(SHEETS), await print(browser, url), join(folder, 'paper'));
}
