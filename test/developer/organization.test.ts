// The own organization: contacts, webhook, contracts.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWebhookReceiver, isSignedWith, type WebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';
import { send, textOf } from './portal.ts';

const PAGE = '/developer/organization';
let world: World;
let receiver: WebhookReceiver;
let dana: TestBrowser;
let miguel: TestBrowser;

beforeAll(async () => {
  [world, receiver] = [await createWorld('postgresql'), await createWebhookReceiver()];
  dana = await staffBrowser(world, 'dana-whitfield');
  miguel = await staffBrowser(world, 'miguel-santos');
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
});

const read = async (browser: TestBrowser) => textOf((await browser.open(PAGE)).html);
const lantern = () => world.store.prisma.organization.findUniqueOrThrow({ where: { id: 'lantern' } });

test('everyone there sees who it is, its contacts and its contracts; a developer changes none of it', async () => {
  const text = await read(miguel);
  expect(text).toMatch(/Lantern Health, Inc\. .*App vendor .*United States .*ID lantern/);
  expect(text).toMatch(/Privacy Dana Whitfield privacy@lantern\.example/);
  expect(text).toMatch(/Data use agreement 2026-014 .* In force/);
  expect((await miguel.open(PAGE)).html).not.toMatch(/<form method="post" action="\/developer\/organization/);
  const before = await lantern();
  const contact = { role: 'technical', name: 'Me', email: 'me@lantern.example' };
  for (const [path, fields] of [
    ['contacts', contact],
    ['contacts/0/remove', { email: 'privacy@lantern.example' }],
    ['webhook', { url: receiver.url }],
    ['webhook/test', {}],
    ['webhook/remove', {}],
  ] as const)
    expect([path, (await send(miguel, PAGE, `${PAGE}/${path}`, fields)).status]).toEqual([path, 403]);
  expect(await lantern()).toEqual(before);
});

describe('its contacts', () => {
  test('an owner adds one, and removes the one that she meant', async () => {
    const contact = {
      role: 'technical',
      name: 'Night desk',
      email: 'night@lantern.example',
      phone: '+1 555 0100',
    };
    const added = await send(dana, PAGE, `${PAGE}/contacts`, contact);
    expect(added.headers.get('location')).toBe(`${PAGE}?done=contact-saved`);
    expect((await lantern()).contacts).toMatchObject([{ role: 'privacy' }, contact]);
    // The list has changed in between: another one stands in that place.
    await send(dana, PAGE, `${PAGE}/contacts/0/remove`, { email: 'night@lantern.example' });
    expect((await lantern()).contacts).toHaveLength(2);
    await send(dana, PAGE, `${PAGE}/contacts/1/remove`, { email: 'night@lantern.example' });
    expect((await lantern()).contacts).toMatchObject([{ role: 'privacy' }]);
  });

  test('all that is wrong with one is told at its fields, with what was typed', async () => {
    const answer = await send(dana, PAGE, `${PAGE}/contacts`, { role: 'boss', name: '', email: 'nobody' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    for (const field of ['role', 'name', 'email']) {
      expect(html).toContain(`href="#field-${field}"`);
      expect(html).toContain(`id="field-${field}-fault"`);
    }
    expect(html).toContain('value="nobody"');
  });
});

describe('its webhook', () => {
  test('the secret is shown once, and signs a test notice without a word about anybody', async () => {
    const set = await (await send(dana, PAGE, `${PAGE}/webhook`, { url: receiver.url })).text();
    const secret = /<code>(whsec_[^<]+)<\/code>/.exec(set)?.[1] ?? '';
    expect((await dana.open(PAGE)).html).not.toContain('whsec_');
    receiver.posted.length = 0;
    const tested = await send(dana, PAGE, `${PAGE}/webhook/test`);
    expect(tested.headers.get('location')).toBe(`${PAGE}?done=webhook-tested`);
    const [notice] = receiver.posted;
    expect(notice && isSignedWith(secret, notice)).toBe(true);
    expect(JSON.parse(notice?.body ?? '')).toEqual({
      ...{ type: 'webhook.test', timestamp: expect.any(String), data: { organizationId: 'lantern' } },
    });
  });

  test('a test notice that was not taken says why', async () => {
    receiver.status = 500;
    const tested = await send(dana, PAGE, `${PAGE}/webhook/test`);
    expect(textOf(await tested.text())).toContain('The test notice was not delivered: status_500');
  });

  test('removed it gets nothing any more, not even a test', async () => {
    const removed = await send(dana, PAGE, `${PAGE}/webhook/remove`);
    expect(removed.headers.get('location')).toBe(`${PAGE}?done=webhook-removed`);
    expect((await send(dana, PAGE, `${PAGE}/webhook/test`)).status).toBe(409);
  });

  test('an address that is not good for it is refused at its field', async () => {
    const answer = await send(dana, PAGE, `${PAGE}/webhook`, { url: 'ftp://lantern.example/hooks' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/id="field-url-fault"[\s\S]*value="ftp:/);
  });
});
