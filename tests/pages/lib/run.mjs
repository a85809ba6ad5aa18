// All checks of one page, in the order a reader of the result wants them.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkAxe } from './axe.mjs';
import { checkDocument } from './document.mjs';
import { checkForced } from './forced.mjs';
import { checkKeyboard } from './keyboard.mjs';
import { checkLayout } from './layout.mjs';
import { checkPaper } from './paper.mjs';

const GROUPS = {
  document: checkDocument, layout: checkLayout, forced: checkForced, keyboard: checkKeyboard, axe: checkAxe, paper: checkPaper,
};

export const target = (file) => ({ file: resolve(file), url: pathToFileURL(resolve(file)).href });

/**
 * `groups`: which of them; all when not said. `kind`: an 'allocation' must have derivations, charts and tables, a 'report'
 * charts and tables, an 'index' none of them. A check that cannot be done counts as failed.
 */
export async function checkPage(report, browser, file, groups = Object.keys(GROUPS), kind = 'allocation') {
  for (const group of groups) {
    try {
      await GROUPS[group](report, browser, { ...target(file), kind });
    } catch (error) {
      report.check(`${group}/done`, 'these checks could be done', [String(error.message ?? error).split('\n')[0]]);
    }
  }
}
