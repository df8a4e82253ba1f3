import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { harbor, sandboxBase } from '../developer/portal.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf, shapeFaults, WIDTHS } from './faults.ts';

let chromium: Chromium;
let world: World;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

async function signIn({ page }: Person): Promise<void> {
  await page.goto(await staffInvitation(world, 'dana-whitfield'));
  await page.locator('[data-create] button').click();
  await page.waitForURL('**/staff/enrolled');
}

/** Fills in the form of a sandbox app, as far as it has to be. */
async function fillIn({ page }: Person, name: string): Promise<void> {
  const { purposeStatement, websiteUrl, redirectUris } = harbor(world);
  for (const [field, value] of Object.entries({ name, purposeStatement, websiteUrl, redirectUris }))
    await page.locator(`[name="${field}"]`).fill(String(value));
  await page.locator(`[name="audiences"][value="${sandboxBase(world)}"]`).check();
}

const save = ({ page }: Person) => page.locator('button.primary[value="save"]').click();

/** Another organization offers its app to this person. */
async function offerTo(newOwnerId: string): Promise<string> {
  const { prisma } = world.store;
  await prisma.appTransfer.deleteMany();
  const to = { toOrganizationId: 'lantern', newOwnerId, proposedBy: 'grace-okafor' };
  const from = { appId: 'tidewater-plan', fromOrganizationId: 'tidewater' };
  const { id } = await prisma.appTransfer.create({ data: { id: randomUUID(), ...from, ...to } });
  return id;
}

/** Walks through every page of the portal, and calls `seen` on each. */
async function walk(person: Person, lang: string, seen: (name: string) => Promise<void>): Promise<void> {
  const { page } = person;
  const open = async (path: string, name: string) => {
    await page.goto(`${world.issuer}${path}`);
    await seen(name);
  };
  await open('/developer', 'apps');
  await open('/developer/apps/new', 'new app');
  await save(person);
  await page.locator('.fault-summary').waitFor();
  await seen('new app with faults');
  await fillIn(person, 'Harbor');
  await save(person);
  await page.waitForURL('**/developer/apps/*?done=app-created');
  await seen('app, sandbox');
  const sandbox = new URL(page.url()).pathname;
  for (const tab of ['edit', 'quick-start', 'changes', 'people'])
    await open(`${sandbox}/${tab}`, `sandbox ${tab}`);
  const backend = `/developer/apps/${world.backendId}`;
  for (const tab of ['', '/submit', '/keys', '/refusals', '/test-key', '/changes'])
    await open(`${backend}${tab}`, `backend ${tab}`);
  await page.goto(`${world.issuer}${backend}/test-key`);
  await page.locator('[name="assertion"]').fill('nonsense');
  await page.locator('main form button').click();
  await page.locator('[role="alert"]').waitFor();
  await seen('a key that was tested');
  for (const path of ['organization', 'people', 'people/miguel-santos', 'transfers', 'domains', 'tokens'])
    await open(`/developer/${path}`, path);
  await open(`${backend}/transfer?to=tidewater`, 'a transfer');
  await open('/developer/apps/new?environment=production', 'new app for production');
  await page.goto(`${world.issuer}/developer/people`);
  await page.locator('main form.panel button').click();
  await page.locator('.fault-summary').waitFor();
  await seen('an invitation with faults');
  await page.locator('#field-name').fill('Rosa Lind');
  await page.locator('#field-email').fill(`rosa.${lang}@lantern.example`);
  await page.locator('[name="roles"][value="developer"]').check();
  await page.locator('main form.panel button').click();
  await page.locator('pre.once').waitFor();
  await seen('an invitation');
  await open(`/developer/transfers/${await offerTo('dana-whitfield')}`, 'an offer');
  await open('/developer/apps/none', 'an app that is not there');
}

test('every page of the portal is accessible and fits (WCAG 2.2 AA, 1.4.10)', async () => {
  const lang = 'en';
  const person = await chromium.person({ locale: 'en-US' });
  await signIn(person);
  const [seen, faults]: [string[], Record<string, string[]>] = [[], {}];
  await walk(person, lang, async (name) => {
    seen.push(name);
    for (const width of WIDTHS) {
      await person.page.setViewportSize({ width, height: 800 });
      const look = width === 320 ? faultsOf : shapeFaults;
      const found = await look(person.page, lang);
      if (found.length > 0) faults[`${name}, ${width} px`] = found;
    }
  });
  expect(faults).toEqual({});
  expect(seen).toHaveLength(27);
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test('the preview follows the form as it is typed and ticked, and the scopes follow the boxes', async () => {
  const person = await chromium.person();
  const { page } = person;
  await signIn(person);
  await page.goto(`${world.issuer}/developer/apps/new`);
  const preview = page.locator('.preview');
  await page.locator('[name="name"]').fill('Tidewater');
  await preview.getByText('Share your health record with Tidewater?').waitFor();
  const scopes = page.locator('[name="scopeCeiling"]');
  await page.getByText('Other kinds of data').click();
  await page.getByRole('checkbox', { name: 'View: Vaccines' }).check();
  await preview.getByText('Your shots, and when you got them.').waitFor();
  expect(await scopes.inputValue()).toContain('patient/Immunization.rs');
  await scopes.fill('launch/patient patient/Goal.rs');
  await preview.getByText('What you want to reach').waitFor();
  expect(await page.getByRole('checkbox', { name: 'View: Vaccines' }).isChecked()).toBe(false);
  expect(await page.getByRole('checkbox', { name: 'View: Health goals' }).isChecked()).toBe(true);
  expect(await preview.getByRole('button').count()).toBe(0);
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test('without scripts the buttons do the same', async () => {
  const person = await chromium.person();
  await signIn(person);
  const { cookies } = await person.context.storageState();
  const plain = await chromium.person({ javaScriptEnabled: false });
  await plain.context.addCookies(cookies);
  const { page } = plain;
  await page.goto(`${world.issuer}/developer/apps/new`);
  await fillIn(plain, 'Plain');
  await page.getByText('Other kinds of data').click();
  await page.getByRole('checkbox', { name: 'View: Vaccines' }).check();
  await page.getByRole('button', { name: 'Write the scopes from the boxes' }).click();
  expect(await page.locator('[name="scopeCeiling"]').inputValue()).toContain('patient/Immunization.rs');
  expect(await page.locator('.preview').textContent()).toContain('Share your health record with Plain?');
  await save(plain);
  await page.waitForURL('**/developer/apps/*?done=app-created');
  await Promise.all([plain.context.close(), person.context.close()]);
});
