import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { APP, createNoticeWorld, type NoticeWorld } from '../setup/notice-world.ts';

const DAY_MS = 86_400_000;

let world: NoticeWorld;

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

async function key(
  id: string,
  days: number,
  changes: { kind?: string; kid?: string | null; revokedAt?: Date } = {},
) {
  const row = { id, appId: APP, kind: 'jwk', kid: `kid-${id}`, createdBy: 'dana', endsAt: inDays(days) };
  await world.store.prisma.appKey.create({ data: { ...row, ...changes } });
}

/** The subjects of the mails that one round sends to the owner. */
async function warned(): Promise<string[]> {
  world.smtp.mails.length = 0;
  await world.round();
  return world.smtp.mails.flatMap(({ to, headers }) =>
    to.includes('dana@lantern.example') ? [headers.subject ?? ''] : [],
  );
}
const day = (date: Date) => date.toISOString().slice(0, 10);

describe.each(['embedded', 'postgresql'] as const)('on %s', (kind) => {
  beforeEach(async () => {
    world = await createNoticeWorld(kind);
  });
  afterEach(() => world.stop());

  test('the end of a key is announced 30, 7 and 1 days before, once each', async () => {
    await key('k1', 40);
    const subject = `A key of Lantern ends on ${day(inDays(40))}`;
    const heard: [number, string[]][] = [];
    let left = 40;
    for (const next of [30.1, 29.9, 29.8, 7.1, 6.9, 2, 1.1, 0.9, 0.5, -0.1, -5]) {
      world.clock.advance(Math.round((left - next) * DAY_MS));
      left = next;
      heard.push([next, await warned()]);
    }
    expect(heard).toEqual([
      ...[
        [30.1, []],
        [29.9, [subject]],
        [29.8, []],
        [7.1, []],
        [6.9, [subject]],
        [2, []],
        [1.1, []],
      ],
      ...[
        [0.9, [subject]],
        [0.5, []],
        [-0.1, []],
        [-5, []],
      ],
    ]);
    const days = (await world.store.prisma.keyWarning.findMany()).map(({ daysBefore }) => daysBefore);
    expect(days.sort((a, b) => b - a)).toEqual([30, 7, 1]);
  });

  test('a secret is named by its id, with the days that are left, to owner, backup owner and webhook', async () => {
    await key('s1', 6.5, { kind: 'secret', kid: null });
    expect(await warned()).toEqual([`A secret of Lantern ends on ${day(inDays(6.5))}`]);
    expect(world.smtp.mails.map(({ to }) => to[0]).sort()).toEqual([
      'ben@lantern.example',
      'dana@lantern.example',
    ]);
    expect(world.smtp.mails[0]?.body).toContain('The secret s1 of Lantern');
    expect(world.smtp.mails[0]?.body).toContain('(days left: 7)');
    expect(world.receiver.posted.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'secret.expiring', data: { appId: APP, key: 's1', days: '7' } },
    ]);
  });
});

describe('on PostgreSQL', () => {
  beforeEach(async () => {
    world = await createNoticeWorld('postgresql');
  });
  afterEach(() => world.stop());

  test('a life shorter than a warning gives the nearest one only; so does a pause of the server', async () => {
    await key('short', 0.5);
    await key('long', 20);
    expect(await warned()).toHaveLength(2);
    expect(await warned()).toEqual([]);
    world.clock.advance(19.5 * DAY_MS);
    expect(await warned()).toEqual([`A key of Lantern ends on ${day(inDays(0.5))}`]);
  });

  test('an end that a rotation moves nearer is announced again', async () => {
    await key('old', 25);
    expect(await warned()).toHaveLength(1);
    await world.store.prisma.appKey.update({ where: { id: 'old' }, data: { endsAt: inDays(6) } });
    expect(await warned()).toEqual([`A key of Lantern ends on ${day(inDays(6))}`]);
  });

  test('what has ended, was revoked, or belongs to an app that was offboarded is not announced', async () => {
    await key('ended', -1);
    await key('revoked', 5, { revokedAt: inDays(-1) });
    expect(await warned()).toEqual([]);
    await key('live', 5);
    await world.store.prisma.app.update({ where: { id: APP }, data: { offboardedAt: inDays(-1) } });
    expect(await warned()).toEqual([]);
    await world.store.prisma.app.update({ where: { id: APP }, data: { offboardedAt: null } });
    expect(await warned()).toHaveLength(1);
  });

  test('of three processes at once, one announces', async () => {
    for (const id of ['k1', 'k2', 'k3', 'k4', 'k5']) await key(id, 5);
    const others = [await world.another(), await world.another()];
    await Promise.all([world.store, ...others].map((store) => world.round(store)));
    expect(world.receiver.posted).toHaveLength(5);
    expect(await world.store.prisma.outboxMessage.count()).toBe(15);
    expect(await world.store.prisma.keyWarning.count()).toBe(5);
  });
});
