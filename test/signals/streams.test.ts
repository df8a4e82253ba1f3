// The life of a stream at its endpoints (SSF 1.0 §7, §8.1).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { configurationPath, transmitterConfiguration } from '../../src/signals/transmitter-configuration.ts';
import {
  addServer,
  CAEP,
  type Members,
  POLL,
  PUSH,
  type Server,
  serverOf,
} from '../setup/signal-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let server: Server;

beforeAll(async () => {
  world = await createWorld('postgresql');
  server = await addServer(world);
});
afterAll(() => world.stop());

const STREAM = '/ssf/stream';
const push = { method: PUSH, endpoint_url: 'https://receiver.example.com/events' };
const jsonOf = async (response: Response) => (await response.json()) as Members;

/** A server with a stream. */
async function withStream(body: Members = {}): Promise<Server & { readonly streamId: string }> {
  const own = await addServer(world);
  const made = await own.ask('POST', STREAM, body);
  expect(made.status).toBe(201);
  return { ...own, streamId: String((await jsonOf(made)).stream_id) };
}

test('the configuration stands where an issuer with a path would have it inserted (§7.2.1)', async () => {
  const found = await fetch(`${world.issuer}/.well-known/ssf-configuration`);
  const document = await jsonOf(found);
  expect(document).toEqual(JSON.parse(JSON.stringify(transmitterConfiguration(world.issuer))));
  expect(document).toMatchObject({ spec_version: '1_0', issuer: world.issuer, default_subjects: 'ALL' });
  expect((await fetch(String(document.jwks_uri))).status).toBe(200);
  expect(configurationPath('https://tr.example.com/issuer1')).toBe('/.well-known/ssf-configuration/issuer1');
});

