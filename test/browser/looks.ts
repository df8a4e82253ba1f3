// A page in the ways in which people look at it: languages, widths, colours, sizes, motion.
import type { Page, Response } from 'playwright-core';
import { contrastFaults, faultsOf, shapeFaults, targetFaults } from './faults.ts';
import { HEAVIEST, markupFaults, scales } from './markup.ts';

type Media = NonNullable<Parameters<Page['emulateMedia']>[0]>;

interface Look {
  readonly width: number;
  readonly media: Media;
  readonly faults: (page: Page, lang: string) => Promise<string[]>;
  /** Of so many pages one is looked at so; left out: each. */
  readonly oneOf?: number;
}

const LIGHT = { colorScheme: 'light', forcedColors: 'none' } as const;
const DARK = { colorScheme: 'dark', forcedColors: 'none' } as const;
const FORCED = { colorScheme: 'light', forcedColors: 'active' } as const;
const DARK_FORCED = { colorScheme: 'dark', forcedColors: 'active' } as const;

/**
 * Not every pair of language, width and colours, but each claim on each page: structure and names come from one
 * template, so all rules in English, and in Spanish on one page of three; contrast on the colours, so in light and dark, and in both forced ones, whose colours are the reader's, on one page of
 * five; the size of targets and the
 * width on the length of words, so at 320 px in both languages; text at 200 % in the language with the longer words.
 */
const LOOKS: Readonly<Record<string, readonly Look[]>> = {
  en: [
    { width: 320, media: LIGHT, faults: faultsOf },
    { width: 1280, media: FORCED, faults: shapeFaults },
    { width: 1280, media: FORCED, faults: contrastFaults, oneOf: 5 },
  ],
  es: [
    { width: 320, media: DARK, faults: both(contrastFaults, targetFaults, shapeFaults, largeTextFaults) },
    { width: 320, media: DARK, faults: faultsOf, oneOf: 3 },
    { width: 1280, media: DARK_FORCED, faults: contrastFaults, oneOf: 5 },
  ],
};

/** Of the page that is open, as readers of this language look at it; of ours the served document as well. */
export function looksAt(page: Page, origin: string) {
  let last: Response | undefined;
  page.on('response', (response) => {
    const isDocument = response.request().resourceType() === 'document';
    if (isDocument && Math.floor(response.status() / 100) !== 3) last = response;
  });
  const weigh = scales(origin);
  let pages = 0;
  return async (readers: string, lang = readers): Promise<Record<string, string[]>> => {
    const found: Record<string, string[]> = {};
    pages += 1;
    // What has its language may still wait for its styles.
    await page.waitForLoadState();
    for (const { width, media, faults, oneOf = 1 } of LOOKS[readers] ?? []) {
      if (pages % oneOf !== 0) continue;
      await page.emulateMedia({ ...media, reducedMotion: readers === 'es' ? 'reduce' : 'no-preference' });
      await page.setViewportSize({ width, height: 800 });
      const name = `${width} px, ${media.colorScheme}, forced colours ${media.forcedColors}`;
      found[name] = [...(found[name] ?? []), ...(await faults(page, lang))];
    }
    if (readers === 'es') found['reduced motion'] = await page.evaluate<string[]>(MOVING);
    if (page.url().startsWith(`${origin}/`)) {
      const html = (await last?.text()) ?? '';
      found.markup = markupFaults(html);
      const bytes = await weigh(html);
      found.weight = bytes < HEAVIEST ? [] : [`${bytes} bytes`];
    }
    return Object.fromEntries(Object.entries(found).filter(([, faults]) => faults.length > 0));
  };
}

function both(...parts: readonly Look['faults'][]): Look['faults'] {
  return async (page, lang) => {
    const found: string[] = [];
    for (const part of parts) found.push(...(await part(page, lang)));
    return found;
  };
}

// WCAG 2.2 §2.3.3: what moves all the same.
const MOVING = `[...document.querySelectorAll('*')].filter((element) => {
  const { animationName, animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(element);
  const lasts = (text) => text.split(',').some((part) => parseFloat(part) > 0.01);
  return (animationName !== 'none' && lasts(animationDuration)) || lasts(transitionDuration) || scrollBehavior === 'smooth';
}).map(({ outerHTML }) => outerHTML.slice(0, 120))`;

// WCAG 2.2 §1.4.4: what is cut off or runs out of the screen when only the text is twice as large.
const CUT_OFF = `(() => {
  const { style } = document.documentElement;
  style.fontSize = '200%';
  const cut = [...document.querySelectorAll('main *, header *, footer *')].filter((element) => {
    const { overflowX, overflowY, clipPath, position } = getComputedStyle(element);
    if (clipPath !== 'none' || position === 'absolute' || element.clientWidth < 2) return false;
    const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
    return (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
      (hides(overflowY) && element.scrollHeight > element.clientHeight + 1);
  }).map(({ outerHTML }) => 'cut off at 200 %: ' + outerHTML.slice(0, 120));
  const tooWide = document.documentElement.scrollWidth - innerWidth;
  style.fontSize = '';
  return tooWide > 0 ? [...cut, tooWide + ' px too wide at 200 %'] : cut;
})()`;

function largeTextFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(CUT_OFF);
}
