import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Notice } from '../../src/registry/notices.ts';
import { claimMessages } from '../../src/store/outbox.ts';
import { APP, createNoticeWorld, type NoticeWorld, ORGANIZATION } from '../setup/notice-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let world: NoticeWorld;

const notice: Notice = {
  ...{ type: 'app.suspended', organizationId: ORGANIZATION, appId: APP },
  values: { reason: 'An incident.' },
};
const rows = () => world.store.prisma.outboxMessage.findMany({ orderBy: { id: 'asc' } });
const mailIds = () => world.smtp.mails.map(({ headers }) => headers['message-id'] ?? '');

/** Leaves one mail in the outbox and nothing else. */
async function oneMail(): Promise<string> {
  const { prisma } = world.store;
  await prisma.person.update({ where: { id: 'ben' }, data: { leftAt: new Date(0) } });
  await prisma.organization.updateMany({ data: { webhookUrl: null, sealedWebhookSecret: null } });
  await world.announce(notice);
  const [row] = await rows();
  return row?.id ?? '';
}

describe.each(['embedded', 'postgresql'] as const)('on %s', (kind) => {
  beforeEach(async () => {
    world = await createNoticeWorld(kind);
  });
  afterEach(() => world.stop());

  test('while the mail server is down it is tried after 1 and 5 minutes, half an hour, 2 and 12 hours, then given up (F15)', async () => {
    const id = await oneMail();
    world.smtp.answers.CONNECT = '421 not now';
    await world.round();
    expect(await rows()).toMatchObject([
      { tries: 1, lastFault: 'EPROTOCOL 421', sentAt: null, failedAt: null },
    ]);
    const waits = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS];
    for (const [at, wait] of waits.entries()) {
      world.clock.advance(wait / 4);
      await world.round();
      expect(world.smtp.connections).toBe(at + 1);
      world.clock.advance(wait * 0.75);
      await world.round();
      expect(world.smtp.connections).toBe(at + 2);
    }
    expect(await rows()).toMatchObject([{ id, tries: 6, sentAt: null, failedAt: expect.any(Date) }]);
    world.smtp.answers = {};
    world.clock.advance(1_000 * HOUR_MS);
    await world.round();
    expect(world.smtp.mails).toEqual([]);
  });

  test('when it is back the mail goes out once', async () => {
    const id = await oneMail();
    world.smtp.answers.END = '451 disk full';
    await world.round();
    world.smtp.answers = {};
    world.smtp.mails.length = 0;
    world.clock.advance(MINUTE_MS);
    for (const _ of [1, 2, 3]) await world.round();
    expect(mailIds()).toEqual([`<${id}@localhost>`]);
    expect(await rows()).toMatchObject([{ tries: 2, sentAt: expect.any(Date), lastFault: null }]);
  });

  test('what a killed process had begun is sent by the next one, under the same id', async () => {
    const id = await oneMail();
    expect(await claimMessages(world.store, 8)).toMatchObject([{ id, tries: 1 }]);
    await world.round();
    expect(world.smtp.connections).toBe(0);
    world.clock.advance(MINUTE_MS);
    await world.round();
    expect(mailIds()).toEqual([`<${id}@localhost>`]);
  });
});

describe('on PostgreSQL', () => {
  beforeEach(async () => {
    world = await createNoticeWorld('postgresql');
  });
  afterEach(() => world.stop());

  test('of three processes at once, each message is sent by one', async () => {
    for (let sent = 0; sent < 20; sent += 1) await world.announce(notice);
    const others = [await world.another(), await world.another()];
    await Promise.all([world.store, ...others].map((store) => world.round(store)));
    expect(mailIds()).toHaveLength(40);
    expect(new Set(mailIds()).size).toBe(40);
    expect(world.receiver.posted).toHaveLength(20);
    expect(new Set(world.receiver.posted.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
    expect(await world.store.prisma.outboxMessage.count({ where: { tries: 1, sentAt: { not: null } } })).toBe(
      60,
    );
  });

  test('a receiver that fails gets the same id and body again, newly signed, and holds up no mail', async () => {
    world.receiver.status = 500;
    await world.announce(notice);
    await world.round();
    expect(world.smtp.mails).toHaveLength(2);
    world.receiver.status = 200;
    world.clock.advance(MINUTE_MS);
    await world.round();
    const [first, second] = world.receiver.posted;
    expect([second?.headers['webhook-id'], second?.body]).toEqual([
      first?.headers['webhook-id'],
      first?.body,
    ]);
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
    expect(await world.store.prisma.outboxMessage.count({ where: { sentAt: null } })).toBe(0);
  });

  test.each([
    [
      'whose secret was sealed with another POSTERN_SECRET',
      { sealedWebhookSecret: new Uint8Array(60) },
      'unwritten',
    ],
    ['that was removed meanwhile', { webhookUrl: null, sealedWebhookSecret: null }, 'webhook_missing'],
    ['that lost its secret', { sealedWebhookSecret: null }, 'webhook_missing'],
  ])(
    'a webhook %s is a fault; nothing is posted unsigned, and mail goes out',
    async (_what, data, lastFault) => {
      await world.announce(notice);
      await world.store.prisma.organization.updateMany({ data });
      await world.round();
      expect([world.receiver.posted, world.smtp.mails.length]).toEqual([[], 2]);
      expect(await rows()).toContainEqual(
        expect.objectContaining({ channel: 'webhook', lastFault, sentAt: null }),
      );
    },
  );

  test('a notice of a newer version, without a text here, waits and holds up nothing', async () => {
    await world.announce({ ...notice, type: 'app.of_tomorrow' } as unknown as Notice);
    await world.announce(notice);
    await world.round();
    expect(world.smtp.mails).toHaveLength(2);
    const waiting = await world.store.prisma.outboxMessage.findMany({ where: { sentAt: null } });
    expect(waiting.map(({ channel, lastFault }) => [channel, lastFault])).toEqual([
      ...[
        ['mail', 'unwritten'],
        ['mail', 'unwritten'],
      ],
    ]);
  });

  test('neither the outbox nor the fault holds a login, a secret or what the server said', async () => {
    world.smtp.login = 'postern:right';
    world.smtp.answers.RCPT = '550 <dana@lantern.example> said something';
    await world.announce(notice);
    await world.round();
    const kept = JSON.stringify((await rows()).map(({ content, lastFault }) => [content, lastFault]));
    for (const word of ['said something', '@lantern.example', world.webhookSecret])
      expect(kept).not.toContain(word);
  });
});
