// She loses her device, and comes back: with a code on paper, and who she is proved again.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { approveRecovery } from '../../src/registry/recovery.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { arriveAt, button } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
let codes: string[];
beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

test('codes are made, the device is lost; a code and a proof of who she is bring her back on another one', async () => {
  const { world } = visits;
  const ana = await visits.anaSignedIn();
  await ana.page.goto(`${world.issuer}/my/security`);
  await ana.page.getByRole('link', { name: 'See my recovery codes' }).click();
  await arriveAt(ana.page, 'Recovery codes');
  await button(ana.page, 'Make new codes').click();
  await arriveAt(ana.page, 'Your new recovery codes');
  codes = await ana.page.locator('ol.codes code').allTextContents();
  expect(codes).toHaveLength(10);

  const { page, device, complaints } = await visits.visitor({ autofill: false });
  await page.goto(`${world.issuer}/my`);
  await page.getByRole('link', { name: 'I have lost my passkey' }).click();
  await arriveAt(page, 'Get back into your account');
  const code = page.getByRole('textbox', { name: 'Recovery code' });
  await code.fill(`${codes[0]?.slice(0, -1)}U`);
  await button(page, 'Go on').click();
  await page.getByRole('alert').filter({ hasText: 'typing mistake' }).waitFor();
  await code.fill((codes[0] as string).toLowerCase().replaceAll('-', ' '));
  await button(page, 'Go on').click();
  await arriveAt(page, 'Now prove who you are');
  await button(page, 'Prove who I am').click();
  await page.getByRole('link', { name: /Demo ID/ }).click();
  await arriveAt(page, 'Who are you?');
  await page.locator('button[value="demo-ana-rivera 2"]').click();
  await arriveAt(page, 'Make a new passkey');
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'You are back in your account');
  expect(await device.passkeys()).toBe(1);
  await page.getByText('There is 1 other passkey.').waitFor();
  await page.getByRole('link', { name: 'Go to My apps' }).click();
  await arriveAt(page, 'My apps');
  await page.getByText('You got back into your account not long ago.').waitFor();
  await page.getByRole('link', { name: 'Notices' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Your account was recovered' }).waitFor();
  expect(complaints).toEqual([]);

  await ana.page.goto(`${world.issuer}/my`);
  await arriveAt(ana.page, 'Sign in');
});

test('with the code of the help desk, and from the keyboard alone', async () => {
  const { world } = visits;
  const { id: patientId } = await world.store.prisma.patient.findFirstOrThrow({
    where: { name: 'Ana Rivera' },
  });
  const given = { patientId, evidence: 'passport, in person' };
  const { code: approval } = await approveRecovery(registryDeps(world), commandLine, given);
  const { page, complaints } = await visits.visitor({
    autofill: false,
    viewport: { width: 320, height: 640 },
  });
  await page.goto(`${world.issuer}/recovery/help`);
  await page.getByRole('textbox', { name: 'Code from the help desk' }).focus();
  await page.keyboard.type(approval);
  await page.keyboard.press('Tab');
  await page.keyboard.type(codes[1] as string);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Make a new passkey');
  await button(page, 'Create my passkey').focus();
  await page.keyboard.press('Enter');
  await arriveAt(page, 'You are back in your account');
  expect(complaints).toEqual([]);
});
