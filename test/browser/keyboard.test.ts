// The six journeys of a patient with Tab, Enter and Space alone (WCAG 2.2 §2.1.1). On every stop of the focus it is seen
// where it is (§2.4.7), and nothing lies over it (§2.4.11).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { walking } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
let ana: Person;
let page: Page;
let at: ReturnType<typeof walking>;

beforeAll(async () => {
  visits = await openVisits();
  ana = await visits.visitor({ autofill: false, viewport: { width: 640, height: 480 } });
  page = ana.page;
  at = walking(ana, visits.world);
});
afterAll(() => visits.close());

// What is wrong with the place of the focus; null: it is on nothing.
const FOCUS = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  // A box shows it on the card around it.
  const shown = [element, element.closest('.card')].filter((one) => one !== null);
  const look = () => shown.map((one) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(one);
    return [outlineStyle === 'none' ? 'none' : outlineStyle + outlineWidth + outlineColor, boxShadow].join();
  }).join();
  const focused = look();
  element.blur();
  const faults = look() === focused ? ['the focus is not seen'] : [];
  element.focus({ preventScroll: true });
  const { left, top, width, height } = element.getBoundingClientRect();
  const seen = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].some(([x, y]) => {
    const hit = document.elementFromPoint(left + width * x, top + height * y);
    return hit !== null && (element.contains(hit) || hit.contains(element));
  });
  return seen ? faults : [...faults, 'the focus is covered or out of sight'];
})()`;

const faultsOfFocus = () => page.evaluate<string[] | null>(FOCUS);

/** Tab until the focus is on what the selector names. */
async function tabTo(selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const where = await page.evaluate<string>('document.activeElement?.outerHTML.slice(0, 160) ?? ""');
    const faults = await faultsOfFocus();
    if (faults === null) continue;
    expect([where, faults]).toEqual([where, []]);
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`Tab does not reach ${selector} on ${page.url()}`);
}

async function enter(selector: string, template?: string): Promise<void> {
  await tabTo(selector);
  await page.keyboard.press('Enter');
  if (template !== undefined) await at.arrive(template);
}

const space = async (selector: string) => {
  await tabTo(selector);
  await page.keyboard.press('Space');
};

test('enrol', async () => {
  await page.goto(await invitationFor(visits.world, 'Ana Rivera'));
  await page.locator('[data-hello-text]').waitFor();
  await enter('[data-create] button', 'enrolled');
  await enter('main a[href="/my"]', 'my-apps');
});

test('sign in and share', async () => {
  await enter('form.identity button', 'signed-out');
  await page.goto(`${visits.world.appOrigin}/launch`);
  await at.arrive('sign-in');
  await enter('main button[type="submit"]', 'consent');
  await space('input[value="Patient.view"]');
  await space('input[value="Observation.laboratory.view"]');
  await enter('button[value="share"]');
  await page.waitForURL(`${visits.world.appOrigin}/app**`);
  await page.locator('#lab-results tbody tr').first().waitFor();
});

test('change what is shared', async () => {
  await at.open('/my');
  await enter('article.app a[href$="/change"]', 'change-sharing');
  await space('input[value="Patient.view"]');
  await enter('button[value="review"]', 'change-review');
  await enter('button[value="confirm"]', 'changed');
  await enter('main a.button', 'my-apps');
  expect(await page.locator('article.app').textContent()).not.toContain('Name and contact details');
});

test('history and export', async () => {
  await enter('main nav a[href^="/my/history"]', 'history');
  await enter('form.filters button', 'history');
  const file = page.waitForEvent('download');
  await enter('a[download][href*="csv"]');
  expect((await file).suggestedFilename()).toMatch(/\.csv$/);
});

test('stop', async () => {
  await at.open('/my');
  await enter('article.app a.danger', 'stop-sharing');
  await enter('main form button', 'stopped');
});

test('recover', async () => {
  await at.open('/my/recovery');
  await enter('main form button', 'recovery-codes-made');
  const code = (await page.locator('.codes code').first().textContent()) ?? '';
  await at.open('/my');
  await enter('form.identity button', 'signed-out');
  await ana.device.forgets('Ana Rivera');
  await enter('main a[href="/my"]', 'sign-in');
  await enter('main a[href="/recovery"]', 'recovery');
  await tabTo('#code');
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
  await at.arrive('recovery-proof');
  await enter('main form button', 'prove-identity');
  await enter('main a[href*="/to/"]');
  await page.locator('button[value="demo-ana-rivera 2"]').waitFor();
  await enter('button[value="demo-ana-rivera 2"]', 'recovery-passkey');
  await enter('main form button', 'recovered');
  expect(ana.complaints).toEqual([]);
});

test('what looks at the focus finds that it is not seen, or is covered', async () => {
  await page.route(`${visits.world.issuer}/spoilt`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<style>#a { outline: none }</style><button id="a">a</button><button id="b">b</button>
        <button id="c">c</button><p style="position: absolute; left: 300px"><button id="d">d</button></p>
        <p style="position: fixed; inset: 0 0 0 200px; background: red"></p>`,
    }),
  );
  await at.open('/spoilt');
  const found: unknown[] = [];
  for (let presses = 0; presses < 4; presses += 1) {
    await page.keyboard.press('Tab');
    found.push(await faultsOfFocus());
  }
  expect(found).toEqual([['the focus is not seen'], [], [], ['the focus is covered or out of sight']]);
});
