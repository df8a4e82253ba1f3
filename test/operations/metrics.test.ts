// What Prometheus hears of a whole story: each number moves as the story says, and no label names anybody.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sealEvents } from '../../src/audit/seal.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, post, signAssertion } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { decide, postDecision, readOf } from '../setup/decisions.ts';
import { askAs, assertedBy, keyPair, setKeys } from '../setup/keyed-server.ts';
import { metricsUrl, type Scrape, scrape } from '../setup/metrics.ts';
import { freePorts } from '../setup/ports.mjs';
import { introspectAs } from '../setup/registrations.ts';
import { settled } from '../setup/settled.ts';
import { deliverSignals } from '../setup/signal-receiver.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { until } from '../setup/until.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let connection: Connection;
let after: Scrape;

beforeAll(async () => {
  const [port] = await freePorts(1);
  world = await createWorld('postgresql', { POSTERN_METRICS_PORT: String(port) });
  patient = await world.patientBrowser();
  await patient.authorize(authorizationRequest(world).url, { decision: 'deny' });
  await patient.authorize(authorizationRequest(world, { aud: 'https://elsewhere.example/fhir' }).url);
  connection = await connect(world, patient);
  const { request, callback, accessToken } = connection;
  await world.introspect(accessToken);
  await world.introspect('no token at all');
  await introspectAs(world, { id: world.resourceServer.id, secret: 'a wrong secret' }, accessToken);
  await decide(world, readOf(accessToken));
  await decide(world, readOf(accessToken, { action: { name: 'delete' } }));
  await decide(world, readOf('no token at all'));
  await postDecision(world, 'evaluation', '{"subject":');
  const assertion = await signAssertion(world);
  await backendToken(world, {}, assertion);
  await backendToken(world, {}, assertion);
  const loop = await deliverSignals(world);
  await redeem(world, request, callback);
  await refresh(world, 'not-a-refresh-token-at-all');
  await post(`${world.issuer}/revoke`, { token: accessToken, client_id: world.clientId });
  await post(`${world.issuer}/revoke`, { token: accessToken, client_id: 'nobody' });
  await patient.send(`/my/apps/${world.clientId}/stop`);
  await patient.send(`/no/such/page/${world.clientId}`);
  await fetch(`${world.issuer}/${world.clientId}`, { method: 'PROPFIND' });
  await until(() => world.store.prisma.signalDelivery.count({ where: { ackedAt: { not: null } } }));
  await loop.stop(3_000);
  after = await scrape(world);
});
afterAll(() => world.stop());

const outcome = (route: string, word: string) =>
  after.value('postern_outcomes_total', { route, outcome: word });

test('what protocol requests came to is counted by route and OAuth error', () => {
  expect(outcome('/introspect', 'active')).toBeGreaterThanOrEqual(1);
  expect(outcome('/introspect', 'inactive')).toBe(1);
  expect(outcome('/introspect', 'invalid_client')).toBe(1);
  expect(outcome('/token', 'ok')).toBe(2);
  expect(outcome('/token', 'invalid_grant')).toBe(2);
  expect(outcome('/token', 'invalid_client')).toBe(1);
  expect(outcome('/authorize', 'asked')).toBeGreaterThanOrEqual(2);
  expect(outcome('/authorize/:uid', 'ok')).toBe(1);
  expect(outcome('/authorize/:uid', 'access_denied')).toBe(1);
  expect(outcome('/authorize', 'invalid_request')).toBe(1);
  expect(outcome('/revoke', 'ok')).toBe(1);
  expect(outcome('/revoke', 'invalid_client')).toBe(1);
  expect(outcome('/access/v1/evaluation', 'ok')).toBe(3);
  expect(outcome('/access/v1/evaluation', 'invalid_request')).toBe(1);
});

test('decisions are counted by the error that was heard and by the exact reason', () => {
  const decisions = (labels: Record<string, string>) => after.value('postern_decisions_total', labels);
  expect(decisions({ decision: 'permit' })).toBe(1);
  expect(decisions({ decision: 'deny' })).toBe(2);
  expect(decisions({ decision: 'deny', error: 'invalid_token', reason: 'token_unknown' })).toBe(1);
  expect(decisions({ decision: 'deny', error: 'insufficient_scope' })).toBe(1);
});

test('each request is counted once, and timed, by its route; one without a route is other', () => {
  const total = after.value('postern_http_requests_total');
  expect(after.value('postern_http_request_seconds_count')).toBe(total);
  expect(after.value('postern_http_request_seconds_bucket', { le: '+Inf' })).toBe(total);
  const token = { route: '/token' };
  const [all, within, seconds] = [
    after.value('postern_http_request_seconds_count', token),
    after.value('postern_http_request_seconds_bucket', { ...token, le: '0.001' }),
    after.value('postern_http_request_seconds_sum', token),
  ];
  expect(all).toBe(5);
  expect(within).toBeLessThanOrEqual(5);
  expect(seconds).toBeGreaterThan(0);
  const other = { route: 'other', status: '404' };
  expect(after.value('postern_http_requests_total', { ...other, method: 'GET' })).toBeGreaterThanOrEqual(1);
  expect(after.value('postern_http_requests_total', { route: 'other', method: 'other' })).toBe(1);
});

test('codes and assertions that come twice are counted, and what has not come twice is a zero', () => {
  expect(after.value('postern_replays_total', { of: 'code' })).toBe(1);
  expect(after.value('postern_replays_total', { of: 'assertion' })).toBe(1);
  expect(after.value('postern_replays_total', { of: 'refresh_token' })).toBe(0);
});

