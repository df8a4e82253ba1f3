import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { invitationFor } from '../setup/invite.ts';
import { arriveAt, button, connect, readings, share } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

test('where no field can offer her passkey, the button signs her in (P2)', async () => {
  const { page, context, complaints } = await visits.anaSignedIn({ autofill: false });
  await context.clearCookies();
  await connect(page, visits.world);
  await button(page, 'Sign in with your passkey').click();
  await share(page, ['Lab results']);
  await readings(page, visits.world);
  expect(complaints).toEqual([]);
});

test('a passkey that was removed here is refused in plain words, by the field and by the button', async () => {
  for (const autofill of [true, false]) {
    const { page, context } = await visits.anaSignedIn({ autofill });
    const { id } = await visits.world.store.prisma.passkey.findFirstOrThrow({
      orderBy: { createdAt: 'desc' },
    });
    await visits.world.store.prisma.passkey.update({ where: { id }, data: { removedAt: new Date() } });
    await context.clearCookies();
    await page.goto(`${visits.world.issuer}/my`);
    if (!autofill) await button(page, 'Sign in with your passkey').click();
    const words = 'The passkey is not one of ours, or it was removed. Try another passkey, or ask for help.';
    await page.getByRole('status').filter({ hasText: words }).waitFor();
    expect(await button(page, 'Sign in with your passkey').isEnabled()).toBe(true);
  }
});

test('a device that does not finish is answered with what to do next, and a second try works (P6)', async () => {
  const { page, context, device, complaints } = await visits.visitor({ autofill: false });
  const unfinished = page.getByRole('status').filter({
    hasText: 'Your device did not finish. Try again, or use another device.',
  });
  await device.recognises(false);
  await page.goto(await invitationFor(visits.world, 'Ana Rivera'));
  await button(page, 'Create my passkey').click();
  await unfinished.waitFor();
  await device.recognises(true);
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');

  await context.clearCookies();
  await device.recognises(false);
  await page.goto(`${visits.world.issuer}/my`);
  await button(page, 'Sign in with your passkey').click();
  await unfinished.waitFor();
  await device.recognises(true);
  await button(page, 'Sign in with your passkey').click();
  await arriveAt(page, 'My apps');
  expect(complaints).toEqual([]);
});

test('an invitation whose link was cut works as soon as the whole link is given to the same page', async () => {
  const { page, complaints } = await visits.visitor();
  const invitation = await invitationFor(visits.world, 'Ana Rivera');
  await page.goto(`${visits.world.issuer}/invitation`);
  await page.getByRole('status').filter({ hasText: 'This link is not complete.' }).waitFor();
  await page.goto(invitation);
  await page.getByRole('heading', { name: 'Hello, Ana Rivera' }).waitFor();
  expect(page.url()).toBe(`${visits.world.issuer}/invitation`);
  await page.goto(`${visits.world.issuer}/invitation#made-up`);
  await page.getByRole('status').filter({ hasText: 'It was used before, or its time is over.' }).waitFor();
  expect(await button(page, 'Create my passkey').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
});

test('of two invitations in two tabs, each makes the passkey of the person whom it names', async () => {
  const { page, context, device } = await visits.visitor();
  await page.goto(await invitationFor(visits.world, 'Ana Rivera'));
  await page.getByRole('heading', { name: 'Hello, Ana Rivera' }).waitFor();
  const tab = await context.newPage();
  await tab.goto(await invitationFor(visits.world, 'James Okafor'));
  await tab.getByRole('heading', { name: 'Hello, James Okafor' }).waitFor();
  await page.bringToFront();
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');
  await device.forgets('Ana Rivera');
  await page.goto(`${visits.world.issuer}/my`);
  expect(await page.locator('form.identity').textContent()).toContain('You are signed in as Ana Rivera.');
});
