// What the operator's collector hears: a span for each request, by its route and its id, and nothing of anybody else's.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTraces } from '../../src/outside/traces.ts';
import { createLog } from '../../src/web/log.ts';
import { redeem } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Collector, createCollector } from '../setup/collector.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { decisionsIn, postDecision, readOf } from '../setup/decisions.ts';
import { until } from '../setup/until.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let collector: Collector;
let world: World;
let patient: TestBrowser;
let connection: Connection;

beforeAll(async () => {
  collector = await createCollector();
  world = await createWorld('embedded', { POSTERN_OTLP_URL: collector.url });
  patient = await world.patientBrowser();
  connection = await connect(world, patient);
});
afterAll(async () => {
  await world.stop();
  await collector.stop();
});

const spanOf = (requestId: string) =>
  collector.hears(({ attributes }) => attributes['postern.request_id'] === requestId);

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

test('a decision, its audit event and its span have one request id, in the trace of who asked', async () => {
  const headers = { 'x-request-id': 'fhir-request-17', traceparent: `00-${TRACE}-${PARENT}-01` };
  const response = await postDecision(world, 'evaluation', readOf(connection.accessToken), headers);
  expect(response.headers.get('x-request-id')).toBe('fhir-request-17');
  expect((await decisionsIn(world)).at(-1)).toMatchObject({ requestId: 'fhir-request-17' });
  const span = await spanOf('fhir-request-17');
  expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2, status: { code: 0 } });
  expect(span.name).toBe('POST /access/v1/evaluation');
  expect(span.attributes).toEqual({
    ...{ 'http.request.method': 'POST', 'http.route': '/access/v1/evaluation' },
    ...{ 'http.response.status_code': 200, 'postern.request_id': 'fhir-request-17', 'postern.outcome': 'ok' },
  });
  expect(BigInt(span.endTimeUnixNano)).toBeGreaterThan(BigInt(span.startTimeUnixNano));
});

test('an OAuth error stands in the span, and the refusal in the audit has its request id', async () => {
  const replayed = await redeem(world, connection.request, connection.callback);
  const requestId = replayed.headers.get('x-request-id') ?? '';
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({ where: { type: 'token.refused' } });
  expect(event.requestId).toBe(requestId);
  expect((await spanOf(requestId)).attributes).toMatchObject({
    ...{ 'http.route': '/token', 'http.response.status_code': 400, 'postern.outcome': 'invalid_grant' },
  });
});

async function introspectIn(requestId: string, traceparent: string) {
  const { id, secret } = world.resourceServer;
  await fetch(`${world.issuer}/introspect`, {
    method: 'POST',
    headers: { authorization: basic(id, secret), 'x-request-id': requestId, traceparent },
    body: new URLSearchParams({ token: connection.accessToken }),
  });
}

test.each([
  ['no trace at all', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['a version that is forbidden', `ff-${TRACE}-${PARENT}-01`],
  ['capital letters', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ['no parent', `00-${TRACE}-${'0'.repeat(16)}-01`],
])(
  'a traceparent with %s begins a trace of its own (W3C Trace Context §3.2.2)',
  async (what, traceparent) => {
    const requestId = what.replaceAll(' ', '-');
    await introspectIn(requestId, traceparent);
    const { traceId, parentSpanId } = await spanOf(requestId);
    expect(traceId).not.toBe(TRACE);
    expect(parentSpanId ?? '').toBe('');
  },
);

test('what the caller does not sample is not traced', async () => {
  await introspectIn('not-sampled-1', `00-${TRACE}-${PARENT}-00`);
  await introspectIn('is-sampled-1', `00-${TRACE}-${PARENT}-01`);
  await spanOf('is-sampled-1');
  expect(collector.bodies.join('')).not.toContain('not-sampled-1');
});

test('no span holds a URL, a token, or the id of an app, a patient or a resource server', async () => {
  const { accessToken, refreshToken, callback, request } = connection;
  await patient.send(`/my/apps/${world.clientId}/stop?patient=ana-rivera`, {
    headers: { 'x-request-id': 'stop-page-1', tracestate: 'vendor=ana-rivera' },
  });
  await patient.send(`/no/such/page/${world.clientId}`, { headers: { 'x-request-id': 'no-page-1' } });
  expect((await spanOf('stop-page-1')).name).toMatch(/^GET \/my\/apps\/:\w+\/stop$/);
  expect((await spanOf('no-page-1')).name).toBe('GET');
  const said = collector.bodies.join('');
  const patients = await world.store.prisma.patient.findMany({ select: { id: true } });
  const shown = [
    ...[accessToken, refreshToken, request.state, callback.searchParams.get('code') ?? ''],
    ...[world.clientId, world.backendId, world.resourceServer.id, 'ana-rivera', world.issuer],
    ...patients.map(({ id }) => id),
  ];
  for (const one of shown) expect(said).not.toContain(one);
});

test('a collector that says nothing keeps no request and no end waiting', async () => {
  const silent = await createCollector();
  silent.isSilent = true;
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => void warned.push(text) };
  const traces = startTraces({ collectorUrl: silent.url, percent: 100 }, log);
  const request = { method: 'GET', headers: {} };
  const answered = { request, requestId: 'r', route: '/token', status: 200, ms: 1, outcome: 'ok' };
  for (let sent = 0; sent < 10_000; sent += 1) traces.answered(answered);
  await until(() => silent.held.length > 0);
  await traces.close();
  expect(silent.bodies).toEqual([]);
  await silent.stop();
  // And one that is gone.
  const gone = startTraces({ collectorUrl: silent.url, percent: 100 }, log);
  gone.answered(answered);
  await gone.close();
  // The exporter tries again, and says how it went when nobody waits any more.
  await until(() => warned.length === 2);
  expect(warned).toEqual([
    'traces do not reach their collector: they are dropped',
    'traces do not reach their collector: they are dropped',
  ]);
});

test('one of a hundred requests is traced where the operator wants no more', async () => {
  const traces = startTraces({ collectorUrl: collector.url, percent: 1 }, createLog('silent'));
  const request = { method: 'GET', headers: {} };
  for (let sent = 0; sent < 3_000; sent += 1) {
    traces.answered({ request, requestId: 'of-many', route: '/x', status: 200, ms: 1, outcome: undefined });
  }
  await traces.close();
  const traced = collector.spans.filter(({ name }) => name === 'GET /x').length;
  expect(traced).toBeGreaterThan(0);
  expect(traced).toBeLessThan(300);
});

test('nothing of OpenTelemetry or of Prometheus is loaded but by a setting', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const importing = (module: RegExp) =>
    files.flatMap((path) => {
      const lines = readFileSync(join('src', path), 'utf8').split('\n');
      return lines
        .filter((line) => module.test(line) && !line.startsWith('import type '))
        .map((line) => line.trim());
    });
  expect(importing(/import.*\/outside\/traces\.ts'/)).toEqual([
    `const traced = traces && (await import('../outside/traces.ts')).startTraces(traces, log);`,
  ]);
  expect(importing(/import.*\.\/metrics\.ts'/)).toEqual([
    `const measured = metrics && (await import('./metrics.ts')).createMetrics({ store, leads });`,
  ]);
});
