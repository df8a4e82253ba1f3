// What is wrong with a page for its reader.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

export const WIDTHS = [320, 1280] as const;

const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// What is right with a page is long, and costs more on its way here than to find out.
const running = (
  runOnly: object,
) => `axe.run({ runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] }).then(
  ({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;
const RUN = running(RULES);
const only = (rule: string) => running({ type: 'rule', values: [rule] });
const SETTLED = `Promise.race([new Promise((resolve) => setTimeout(resolve, 500)),
  Promise.allSettled(document.getAnimations().map(({ finished }) => finished))]).then(() => true)`;
const FACTS = `({ lang: document.documentElement.lang, title: document.title,
  tooWide: document.documentElement.scrollWidth - innerWidth, headings: document.querySelectorAll('h1').length })`;

interface Facts {
  readonly lang: string;
  readonly title: string;
  readonly tooWide: number;
  readonly headings: number;
}

async function axe(page: Page, run: string): Promise<string[]> {
  // A button that has just been enabled is still on its way to its colours.
  await page.evaluate(SETTLED);
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  return page.evaluate<string[]>(run);
}

/** What is wrong with it to assistive technology (WCAG 2.2 AA). */
const accessFaults = (page: Page): Promise<string[]> => axe(page, RUN);

/** WCAG 2.2 §1.4.3 and §2.5.8 alone: what other colours and widths change. */
export const contrastFaults = (page: Page): Promise<string[]> => axe(page, only('color-contrast'));
export const targetFaults = (page: Page): Promise<string[]> => axe(page, only('target-size'));

/** What is wrong in its width and in its head. */
export async function shapeFaults(page: Page, lang: string): Promise<string[]> {
  const found = await page.evaluate<Facts>(FACTS);
  const faults: string[] = [];
  if (found.tooWide > 0) faults.push(`${found.tooWide} px wider than the screen`);
  if (found.lang !== lang) faults.push(`the language is not ${lang}`);
  if (found.title.replace(/[·–].*/, '').trim() === '') faults.push('the title is empty');
  if (found.headings !== 1) faults.push(`${found.headings} headings of the first level`);
  return faults;
}

export const faultsOf = async (page: Page, lang: string): Promise<string[]> => [
  ...(await accessFaults(page)),
  ...(await shapeFaults(page, lang)),
];
