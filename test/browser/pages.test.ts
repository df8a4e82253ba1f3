import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { createWorld, type World } from '../setup/world.ts';
import { farewell, herAccount, theWayBack } from './account-walk.ts';
import { looksAt } from './looks.ts';
import { markupFaults, scales } from './markup.ts';
import { firstVisit, herApp, type Seen } from './patient-walk.ts';

let chromium: Chromium;
let world: World;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
  const { patient, representation } = world.store.prisma;
  const [ana, james] = await Promise.all(
    ['Ana Rivera', 'James Okafor'].map((name) => patient.findFirstOrThrow({ where: { name } })),
  );
  await representation.create({
    data: {
      ...{ id: randomUUID(), representativeId: james?.id ?? '', patientId: ana?.id ?? '' },
      ...{ relationship: 'caregiver', basis: 'named', startsAt: new Date(Date.now() - 1_000) },
    },
  });
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

// Pages of staff, and those of patients that rarer-pages, standing-page and ehr-launch look at.
const OTHERS =
  /^(admin|developer|staff)-|^(layout|inventory|choose-patient|identity|sign-out|still-signed-in)$/;
const RARER = ['ehr-launch', 'standing-refused'];

/** Templates that are pages, and not parts of one. */
const pagesOfPatients = () =>
  readdirSync('views')
    .filter(
      (file) => file.endsWith('.eta') && /\blayout\('layout'/.test(readFileSync(`views/${file}`, 'utf8')),
    )
    .map((file) => file.replace('.eta', ''))
    .filter((name) => !OTHERS.test(name) && !RARER.includes(name));

test.each([
  ['en-US', 'en'],
  ['es-US', 'es'],
])('in %s every page is accessible, fits, is valid and light (WCAG 2.2 AA, HTML)', async (locale, lang) => {
  const person = await chromium.person({ locale });
  const look = looksAt(person.page, world.issuer);
  const names = new Set<string>();
  const templates = new Set<string>();
  const faults: Record<string, Record<string, string[]>> = {};
  const seen: Seen = async (name, own = lang) => {
    names.add(name);
    const main = await person.page.locator('main').getAttribute('class');
    templates.add(/\bpage-([\w-]+)/.exec(main ?? '')?.[1] ?? '');
    const found = own === lang ? await look(lang) : {};
    if (Object.keys(found).length > 0) faults[name] = found;
  };
  await firstVisit(person, world, seen);
  await herApp(person, world, seen);
  const code = await herAccount(person, world, seen);
  await theWayBack(person, world, seen, code);
  await farewell(person, world, seen);
  expect(faults).toEqual({});
  expect(names.size).toBe(61);
  expect(pagesOfPatients().filter((name) => !templates.has(name))).toEqual([]);
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test('what looks at pages finds the faults that it is there for', async () => {
  const { page, context } = await chromium.person({ locale: 'es-US' });
  const spoilt = `<!doctype html><html lang="es"><head><title>A</title></head><body><main><h1>A</h1>
    <p style="color: #999; background: #fff">pale</p><button style="width: 9px; height: 9px; padding: 0">a</button>
    <button style="width: 9px; height: 9px; padding: 0">b</button><img src="/x.png">
    <p style="transition: opacity 1s">moves</p><p style="width: 340px">wide</p>
    <p style="overflow: hidden; height: 24px; line-height: 1.2rem">cut off here</p>
    </main></body></html>`;
  await page.route(`${world.issuer}/spoilt`, (route) =>
    route.fulfill({ body: spoilt, contentType: 'text/html' }),
  );
  await page.goto(`${world.issuer}/spoilt`);
  const look = looksAt(page, 'https://elsewhere.example');
  // By all rules each third time only.
  const [found = {}, ...others] = [await look('es'), await look('es'), await look('es')];
  const text = JSON.stringify([found, ...others]);
  for (const fault of [
    'color-contrast: ',
    'target-size: ',
    'image-alt: ',
    'wider than the screen',
    'cut off at 200 %',
  ])
    expect(text).toContain(fault);
  expect(Object.keys(found)).toContain('reduced motion');
  await context.close();
  expect(markupFaults(spoilt).join()).toMatch(/<img>.*alt/);
  expect(
    markupFaults('<!doctype html><html lang="en"><body><a href="/"><button>a</button></a>').length,
  ).toBeGreaterThan(1);
  const weigh = scales(world.issuer);
  const script = await (await fetch(`${world.issuer}/assets/passkey.js`)).text();
  const further = await (await fetch(`${world.issuer}/assets/ceremony.js`)).text();
  const bytes = await weigh('<script src="/assets/passkey.js"></script>');
  expect(bytes).toBeGreaterThanOrEqual(script.length + further.length);
  expect(
    await weigh('<link href="/assets/postern.css"><script src="/assets/passkey.js"></script>'),
  ).toBeGreaterThan(bytes);
});
