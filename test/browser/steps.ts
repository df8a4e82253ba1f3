// What a person does on the pages, as the stories tell it.
import type { Page } from 'playwright-core';
import type { Person } from '../setup/chromium.ts';
import type { World } from '../setup/world.ts';

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Waits until the page has the heading. */
export async function arriveAt(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
}

export async function makePasskey(page: Page, invitation: string): Promise<void> {
  await page.goto(invitation);
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');
}

/** From the app's own page to the first page of ours. */
export async function connect(page: Page, world: World): Promise<void> {
  await page.goto(world.appOrigin);
  await page.getByRole('link', { name: 'Connect my health record' }).click();
  await page.waitForURL(`${world.issuer}/interaction/**`);
}

export async function share(page: Page, kinds: readonly string[]): Promise<void> {
  await arriveAt(page, 'Share your health record with Lantern Health?');
  for (const kind of kinds) await page.getByRole('checkbox', { name: kind, exact: true }).check();
  await button(page, 'Share').click();
}

/** What the app says that it read. */
export async function readings(page: Page, world: World): Promise<string> {
  await page.waitForURL(`${world.appOrigin}/app`);
  const status = page.getByRole('status').filter({ hasText: /results? read at/ });
  return (await status.textContent()) ?? '';
}

/** Moves the focus by Tab alone until it is on what the selector names. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}

/** In whatever language: by templates and selectors. */
export function walking({ page }: Person, world: World) {
  return {
    arrive: (name: string) => page.locator(`main.page-${name}`).waitFor(),
    click: (selector: string) => page.locator(selector).first().click(),
    open: (path: string) => page.goto(new URL(path, world.issuer).href),
    connect: async () => {
      await page.goto(`${world.appOrigin}/launch`);
      await page.waitForURL(`${world.issuer}/interaction/**`);
    },
  };
}
