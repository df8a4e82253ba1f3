// Events for a receiver that asks for them (RFC 8936).
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { addStreamEvent } from '../../src/store/signal-events.ts';
import {
  addServer,
  deliverSignals,
  eventIn,
  type SecurityEvent,
  type Server,
} from '../setup/signal-receiver.ts';
import { until } from '../setup/until.ts';
import { createWorld, type DatabaseKind, databases, type World } from '../setup/world.ts';

interface Polled {
  readonly sets: Record<string, string>;
  readonly moreAvailable: boolean;
}

const worlds = new Map<DatabaseKind, World>();
let world: World;
let delivery: Awaited<ReturnType<typeof deliverSignals>>;
let server: Server;
let streamId: string;

beforeAll(async () => {
  for (const kind of databases) worlds.set(kind, await createWorld(kind));
});
afterAll(async () => {
  for (const each of worlds.values()) await each.stop();
});

async function poll(body: object = {}): Promise<Polled> {
  const answer = await server.ask('POST', `/ssf/poll/${streamId}`, body);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return (await answer.json()) as Polled;
}
const now = { returnImmediately: true };
const statesOf = ({ sets }: Polled) =>
  Object.values(sets).map((set) => eventIn(decodeJwt(set) as SecurityEvent)[1].state);

/** Verification events, in their order: something to hear. */
async function happen(...states: string[]): Promise<void> {
  for (const state of states) {
    const { status } = await server.ask('POST', '/ssf/verification', { stream_id: streamId, state });
    expect(status).toBe(204);
    await world.store.prisma.signalStream.updateMany({ data: { verificationAskedAt: null } });
  }
}

for (const kind of databases) {
  test(`what is not acknowledged comes again as it was, in order; what is does not, on ${kind}`, async () => {
    await prepare(kind);
    await happen('1', '2', '3');
    const first = await poll({ ...now, maxEvents: 2 });
    expect([statesOf(first), first.moreAvailable]).toEqual([['1', '2'], true]);
    expect(await poll({ ...now, maxEvents: 2 })).toEqual(first);
    const [one = '', two = ''] = Object.keys(first.sets);
    const set = first.sets[one] ?? '';
    expect(decodeProtectedHeader(set)).toMatchObject({ alg: 'RS256', typ: 'secevent+jwt' });
    expect(decodeJwt(set)).toMatchObject({ jti: one, sub_id: { format: 'opaque', id: streamId } });

    const rest = await poll({ ...now, ack: [one], setErrs: { [two]: { err: 'invalid_state' } } });
    expect([statesOf(rest), rest.moreAvailable]).toEqual([['3'], false]);
    const rows = await world.store.prisma.signalDelivery.findMany({
      where: { streamId },
      orderBy: { sequence: 'asc' },
    });
    expect(
      rows.map(({ ackedAt, failedAt, lastFault }) => [ackedAt !== null, failedAt !== null, lastFault]),
    ).toEqual([
      [true, false, null],
      [false, true, 'refused invalid_state'],
      [false, false, null],
    ]);
    // Nothing is asked for: acknowledged all the same (RFC 8936 §2.3).
    expect(await poll({ maxEvents: 0, ack: Object.keys(rest.sets) })).toMatchObject({ sets: {} });
    expect(await poll(now)).toEqual({ sets: {}, moreAvailable: false });
  });
}

afterEach(async () => {
  jest.restoreAllMocks();
  await delivery?.stop(1_000);
});

async function prepare(kind: DatabaseKind): Promise<void> {
  world = worlds.get(kind) as World;
  delivery = await deliverSignals(world);
  server = await addServer(world);
  const made = (await (await server.ask('POST', '/ssf/stream', {})).json()) as { stream_id: string };
  streamId = made.stream_id;
}

/** Somebody who waits, from the second look on; `looks` settles when so many more have found nothing. */
async function waits() {
  const sql = jest.spyOn(world.store, 'sql');
  const looked = () =>
    sql.mock.calls.filter(([, given]) => given[0] === streamId && given.length === 2).length;
  const answer = poll();
  const looks = async (more: number) => {
    const before = looked();
    await until(() => looked() > before + more);
  };
  await until(() => looked() > 1);
  return { answer, looks };
}

test('who waits hears it when it happens (§2.2)', async () => {
  await prepare('postgresql');
  const { answer } = await waits();
  await happen('later');
  expect(statesOf(await answer)).toEqual(['later']);
});

test('who waits while its resource server is suspended hears nothing more, until it is back', async () => {
  await prepare('postgresql');
  const { answer, looks } = await waits();
  const where = { id: server.id };
  await world.store.prisma.resourceServer.update({ where, data: { suspendedAt: new Date() } });
  await world.store.prisma.$transaction((tx) =>
    addStreamEvent(tx, { streamId, type: 'verification', detail: { state: 'meanwhile' } }),
  );
  await looks(2);
  expect(await Promise.race([answer, sleep(0, 'nothing')])).toBe('nothing');
  await world.store.prisma.resourceServer.update({ where, data: { suspendedAt: null } });
  expect(statesOf(await answer)).toEqual(['meanwhile']);
});

test('while it is paused nothing is told and all is kept; of a disabled one nothing is (SSF §8.1.2)', async () => {
  await prepare('postgresql');
  const set = (status: string) => server.ask('POST', '/ssf/status', { stream_id: streamId, status });
  await set('paused');
  await happen('held');
  expect((await poll(now)).sets).toEqual({});
  await set('enabled');
  expect(statesOf(await poll(now))).toEqual(['held']);
  await set('disabled');
  await set('enabled');
  expect((await poll(now)).sets).toEqual({});
});

test.each([
  ['maxEvents', -1],
  ['maxEvents', '5'],
  ['maxEvents', 1.5],
  ['returnImmediately', 'yes'],
  ['ack', 'all'],
  ['ack', [5]],
  ['ack', Array.from({ length: 1_001 }, () => 'x')],
  ['setErrs', []],
  ['setErrs', { x: null }],
  ['setErrs', { x: { description: 'no err' } }],
])('%s %j is refused with 400', async (name, value) => {
  await prepare('postgresql');
  const answer = await server.ask('POST', `/ssf/poll/${streamId}`, { ...now, [name]: value });
  expect(answer.status).toBe(400);
});

test('ids that are none of ours, and events of others, settle nothing', async () => {
  await prepare('postgresql');
  await happen('mine');
  const [mine = ''] = Object.keys((await poll(now)).sets);
  const own = { server, streamId };
  server = await addServer(world);
  streamId = ((await (await server.ask('POST', '/ssf/stream', {})).json()) as { stream_id: string })
    .stream_id;
  await poll({ ...now, ack: [mine, 'nothing', "'"], setErrs: { nothing: { err: 'invalid_key' } } });
  ({ server, streamId } = own);
  expect(statesOf(await poll(now))).toEqual(['mine']);
});
