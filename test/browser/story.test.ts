import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refresh } from '../setup/app-client.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { createWorld, databases, type World } from '../setup/world.ts';
import { arriveAt, button, connect, readings, share } from './steps.ts';

let chromium: Chromium;
beforeAll(async () => {
  chromium = await openChromium();
});
afterAll(() => chromium.close());

describe.each(databases)('Ana shares her lab results and stops, on %s', (kind) => {
  let world: World;
  let ana: Person;
  beforeAll(async () => {
    world = await createWorld(kind);
    ana = await chromium.person();
  });
  afterAll(async () => {
    await ana.context.close();
    await world.stop();
  });

  test('without a passkey, the app’s request leads to a page that points to her invitation', async () => {
    await connect(ana.page, world);
    await arriveAt(ana.page, 'Sign in');
    expect(await ana.page.locator('main').textContent()).toContain('Open your invitation link from');
    expect(await ana.page.locator('[data-status]').textContent()).toBe('');
  });

  test('her invitation makes a passkey in one step of ours, and its code leaves the address bar (P1)', async () => {
    const invitation = await world.invite();
    await ana.page.goto(invitation);
    await ana.page.getByRole('heading', { name: 'Hello, Ana Rivera' }).waitFor();
    expect(ana.page.url()).toBe(`${world.issuer}/invitation`);
    expect(await button(ana.page, 'Create my passkey').getAttribute('aria-describedby')).toBe(
      'before-dialog',
    );
    await button(ana.page, 'Create my passkey').click();
    await arriveAt(ana.page, 'Your passkey is ready');
    expect(await ana.device.passkeys()).toBe(1);
  });

  test('with her session she is only asked what to share, and nothing is ticked for her', async () => {
    await connect(ana.page, world);
    await arriveAt(ana.page, 'Share your health record with Lantern Health?');
    expect(await ana.page.locator('form.consent input[type=checkbox]:checked').count()).toBe(0);
    await share(ana.page, ['Name and contact details', 'Lab results']);
    expect(await readings(ana.page, world)).toMatch(/^\d+ results read at/);
    await arriveAt(ana.page, 'Ana Rivera');
    expect(await ana.page.locator('#lab-results tbody tr').count()).toBeGreaterThan(3);
  });

  test('on her next visit the field offers her passkey: she types nothing (P2)', async () => {
    await ana.page.goto(`${world.issuer}/my`);
    await button(ana.page, 'Sign out').click();
    await arriveAt(ana.page, 'You are signed out');
    await connect(ana.page, world);
    await arriveAt(ana.page, 'Share your health record with Lantern Health?');
    expect(await ana.page.locator('input:checked[type=checkbox]').count()).toBe(2);
    await share(ana.page, []);
    await readings(ana.page, world);
  });

  test('after Stop the app reads nothing more, and its refresh is refused', async () => {
    const held = await ana.page.evaluate<{ refresh_token: string }>(
      'JSON.parse(sessionStorage[JSON.parse(sessionStorage.SMART_KEY)]).tokenResponse',
    );
    const my = await ana.context.newPage();
    await my.goto(`${world.issuer}/my`);
    expect(await my.locator('article.app').textContent()).toContain('Name and contact details · Lab results');
    await my.getByRole('link', { name: 'Stop sharing with Lantern Health' }).click();
    await arriveAt(my, 'Stop sharing with Lantern Health?');
    await button(my, 'Stop sharing').click();
    await arriveAt(my, 'You no longer share with Lantern Health');
    expect(await my.locator('time').getAttribute('datetime')).toMatch(/T\d\d:\d\d:\d\d/);

    await button(ana.page, 'Read again').click();
    await ana.page.getByRole('alert').filter({ hasText: 'Access has ended.' }).waitFor();
    expect(await ana.page.locator('#lab-results tbody tr').count()).toBe(0);
    const refused = await refresh(world, held.refresh_token);
    expect([refused.status, (await refused.json()) as object]).toMatchObject([
      400,
      { error: 'invalid_grant' },
    ]);
  });

  test('the browser found nothing to complain of in the whole story (CSP, scripts)', () => {
    expect(ana.complaints).toEqual([]);
  });
});
