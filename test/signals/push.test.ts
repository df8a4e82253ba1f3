// Events pushed to receivers (RFC 8935): in order, again until they are accepted, and nobody waits for a slow one.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import { suspendApp } from '../../src/registry/app-standing.ts';
import { FAILURES_MAX } from '../../src/store/signal-deliveries.ts';
import { signalLag, signalQueueDepth } from '../../src/store/signal-poll.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { securityOfficer } from '../setup/reviewed.ts';
import {
  addServer,
  createReceiver,
  deliverSignals,
  eventIn,
  PUSH,
  type Receiver,
  type SecurityEvent,
  type Server,
} from '../setup/signal-receiver.ts';
import { until } from '../setup/until.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let server: Server;
let receiver: Receiver;
let streamId: string;
let loops: Awaited<ReturnType<typeof deliverSignals>>[];
const opened: Receiver[] = [];

beforeAll(async () => {
  world = await createWorld('postgresql');
  // The demo's own stream is the subject of another test.
  await world.store.prisma.signalStream.deleteMany();
});
beforeEach(async () => {
  loops = [await deliverSignals(world)];
  ({ server, receiver, streamId } = await withReceiver());
});
afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop(3_000)));
  await Promise.all(opened.splice(0).map((each) => each.stop()));
  await world.store.prisma.signalStream.deleteMany();
});
afterAll(() => world.stop());

const HEADER = 'Bearer of the receiver';

async function withReceiver(url?: string) {
  const own = await addServer(world, [`https://${Math.random().toString(36).slice(2)}.example.com/fhir`]);
  const heard = await createReceiver(world, own.id);
  opened.push(heard);
  const delivery = { method: PUSH, endpoint_url: url ?? heard.url, authorization_header: HEADER };
  const made = await own.ask('POST', '/ssf/stream', { delivery });
  expect(made.status).toBe(201);
  const { stream_id: id } = (await made.json()) as { stream_id: string };
  return { server: own, receiver: heard, streamId: id };
}

const stateOf = (event: SecurityEvent) => eventIn(event)[1].state;
async function happen(...states: string[]): Promise<void> {
  for (const state of states) {
    await server.ask('POST', '/ssf/verification', { stream_id: streamId, state });
    await world.store.prisma.signalStream.updateMany({ data: { verificationAskedAt: null } });
  }
}
const streamRow = () => world.store.prisma.signalStream.findUniqueOrThrow({ where: { id: streamId } });
const isAcknowledged = async () =>
  (await world.store.prisma.signalDelivery.count({ where: { streamId, ackedAt: null } })) === 0;

test('a verified event token comes with the Authorization header of the receiver (§2.1)', async () => {
  await happen('hello');
  const event = await receiver.hears((each) => stateOf(each) === 'hello');
  expect(event.sub_id).toEqual({ format: 'opaque', id: streamId });
  expect(receiver.headers[0]).toMatchObject({
    ...{ 'content-type': 'application/secevent+jwt', accept: 'application/json', authorization: HEADER },
  });
  await until(isAcknowledged);
  const [row] = await world.store.prisma.signalDelivery.findMany({ where: { streamId } });
  expect(row).toMatchObject({ tries: 1, ackedAt: expect.any(Date), failedAt: null });
});

test('several come in order, each once, though two instances deliver', async () => {
  loops.push(await deliverSignals(world));
  const states = Array.from({ length: 12 }, (_, i) => String(i));
  await happen(...states);
  await until(isAcknowledged);
  expect(receiver.heard.map(stateOf)).toEqual(states);
});