describe('a stream', () => {
  test('is made, read, changed, replaced and removed (§8.1.1)', async () => {
    const header = 'Bearer a-secret-of-the-receiver';
    const asked = {
      delivery: { ...push, authorization_header: header },
      events_requested: [`${CAEP}session-revoked`, 'urn:example:unknown'],
      description: 'A stream',
    };
    const made = await server.ask('POST', STREAM, asked);
    const stream = await jsonOf(made);
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(stream).toEqual({
      ...{ stream_id: expect.any(String), iss: world.issuer, aud: server.id, description: 'A stream' },
      ...{ events_supported: expect.arrayContaining([`${CAEP}session-revoked`]), delivery: push },
      ...{ events_requested: asked.events_requested, events_delivered: [`${CAEP}session-revoked`] },
      min_verification_interval: 10,
    });
    expect(await jsonOf(await server.ask('GET', STREAM))).toEqual([stream]);
    const query = `${STREAM}?stream_id=${stream.stream_id}`;
    expect(await jsonOf(await server.ask('GET', query))).toEqual(stream);

    const changed = { stream_id: stream.stream_id, iss: world.issuer, description: 'Another' };
    expect(await jsonOf(await server.ask('PATCH', STREAM, changed))).toEqual({
      ...stream,
      description: 'Another',
    });
    const kept = await world.store.prisma.signalStream.findFirstOrThrow({
      where: { resourceServerId: server.id },
    });
    // Sealed, and still there.
    expect(Buffer.from(kept.sealedAuthorization ?? []).toString('latin1')).not.toContain('a-secret');
    expect(kept.sealedAuthorization?.length).toBeGreaterThan(header.length);

    const replaced = await jsonOf(await server.ask('PUT', STREAM, { stream_id: stream.stream_id }));
    expect(replaced).toMatchObject({ delivery: { method: POLL } });
    expect(replaced).not.toHaveProperty('description');
    expect(replaced).not.toHaveProperty('events_requested');
    expect(replaced.events_delivered).toEqual(replaced.events_supported);

    const removed = await server.ask('DELETE', query);
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    expect((await server.ask('GET', query)).status).toBe(404);
    expect(await jsonOf(await server.ask('GET', STREAM))).toEqual([]);
  });

  test('is one for each resource server: the second is 409, of several at once one is made', async () => {
    const own = await addServer(world);
    const made = await Promise.all(Array.from({ length: 5 }, () => own.ask('POST', STREAM, {})));
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  test('is recorded in the audit', async () => {
    const own = await withStream();
    await own.ask('DELETE', `${STREAM}?stream_id=${own.streamId}`, undefined, {
      'x-request-id': 'a-request-of-ours',
    });
    const events = await world.store.prisma.auditEvent.findMany({ where: { resourceServerId: own.id } });
    expect(events.map(({ type }) => type).sort()).toEqual(['signal_stream.created', 'signal_stream.deleted']);
    expect(events.map(({ requestId }) => requestId)).toContain('a-request-of-ours');
  });
});

describe('what is refused', () => {
  const endpoints: readonly (readonly [string, string])[] = [
    ...(['POST', 'GET', 'PATCH', 'PUT', 'DELETE'] as const).map((method) => [method, STREAM] as const),
    ...[['GET', '/ssf/status'] as const, ['POST', '/ssf/status'] as const],
    ...[['POST', '/ssf/subjects/add'] as const, ['POST', '/ssf/subjects/remove'] as const],
    ...[['POST', '/ssf/verification'] as const, ['POST', `/ssf/poll/${randomUUID()}`] as const],
  ];

  test.each(endpoints)('%s %s without the credentials of a resource server: 401', async (method, path) => {
    const { access_token: token } = await jsonOf(await backendAnswer());
    const nobody = serverOf(world, server.id, 'wrong');
    for (const authorization of [undefined, nobody.authorization, `Bearer ${token}`, 'Basic !']) {
      const response = await fetch(`${world.issuer}${path}`, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect([response.status, (await jsonOf(response)).error]).toEqual([401, 'invalid_client']);
      expect(response.headers.get('www-authenticate')).toContain('Basic');
    }
  });

  const backendAnswer = async () => {
    const { backendToken } = await import('../setup/backend-client.ts');
    return backendToken(world);
  };

  test.each(endpoints.filter(([method]) => method !== 'GET' && method !== 'DELETE'))(
    '%s %s with a body that cannot be read: 400',
    async (method, path) => {
      for (const body of ['{', '[]', '"text"', '{"stream_id":"\\u0000"}', `{"a":"${'x'.repeat(70_000)}"}`])
        expect((await server.ask(method, path, body)).status).toBe(400);
      expect((await server.ask(method, path, '{}', { 'content-type': 'text/plain' })).status).toBe(400);
    },
  );

  test.each([
    ['delivery', 'push'],
    ['delivery', { method: 'urn:example:other' }],
    ['delivery', { method: PUSH }],
    ['delivery', { method: PUSH, endpoint_url: 'http://receiver.example.com/events' }],
    ['delivery', { method: PUSH, endpoint_url: 'https://user:word@receiver.example.com/' }],
    ['delivery', { method: PUSH, endpoint_url: 'ftp://receiver.example.com/' }],
    ['delivery', { method: PUSH, endpoint_url: 'https://10.0.0.1/events' }],
    ['delivery', { ...push, authorization_header: 'Bearer x\r\nHost: y' }],
    ['delivery', { method: POLL, endpoint_url: 'https://receiver.example.com/poll' }],
    ['events_requested', []],
    ['events_requested', 'all'],
    ['events_requested', [1]],
    ['description', 5],
  ])('a stream with %s %j: 400', async (name, value) => {
    const own = await addServer(world);
    const refused = await own.ask('POST', STREAM, { [name]: value });
    expect([refused.status, (await jsonOf(refused)).error]).toEqual([400, 'invalid_request']);
  });

  test.each([
    ['iss', 'https://other.example.com'],
    ['aud', 'somebody else'],
    ['events_delivered', []],
    ['min_verification_interval', 1],
  ])('a change that names %s otherwise than it is: 400 (§8.1.1.3)', async (name, value) => {
    const own = await withStream();
    for (const method of ['PATCH', 'PUT'])
      expect((await own.ask(method, STREAM, { stream_id: own.streamId, [name]: value })).status).toBe(400);
  });

  test('the stream of somebody else, one that is not there, and none: 404 and 400', async () => {
    const own = await withStream();
    const other = await withStream();
    for (const stream_id of [other.streamId, randomUUID(), 'nothing', "' OR 1=1"]) {
      expect((await own.ask('GET', `${STREAM}?stream_id=${encodeURIComponent(stream_id)}`)).status).toBe(404);
      expect((await own.ask('DELETE', `${STREAM}?stream_id=${encodeURIComponent(stream_id)}`)).status).toBe(
        404,
      );
      expect((await own.ask('PATCH', STREAM, { stream_id })).status).toBe(404);
      expect((await own.ask('POST', '/ssf/verification', { stream_id })).status).toBe(404);
      expect((await own.ask('POST', '/ssf/status', { stream_id, status: 'paused' })).status).toBe(404);
      expect((await own.ask('POST', `/ssf/poll/${encodeURIComponent(stream_id)}`, {})).status).toBe(404);
    }
    expect((await own.ask('DELETE', STREAM)).status).toBe(400);
    expect((await own.ask('PATCH', STREAM, {})).status).toBe(400);
    expect((await own.ask('GET', '/ssf/status')).status).toBe(400);
  });
});

test('status is read and changed (§8.1.2)', async () => {
  const own = await withStream();
  const status = `/ssf/status?stream_id=${own.streamId}`;
  expect(await jsonOf(await own.ask('GET', status))).toEqual({ stream_id: own.streamId, status: 'enabled' });
  const paused = { stream_id: own.streamId, status: 'paused', reason: 'Maintenance' };
  expect(await jsonOf(await own.ask('POST', '/ssf/status', paused))).toEqual(paused);
  expect(await jsonOf(await own.ask('GET', status))).toEqual(paused);
  for (const body of [{ status: 'stopped' }, {}, { status: 'enabled', reason: 5 }])
    expect((await own.ask('POST', '/ssf/status', { stream_id: own.streamId, ...body })).status).toBe(400);
});

test('subjects are taken out and put back without a word about whether they are known (§8.1.3)', async () => {
  const { streamId: stream_id, ask } = await withStream();
  const subject = { format: 'iss_sub', iss: world.issuer, sub: 'nobody' };
  const removed = await ask('POST', '/ssf/subjects/remove', { stream_id, subject });
  expect([removed.status, await removed.text()]).toEqual([204, '']);
  const added = await ask('POST', '/ssf/subjects/add', { stream_id, subject, verified: true });
  expect([added.status, await added.text()]).toEqual([200, '']);
  for (const wrong of [undefined, 'text', {}, { format: 'iss_sub' }, { format: 'complex', user: 'x' }])
    for (const path of ['add', 'remove'])
      expect((await ask('POST', `/ssf/subjects/${path}`, { stream_id, subject: wrong })).status).toBe(400);
});

test('verification is asked for once in ten seconds: then 429 (§8.1.4.2)', async () => {
  const { streamId: stream_id, ask } = await withStream();
  const asked = await Promise.all([1, 2, 3].map(() => ask('POST', '/ssf/verification', { stream_id })));
  expect(asked.map(({ status }) => status).sort()).toEqual([204, 429, 429]);
  expect(asked.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('10');
  world.clock.advance(11_000);
  expect((await ask('POST', '/ssf/verification', { stream_id, state: 5 })).status).toBe(400);
  expect((await ask('POST', '/ssf/verification', { stream_id, state: 'VGhpcy' })).status).toBe(204);
});
