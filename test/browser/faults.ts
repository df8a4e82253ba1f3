// What is wrong with a page for its reader.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

export const WIDTHS = [320, 1280] as const;

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What is wrong with the page for a reader: to assistive technology, in its width, in its head. */
export async function faultsOf(page: Page, lang: string): Promise<string[]> {
  const faults: string[] = [];
  // Without frames there is nothing to gather on a page of its own.
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode().analyze();
  for (const { id, nodes } of violations) faults.push(`${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  if (width > 0) faults.push(`${width} px wider than the screen`);
  if ((await page.locator('html').getAttribute('lang')) !== lang) faults.push(`the language is not ${lang}`);
  if ((await page.title()).replace(/[·–].*/, '').trim() === '') faults.push('the title is empty');
  const headings = await page.locator('h1').count();
  if (headings !== 1) faults.push(`${headings} headings of the first level`);
  return faults;
}
