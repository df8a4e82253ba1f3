import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf, WIDTHS } from './faults.ts';

let chromium: Chromium;
let world: World;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

/** Walks through every page of a patient, and calls `seen` on each. */
async function walk({ page, device }: Person, seen: (name: string, lang?: string) => Promise<void>) {
  const arrive = (name: string) => page.locator(`main.page-${name}`).waitFor();
  const submit = (selector: string) => page.locator(selector).click();
  const connect = async () => {
    await page.goto(`${world.appOrigin}/launch`);
    await page.waitForURL(`${world.issuer}/interaction/**`);
  };

  await page.goto(world.issuer);
  await seen('home');
  await page.goto(`${world.issuer}/invitation`);
  await page.locator('.status.warning').waitFor();
  await seen('invitation without its code');
  await page.goto(await invitationFor(world, 'Ana Rivera'));
  await page.locator('[data-hello-text]').waitFor();
  await seen('invitation');
  await submit('[data-create] button');
  await arrive('enrolled');
  await seen('enrolled');
  await page.goto(`${world.issuer}/my`);
  await seen('my apps, none');

  await page.goto(world.appOrigin);
  await seen('the app', 'en');
  await connect();
  await arrive('consent');
  await seen('consent');
  await submit('button[value="share"]');
  await page.locator('[role=alert]').waitFor();
  await seen('consent with a problem');
  for (const choice of ['Patient.view', 'Observation.laboratory.view'])
    await page.locator(`input[value="${choice}"]`).check();
  await submit('button[value="share"]');
  await page.locator('#lab-results tbody tr').first().waitFor();
  await seen('the app with results', 'en');
  await connect();
  await arrive('consent');
  await seen('consent of a returning patient');
  await submit('button[value="deny"]');
  await page.locator('#error').waitFor();
  await seen('the app after a refusal', 'en');

  await page.goto(`${world.issuer}/my`);
  await seen('my apps, one');
  await submit('article.app a.danger');
  await arrive('stop-sharing');
  await seen('stop');
  await submit('main form button');
  await arrive('stopped');
  await seen('stopped');
  await page.goto(`${world.issuer}/my`);
  await submit('form.identity button');
  await arrive('signed-out');
  await seen('signed out');

  await device.forgets('Ana Rivera');
  await page.goto(`${world.issuer}/my`);
  await page.locator('[data-autofill] input').waitFor();
  await seen('sign-in');
  await connect();
  await arrive('sign-in');
  await seen('sign-in for an app');
  await page.goto(`${world.issuer}/nothing`);
  await seen('error');
  await page.goto(`${world.appOrigin}/nothing`);
  await seen('the app’s error', 'en');
}

test.each([
  ['en-US', 'en'],
  ['es-US', 'es'],
])(
  'in %s every page is accessible and fits, at 320 and at 1280 px (WCAG 2.2 AA, 1.4.10)',
  async (locale, lang) => {
    const person = await chromium.person({ locale });
    const seen: string[] = [];
    const faults: Record<string, string[]> = {};
    await walk(person, async (name, own = lang) => {
      seen.push(name);
      for (const width of WIDTHS) {
        await person.page.setViewportSize({ width, height: 800 });
        const found = await faultsOf(person.page, own);
        if (found.length > 0) faults[`${name}, ${width} px`] = found;
      }
    });
    expect(faults).toEqual({});
    expect(seen).toHaveLength(19);
    expect(person.complaints).toEqual([]);
    await person.context.close();
  },
);

describe('a reader’s own colours and sizes', () => {
  const settings = [
    ['dark', { colorScheme: 'dark' }],
    ['forced colours', { forcedColors: 'active' }],
    ['dark forced colours', { colorScheme: 'dark', forcedColors: 'active' }],
    ['no motion', { reducedMotion: 'reduce' }],
    // WCAG 2.2 §1.4.4 and §1.4.10: 1280 px at 400 % is 320 px.
    ['a narrow screen and large text', { viewport: { width: 320, height: 256 } }],
  ] as const;

  test.each(settings)('%s: the pages of a decision stay accessible', async (_name, options) => {
    const person = await chromium.person(options);
    const { page } = person;
    await page.goto(await invitationFor(world, 'James Okafor'));
    await page.locator('[data-hello-text]').waitFor();
    const faults = await faultsOf(page, 'en');
    await page.locator('[data-create] button').click();
    await page.locator('main.page-enrolled').waitFor();
    await page.goto(`${world.appOrigin}/launch`);
    await page.locator('main.page-consent').waitFor();
    await page.locator('input[type=checkbox]').first().check();
    faults.push(...(await faultsOf(page, 'en')));
    expect(faults).toEqual([]);
    await person.context.close();
  });
});
