// npm run screenshots: the demo on a throwaway directory, a patient's way through it in Chromium, and docs/screenshots.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walking } from '../browser/steps.ts';
import { openChromium } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld } from '../setup/world.ts';

const DIRECTORY = 'docs/screenshots';
const MOST_FILES = 10;
const MOST_BYTES = 1.5 * 1024 * 1024;

const shared = mkdtempSync(join(tmpdir(), 'postern-screenshots-'));
process.env.TEST_POSTGRES_DIRECTORY = shared;
const [chromium, world] = await Promise.all([openChromium(), createWorld('embedded')]);
rmSync(DIRECTORY, { recursive: true, force: true });
mkdirSync(DIRECTORY, { recursive: true });

const person = await chromium.person({ autofill: false, locale: 'en-US', reducedMotion: 'reduce' });
const { page } = person;
const { arrive, click, open, connect } = walking(person, world);

/** Of the page that is open: `height` where the page is not shown to its end. */
async function picture(name: string, lang: 'en' | 'es', width: 320 | 1280, height?: number): Promise<void> {
  await page.setViewportSize({ width, height: height ?? 800 });
  const url = new URL(page.url());
  url.searchParams.set('lang', lang);
  await page.goto(url.href);
  await page.mouse.move(0, 0);
  const path = join(DIRECTORY, `${name}-${lang}-${width}.png`);
  await page.screenshot({ path, fullPage: height === undefined, animations: 'disabled' });
}

await open('/my');
await picture('sign-in', 'en', 1280, 800);
await picture('sign-in', 'es', 320, 720);
await open('/my?lang=en');
await page.goto(await invitationFor(world, 'Ana Rivera'));
await click('[data-create] button');
await arrive('enrolled');
await connect();
await arrive('consent');
await picture('consent', 'es', 320, 1_400);
await picture('consent', 'en', 1280);
for (const choice of ['Patient.view', 'Observation.laboratory.view', 'Observation.vital-signs.view'])
  await page.locator(`input[value="${choice}"]`).check();
await click('button[value="share"]');
const again = page.locator('#read-again');
for (let reads = 0; reads < 3; reads += 1) await again.click();
await page.locator('#lab-results tbody tr').first().waitFor();
await open('/my');
await picture('my-apps', 'es', 320, 1_100);
await picture('my-apps', 'en', 1280);
await open('/my/apps/lantern-health/change');
await picture('change', 'en', 320, 1_100);
await open('/my/history');
await picture('history', 'en', 1280, 1_100);
await open('/my/security');
await picture('passkeys', 'en', 1280);
await picture('passkeys', 'es', 320, 1_100);

await chromium.close();
await world.stop();
rmSync(shared, { recursive: true, force: true });
const files = readdirSync(DIRECTORY).map((file) => ({ file, bytes: statSync(join(DIRECTORY, file)).size }));
const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
for (const one of files) console.log(`${String(one.bytes).padStart(8)} ${one.file}`);
console.log(`${String(bytes).padStart(8)} in ${files.length} files`);
if (files.length > MOST_FILES || bytes > MOST_BYTES)
  throw new Error('the screenshots are too many or too large');
process.exit(0);