const nonsense: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['500', (response) => response.writeHead(500).end()],
  ['200, which is no acknowledgement', (response) => response.writeHead(200).end('<html>Welcome</html>')],
  ['a redirect', (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
  ['400 without an error code', (response) => response.writeHead(400).end('no')],
  ['more than anyone reads', (response) => response.writeHead(202).end('x'.repeat(100_000))],
  ['nothing, and hangs up', (response) => void response.destroy()],
  ['nothing at all', () => undefined],
];

test.each(nonsense)('after %s the same event comes again, and others after it', async (_name, answer) => {
  receiver.answer = (response) => {
    receiver.answer = undefined;
    answer(response);
  };
  await happen('first', 'second');
  // By itself it is tried again after a second.
  await until(async () => (await streamRow()).failures === 1 || receiver.heard.length > 1);
  world.clock.advance(2_000);
  await until(isAcknowledged);
  expect(receiver.heard.map(stateOf)).toEqual(['first', 'first', 'second']);
  const [one, again] = receiver.heard;
  expect(again).toEqual(one);
  expect((await streamRow()).failures).toBe(0);
});

test('an event that the receiver refuses in words is given up after five tries; the next one comes (§2.4)', async () => {
  receiver.answer = (response, event) => {
    const bad = stateOf(event) === 'bad';
    response.writeHead(bad ? 400 : 202, { 'content-type': 'application/json' });
    response.end(bad ? JSON.stringify({ err: 'invalid_state', description: 'no' }) : '');
  };
  await happen('bad', 'good');
  for (let tries = 1; tries < 5; tries += 1) {
    await until(async () => receiver.heard.length >= tries && (await streamRow()).claim === null);
    world.clock.advance(400_000);
  }
  await until(() => receiver.heard.length >= 5);
  world.clock.advance(400_000);
  await receiver.hears((event) => stateOf(event) === 'good');
  const rows = await world.store.prisma.signalDelivery.findMany({
    where: { streamId },
    orderBy: { sequence: 'asc' },
  });
  expect(rows[0]).toMatchObject({ tries: 5, lastFault: 'refused invalid_state', failedAt: expect.any(Date) });
});

/** Deliveries to these never end, not even because nobody waits for so long. */
async function holding(slow: readonly Receiver[], atOnce?: number): Promise<{ readonly held: string[] }> {
  await Promise.all(loops.map((loop) => loop.stop(3_000)));
  const [fetch, held] = [createSafeFetch({ allowLoopback: true }), [] as string[]];
  const fetchOrHold: typeof fetch = (url, outgoing) => {
    if (!slow.some((each) => each.url === url)) return fetch(url, outgoing);
    held.push(url);
    return new Promise(() => undefined);
  };
  loops = [await deliverSignals(world, 20, atOnce, fetchOrHold)];
  return { held };
}

test('receivers that never answer keep neither a revocation nor other receivers waiting', async () => {
  const others = [receiver];
  for (let i = 0; i < 4; i += 1) others.push((await withReceiver()).receiver);
  const { held } = await holding(others);
  const well = await withReceiver();
  const bases = await world.store.prisma.fhirBase.findMany({ select: { url: true } });
  const app = await registerApp(world, world.clientId, { audiences: bases.map(({ url }) => url) });
  await suspendApp(registryDeps(world), securityOfficer, app, { reason: 'A test.' });
  await well.receiver.hears((event) => eventIn(event)[0] === 'session-revoked');
  // The others hold their first, for ever.
  await until(() => new Set(held).size === others.length);
  const lag = await signalLag(world.store);
  expect(lag.filter(({ pending }) => pending === 2)).toHaveLength(5);
  expect(lag.find(({ resourceServerId }) => resourceServerId === server.id)?.lagSeconds).toBeGreaterThan(0);
  expect(await signalQueueDepth(world.store)).toBe(0);
});

test('an instance whose streams are all busy hands events out all the same', async () => {
  const { held } = await holding([receiver], 1);
  await happen('held');
  await until(() => held.length > 0);
  const app = await registerApp(world, world.clientId, {});
  await suspendApp(registryDeps(world), securityOfficer, app, { reason: 'A test.' });
  await until(async () => (await signalQueueDepth(world.store)) === 0);
  // Its one stream still holds the first.
  expect(await streamRow()).toMatchObject({ failures: 0, claim: expect.any(String) });
});

test('a receiver that is away for long is paused, told so once, and gets all of it when it asks', async () => {
  await happen('lost?');
  await until(isAcknowledged);
  receiver.answer = (response, event) => {
    response.writeHead(eventIn(event)[0] === 'stream-updated' ? 202 : 503).end();
  };
  await happen('kept');
  for (let tries = 1; tries < FAILURES_MAX; tries += 1) {
    await until(async () => (await streamRow()).failures >= tries);
    world.clock.advance(400_000);
  }
  await until(async () => (await streamRow()).status === 'paused');
  const told = await receiver.hears((event) => eventIn(event)[0] === 'stream-updated');
  expect(eventIn(told)[1]).toMatchObject({ status: 'paused', reason: expect.any(String) });
  const status = await server.ask('GET', `/ssf/status?stream_id=${streamId}`);
  expect(await status.json()).toMatchObject({ status: 'paused', reason: expect.any(String) });
  const audit = await world.store.prisma.auditEvent.findMany({ where: { type: 'signal_stream.paused' } });
  expect(audit.map(({ resourceServerId }) => resourceServerId)).toEqual([server.id]);
  receiver.answer = undefined;
  receiver.heard.splice(0);
  await server.ask('POST', '/ssf/status', { stream_id: streamId, status: 'enabled' });
  await until(isAcknowledged);
  expect(receiver.heard.map(stateOf)).toEqual(['kept']);
});

test('a stream that is changed or removed meanwhile is left alone', async () => {
  receiver.answer = (response) => void setTimeout(() => response.writeHead(202).end(), 100);
  await happen('1', '2', '3');
  await receiver.hears((event) => stateOf(event) === '1');
  expect((await server.ask('DELETE', `/ssf/stream?stream_id=${streamId}`)).status).toBe(204);
  const heard = receiver.heard.length;
  await sleep(500);
  expect(receiver.heard.length).toBeLessThanOrEqual(Math.max(heard, 3));
  expect(await world.store.prisma.signalDelivery.count({ where: { streamId } })).toBe(0);
});

test('subjects that were taken out are not told of, the stream itself is (SSF §8.1.3.3)', async () => {
  const bases = await world.store.prisma.fhirBase.findMany({ where: { resourceServerId: server.id } });
  const audiences = bases.map(({ url }) => url);
  const [hidden, shown] = [
    await registerApp(world, world.clientId, { audiences }),
    await registerApp(world, world.clientId, { audiences }),
  ];
  const subject = { format: 'complex', application: { format: 'opaque', id: hidden } };
  await server.ask('POST', '/ssf/subjects/remove', { stream_id: streamId, subject });
  const deps = registryDeps(world);
  for (const app of [hidden, shown]) await suspendApp(deps, securityOfficer, app, { reason: 'A test.' });
  await happen('still');
  await receiver.hears((event) => stateOf(event) === 'still');
  const apps = receiver.heard.map(({ sub_id }) => (sub_id.application as { id?: string })?.id);
  expect(apps).toEqual(expect.arrayContaining([shown]));
  expect(apps).not.toContain(hidden);
});

test('a suspended resource server hears nothing until it is back', async () => {
  const where = { id: server.id };
  await world.store.prisma.resourceServer.update({ where, data: { suspendedAt: new Date() } });
  await world.store.prisma.$executeRawUnsafe(`
    WITH e AS (INSERT INTO signal_event (type, cause, stream_id) VALUES ('verification', 'stream.verification',
      '${streamId}') RETURNING id, sequence)
    INSERT INTO signal_delivery (stream_id, event_id, sequence, created_at)
    SELECT '${streamId}', id, sequence, now() FROM e`);
  await sleep(300);
  expect(receiver.heard).toEqual([]);
  await world.store.prisma.resourceServer.update({ where, data: { suspendedAt: null } });
  await until(isAcknowledged);
  expect(receiver.heard).toHaveLength(1);
});
