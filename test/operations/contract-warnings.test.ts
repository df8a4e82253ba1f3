import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createNoticeWorld, type NoticeWorld, ORGANIZATION } from '../setup/notice-world.ts';

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const day = (date: Date) => date.toISOString().slice(0, 10);

let world: NoticeWorld;
beforeEach(async () => {
  world = await createNoticeWorld('postgresql');
});
afterEach(() => world.stop());

const contract = (id: string, end: number | Date, more: object = {}) =>
  world.store.prisma.contract.create({
    data: {
      ...{ id, organizationId: ORGANIZATION, reference: `Agreement ${id}`, startsAt: inDays(-1) },
      ...{ endsAt: typeof end === 'number' ? inDays(end) : end, ...more },
    },
  });

/** The subjects of the mails that one round sends, by who is written to. */
async function warned(to: string): Promise<string[]> {
  world.smtp.mails.length = 0;
  await world.round();
  return world.smtp.mails.flatMap((mail) => (mail.to.includes(to) ? [mail.headers.subject ?? ''] : []));
}

test('the end of a contract is announced 60, 30 and 7 days before, once each, to owners and operators', async () => {
  await world.person('opal', { role: 'operator', email: 'opal@lantern.example' });
  await contract('c1', 70);
  const subject = `The contract Agreement c1 ends on ${day(inDays(70))}`;
  const heard: [number, number][] = [];
  let left = 70;
  for (const next of [60.1, 59.9, 59.8, 30.1, 29.9, 7.1, 6.9, 1, -0.1]) {
    world.clock.advance(Math.round((left - next) * DAY_MS));
    left = next;
    const subjects = await warned('opal@lantern.example');
    expect(subjects.filter((one) => one !== subject)).toEqual([]);
    heard.push([next, subjects.length]);
  }
  expect(heard.flatMap(([at, count]) => (count > 0 ? [[at, count]] : []))).toEqual([
    ...[
      [59.9, 1],
      [29.9, 1],
      [6.9, 1],
    ],
  ]);
  expect(await world.store.prisma.contractWarning.count()).toBe(3);
});

test('a renewal that may begin silences it; one that awaits approval does not; of two processes one tells', async () => {
  const end = inDays(20);
  await contract('renewed', end);
  await contract('r1', 400, { renewsId: 'renewed', startsAt: end });
  await contract('pending', end);
  const waits = { renewsId: 'pending', startsAt: end, approvalNeeded: ['apps_changed'] };
  await contract('r2', 400, waits);
  const other = await world.another();
  await Promise.all([world.round(), world.round(other)]);
  const told = world.receiver.posted.map(({ body }) => JSON.parse(body));
  expect(told).toMatchObject([
    { type: 'contract.ending', data: { contract: 'Agreement pending', days: '20' } },
  ]);
  // Another end is announced anew.
  await world.store.prisma.contract.update({ where: { id: 'pending' }, data: { endsAt: inDays(5) } });
  await world.round();
  expect(world.receiver.posted).toHaveLength(2);
});
