// The demo FHIR server as such: its tokens, its errors, its documents, and who may call it from a browser.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { appOrigin, type FhirWorld, json, startFhirWorld } from './fhir-world.ts';

let world: FhirWorld;

beforeEach(async () => {
  world = await startFhirWorld();
});
afterEach(() => world.stop());

const request = (path: string, init?: RequestInit) => world.request(path, init);
const withToken = (path: string, init?: RequestInit) => world.withToken(path, init);

test('a request without a token is answered 401 with a bare Bearer challenge (RFC 6750 §3)', async () => {
  const response = await request('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await json(response)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'login' }],
  });
  expect(world.asked).toEqual([]);
});

test('a token outside the Authorization header does not count (RFC 6750 §2.1)', async () => {
  expect((await request('/Patient?access_token=t0ken')).status).toBe(401);
  const body = new URLSearchParams({ access_token: 't0ken' });
  expect((await request('/Patient/_search', { method: 'POST', body })).status).toBe(401);
  expect((await request('/Patient', { headers: { authorization: 'Basic dDp0' } })).status).toBe(401);
  expect((await request('/Patient', { headers: { authorization: 'DPoP t0ken' } })).status).toBe(401);
  expect((await withToken('/Patient?access_token=t0ken')).status).toBe(400);
});

test.each(['Bearer', 'Bearer a b', 'Bearer "t"', `Bearer ${'a'.repeat(4097)}`])(
  'a malformed Authorization header is 400 invalid_request: %.20s',
  async (authorization) => {
    const response = await request('/Patient', { headers: { authorization } });
    expect(response.status).toBe(400);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_request"');
  },
);

test.each(['/Nothing', '/Nothing/1', '/Patient/no-such', '/Patient/ana-rivera/_history', '/__proto__'])(
  'what does not exist is 404 with an OperationOutcome: %s',
  async (path) => {
    const response = await withToken(path);
    expect(response.status).toBe(404);
    expect(await json(response)).toHaveProperty('resourceType', 'OperationOutcome');
  },
);

test('an unknown search parameter is 400, not passed over', async () => {
  const response = await withToken('/Observation?code=4548-4');
  expect(response.status).toBe(400);
  expect(await json(response)).toHaveProperty('resourceType', 'OperationOutcome');
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s of a resource is 405', async (method) => {
  const response = await withToken(method === 'POST' ? '/Patient' : '/Patient/ana-rivera', { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toContain('GET');
  expect(await json(response)).toHaveProperty('resourceType', 'OperationOutcome');
});

test('a search form that is too large is 413 and never reaches a decision', async () => {
  const body = new URLSearchParams({ _id: 'x'.repeat(20_000) });
  expect((await withToken('/Patient/_search', { method: 'POST', body })).status).toBe(413);
  expect(world.asked).toEqual([]);
});

test('both discovery documents are open to any origin, without a token (SMART App Launch 2.2)', async () => {
  const configuration = await request('/.well-known/smart-configuration', {
    headers: { origin: 'http://any.example' },
  });
  expect(configuration.headers.get('access-control-allow-origin')).toBe('*');
  expect(configuration.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await json(configuration)).toEqual(await world.told.smart());

  const metadata = await request('/metadata', { headers: { origin: 'http://any.example' } });
  expect(metadata.headers.get('access-control-allow-origin')).toBe('*');
  const statement = await metadata.text();
  expect(JSON.parse(statement)).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  expect(statement).toContain('{"url":"token","valueUri":"http://as.example/token"}');
  expect(statement).not.toContain('introspect');
});

test('who opens the base itself sees what is there', async () => {
  const response = await request('', { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([
    303,
    'http://fhir.example/fhir/metadata',
  ]);
});

test('when the authorization server is away, discovery is 503 with Retry-After', async () => {
  world.told.smart = () => Promise.reject(new Error('connection refused to a secret host'));
  const response = await request('/.well-known/smart-configuration');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await response.text()).not.toContain('secret host');
});

test('data is open to registered origins only, refusals included', async () => {
  const own = await withToken('/Patient', { headers: { origin: appOrigin } });
  expect(own.headers.get('access-control-allow-origin')).toBe(appOrigin);
  expect(own.headers.get('vary')).toContain('Origin');
  expect(own.headers.get('access-control-allow-credentials')).toBeNull();
  const refused = await request('/Patient', { headers: { origin: appOrigin } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe(appOrigin);
  expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  const foreign = await withToken('/Patient', { headers: { origin: 'http://app.example.evil.example' } });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
});

test('a preflight lets a registered origin send Authorization, and no other', async () => {
  const preflight = (origin: string) =>
    request('/Observation', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
  const own = await preflight(appOrigin);
  expect(own.status).toBe(204);
  expect(own.headers.get('access-control-allow-headers')).toContain('Authorization');
  expect((await preflight('http://other.example')).headers.get('access-control-allow-headers')).toBeNull();
  expect(world.asked).toEqual([]);
});

test('the request id is sent back; one that is not plain is replaced', async () => {
  const kept = await request('/Patient', { headers: { 'x-request-id': 'trace-2' } });
  expect(kept.headers.get('x-request-id')).toBe('trace-2');
  const replaced = await request('/Patient', { headers: { 'x-request-id': 'a b<script>' } });
  expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
