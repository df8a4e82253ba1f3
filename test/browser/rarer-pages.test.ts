import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { recordRepresentation } from '../../src/registry/representations.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { type LoginClient, loginRequest, registerLoginClient } from '../setup/login-client.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { looksAt } from './looks.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
let portal: LoginClient;

beforeAll(async () => {
  visits = await openVisits();
  const { world } = visits;
  portal = await registerLoginClient(world);
  const { patient } = world.store.prisma;
  const [ana, maya] = await Promise.all(
    ['Ana Rivera', 'Maya Chen'].map((name) => patient.findFirstOrThrow({ where: { name } })),
  );
  await world.store.prisma.representation.create({
    data: {
      id: randomUUID(),
      representativeId: ana?.id ?? '',
      patientId: maya?.id ?? '',
      relationship: 'parent',
      startsAt: new Date(Date.now() - 1_000),
    },
  });
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

async function anaSignedIn() {
  const ana = await visits.anaSignedIn();
  return { ...ana, look: looksAt(ana.page, visits.world.issuer) };
}

/** Expects the page, and no fault of it however it is looked at; in both languages where it can be read again. */
async function expectGood(
  { page, look }: Awaited<ReturnType<typeof anaSignedIn>>,
  name: string,
): Promise<void> {
  await page.locator(`main.page-${name}`).waitFor();
  for (const lang of ['es', 'en']) {
    const link = page.locator(`.languages a[lang="${lang}"]`);
    if ((await link.count()) > 0) await link.click();
    else if ((await page.locator('html').getAttribute('lang')) !== lang) continue;
    await page.locator(`html[lang="${lang}"]`).waitFor();
    expect(await look(lang)).toEqual({});
  }
}

test('a parent is asked whose record it is about, and sees whose it was from then on', async () => {
  const ana = await anaSignedIn();
  const { page, complaints } = ana;
  await page.goto(authorizationRequest(visits.world).url);
  await expectGood(ana, 'choose-patient');
  await page.getByRole('radio', { name: 'Maya Chen' }).check();
  await page.locator('button[value="continue"]').click();
  await expectGood(ana, 'consent');
  expect(await page.locator('form.identity').textContent()).toContain(
    'This is about the record of Maya Chen.',
  );
  await page.getByRole('checkbox', { name: 'Lab results', exact: true }).check();
  await page.locator('button[value="share"]').click();
  await page.waitForURL(`${visits.world.appOrigin}/app**`);
  await page.goto(`${visits.world.issuer}/my`);
  await expectGood(ana, 'my-apps');
  expect(await page.locator('article.app').textContent()).toContain('Record of Maya Chen');
  await page.locator('article.app a.danger').click();
  await expectGood(ana, 'stop-sharing');
  await page.locator('main form button').click();
  await expectGood(ana, 'stopped');
  expect(complaints).toEqual([]);
});

test('of a teenager some parts are not there to share; who was named to act is ended on two pages', async () => {
  const { world } = visits;
  const ids = await world.store.prisma.patient.findMany({ select: { id: true, name: true } });
  const idOf = (name: string) => ids.find((one) => one.name === name)?.id;
  const appoint = (right: Record<string, unknown>) =>
    recordRepresentation(registryDeps(world), commandLine, { evidence: 'Form 7', ...right });
  const parent = { representativeId: idOf('Ana Rivera'), patientId: idOf('Zoe Rivera') };
  await appoint({ ...parent, relationship: 'parent', basis: 'minority' });
  const caregiver = { representativeId: idOf('James Okafor'), patientId: idOf('Ana Rivera') };
  const scope = 'patient/MedicationRequest.rs';
  await appoint({ ...caregiver, relationship: 'caregiver', basis: 'named', scope });
  const ana = await anaSignedIn();
  const { page, complaints } = ana;
  await page.goto(authorizationRequest(world).url);
  await page.getByRole('radio', { name: 'Zoe Rivera' }).check();
  await page.locator('button[value="continue"]').click();
  await page.getByText('Some parts are for Zoe Rivera alone.').waitFor();
  await expectGood(ana, 'consent');
  await page.goto(`${world.issuer}/my`);
  await page.getByRole('link', { name: 'Who may act for whom' }).click();
  await expectGood(ana, 'my-people');
  await page.getByRole('link', { name: /James Okafor/ }).click();
  await expectGood(ana, 'end-person');
  await page.getByRole('button', { name: 'End this right' }).click();
  await page.getByText('James Okafor could act for you until').waitFor();
  expect(await page.getByRole('link', { name: /James Okafor/ }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('an app that only signs her in, and her sign-out from there, have pages of their own', async () => {
  const ana = await anaSignedIn();
  const { page } = ana;
  // The portal's own pages are nowhere: what leaves for it is answered here.
  await page.route('https://portal.example/**', (route) => route.fulfill({ body: 'portal' }));
  await page.goto(loginRequest(visits.world, portal));
  await expectGood(ana, 'identity');
  await page.locator('button[value="share"]').click();
  await page.waitForURL('https://portal.example/callback?code=**');
  const leave = `${visits.world.issuer}/session/end?${new URLSearchParams({ client_id: portal.id })}`;
  await page.goto(leave);
  await expectGood(ana, 'sign-out');
  await page.locator('main form button').first().click();
  await expectGood(ana, 'still-signed-in');
  await page.goto(leave);
  await page.locator('button[value="yes"]').click();
  await expectGood(ana, 'signed-out');
});