test('an assertion that a resource server repeats is one, too', async () => {
  const pair = await keyPair('server-key');
  await setKeys(world, world.resourceServer.id, [pair]);
  const proof = await assertedBy(world, pair);
  await askAs(world, connection.accessToken, proof);
  expect((await askAs(world, connection.accessToken, proof)).status).toBe(401);
  expect((await scrape(world)).value('postern_replays_total', { of: 'assertion' })).toBe(2);
});

test('how far signals are: what waits, the lag, and the time until a receiver had them', () => {
  expect(after.value('postern_signal_queue_events')).toBe(0);
  expect(after.value('postern_signal_lag_seconds', { method: 'push', status: 'enabled' })).toBeDefined();
  expect(after.value('postern_signal_pending_events', { method: 'push' })).toBeDefined();
  expect(after.value('postern_signal_acknowledgement_seconds', { quantile: '1' })).toBeGreaterThan(0);
});

test('pools, batches, the lead and the process itself', () => {
  expect(after.value('postern_pool_connections', { pool: 'main' })).toBeGreaterThan(0);
  expect(after.value('postern_pool_connections', { pool: 'hot' })).toBeGreaterThan(0);
  expect(after.value('postern_pool_waiting', { pool: 'hot' })).toBe(0);
  for (const batch of ['introspection', 'decision', 'other']) {
    expect(after.value('postern_batch_waiting', { batch })).toBe(0);
    expect(after.value('postern_batch_running', { batch })).toBe(0);
    expect(after.value('postern_batch_refused_total', { batch })).toBe(0);
  }
  expect(after.value('postern_leader')).toBe(1);
  expect(after.value('nodejs_eventloop_lag_seconds')).toBeDefined();
  expect(after.value('process_resident_memory_bytes')).toBeGreaterThan(0);
});

test("the ages of keys, mails and seals are the database's", async () => {
  const { store, issuer, secret } = world;
  const days = (count: number) => new Date(Date.now() - count * 86_400_000);
  await store.prisma.signingKey.updateMany({ data: { createdAt: days(100) } });
  const message = { id: 'm', channel: 'mail', destination: 'a@b.example', content: {}, createdAt: days(1) };
  await store.prisma.outboxMessage.create({ data: message });
  const waiting = await store.prisma.outboxMessage.count({ where: { sentAt: null, failedAt: null } });
  const before = await scrape(world);
  expect(before.value('postern_signing_key_age_seconds')).toBeCloseTo(8_640_000, -3);
  expect(before.value('postern_outbox_messages')).toBe(waiting);
  expect(before.value('postern_outbox_oldest_seconds')).toBeCloseTo(86_400, -3);
  expect(before.value('postern_audit_unsealed_seconds')).toBeGreaterThan(0);
  expect(before.value('postern_audit_seal_age_seconds')).toBeUndefined();
  const sign = createSigner(await readSigningKeys(store, secret));
  await settled(store);
  for await (const { events } of sealEvents({ store, issuer, sign })) expect(events).toBeGreaterThan(0);
  const sealed = await scrape(world);
  expect(sealed.value('postern_audit_unsealed_seconds')).toBe(0);
  expect(sealed.value('postern_audit_seal_age_seconds')).toBeGreaterThanOrEqual(0);
});

test('no label holds a token, or the id of an app, a patient, an organization or a resource server', async () => {
  const { prisma } = world.store;
  const idsOf = async (rows: Promise<readonly { readonly id: string }[]>) => (await rows).map(({ id }) => id);
  const select = { select: { id: true } } as const;
  const ids = [
    ...(await idsOf(prisma.app.findMany(select))),
    ...(await idsOf(prisma.patient.findMany(select))),
    ...(await idsOf(prisma.person.findMany(select))),
    ...(await idsOf(prisma.organization.findMany(select))),
    ...(await idsOf(prisma.resourceServer.findMany(select))),
    ...(await idsOf(prisma.consent.findMany(select))),
    ...(await idsOf(prisma.signalStream.findMany(select))),
    ...(await idsOf(prisma.oidcPayload.findMany(select))),
  ];
  expect(ids).toEqual(expect.arrayContaining([world.clientId, world.backendId, world.resourceServer.id]));
  const { accessToken, refreshToken, callback, request } = connection;
  const shown = [...ids, accessToken, refreshToken, callback.searchParams.get('code') ?? '', request.state];
  const words = after.samples.flatMap(({ labels }) => Object.values(labels));
  expect(words.length).toBeGreaterThan(100);
  for (const one of shown) expect(words.filter((word) => word.includes(one))).toEqual([]);
  // Nor anything of the shape of an id.
  expect(words.filter((word) => /[0-9a-f]{8}-[0-9a-f]{4}|[\w-]{40}/.test(word))).toEqual([]);
});

test('the public port knows no metrics; theirs has nothing else, and one address alone', async () => {
  expect((await fetch(`${world.issuer}/metrics`)).status).toBe(404);
  expect((await fetch(metricsUrl(world, '/token'))).status).toBe(404);
  expect((await fetch(metricsUrl(world), { method: 'POST' })).status).toBe(405);
  await expect(fetch(metricsUrl(world, '/metrics', '127.0.0.2'))).rejects.toThrow();
  const { headers } = await fetch(metricsUrl(world));
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});

test('a scrape writes nothing', async () => {
  const before = await dumpTables(world.store);
  await scrape(world);
  expect(await dumpTables(world.store)).toEqual(before);
});
