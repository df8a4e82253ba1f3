import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFhirServer } from '../../src/demo/fhir-server.ts';
import { bodyOf, type Listening, listen } from './listen.ts';

const fhirBase = 'http://fhir.example/fhir';
const appOrigin = 'http://app.example';
const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

interface Asked {
  readonly body: string;
  readonly authorization?: string;
  readonly requestId?: string | string[];
}

// The world: one FHIR server and an introspection endpoint whose answer each test writes.
let authorizationServer: Listening;
let fhirServer: Listening;
let asked: Asked[];
let answer: { status: number; body: string; delayMs?: number };
let smart: () => Promise<unknown>;

const active = (facts: Record<string, unknown> = {}) => ({
  status: 200,
  body: JSON.stringify({
    active: true,
    scope: 'patient/Patient.rs patient/Observation.rs',
    client_id: 'lantern',
    patient: 'ana-rivera',
    aud: fhirBase,
    ...facts,
  }),
});

beforeEach(async () => {
  asked = [];
  answer = active();
  smart = async () => ({
    authorization_endpoint: 'http://as.example/authorize',
    token_endpoint: 'http://as.example/token',
    capabilities: ['launch-standalone'],
  });
  authorizationServer = await listen(async (request, response) => {
    const { authorization, 'x-request-id': requestId } = request.headers;
    asked.push({ body: await bodyOf(request), authorization, requestId });
    const { status, body, delayMs } = answer;
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
    response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end(body);
  });
  fhirServer = await listen(
    createFhirServer({
      fhirBase,
      introspectionEndpoint: `${authorizationServer.url}/introspect`,
      clientId: 'fhir server',
      clientSecret: 'a:b%c d',
      smartConfiguration: () => smart(),
      corsOrigins: [appOrigin],
    }).callback(),
  );
});
afterEach(() => Promise.all([fhirServer.close(), authorizationServer.close()]));

const request = (path: string, init?: RequestInit) => fetch(`${fhirServer.url}/fhir${path}`, init);
const withToken = (path: string, init: RequestInit = {}) =>
  request(path, { ...init, headers: { authorization: 'Bearer t0ken', ...init.headers } });
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

test('a request without a token is answered 401 with a bare Bearer challenge (RFC 6750 §3)', async () => {
  const response = await request('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
  expect(await json(response)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'login' }],
  });
  expect(asked).toEqual([]);
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

test('the token is introspected by POST with form-encoded HTTP Basic credentials (RFC 7662 §2.1, RFC 6749 §2.3.1)', async () => {
  await withToken('/Patient/ana-rivera', { headers: { 'x-request-id': 'trace-1' } });
  expect(asked).toEqual([
    {
      body: 'token=t0ken&token_type_hint=access_token',
      authorization: `Basic ${Buffer.from('fhir+server:a%3Ab%25c+d').toString('base64')}`,
      requestId: 'trace-1',
    },
  ]);
});

test('an active token reads its patient', async () => {
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await json(response)).toMatchObject({ resourceType: 'Patient', id: 'ana-rivera' });
});

test('no answer is kept: a token that ends is refused by the very next request', async () => {
  expect((await withToken('/Patient/ana-rivera')).status).toBe(200);
  answer = { status: 200, body: '{"active":false}' };
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(asked).toHaveLength(2);
});

test.each([
  ['for another server', { aud: 'http://other.example/fhir' }],
  ['for nobody in particular', { aud: undefined }],
  ['bound to a key that was not shown (RFC 9449 §7.2)', { cnf: { jkt: 'thumbprint' }, token_type: 'DPoP' }],
  ['bound to a certificate (RFC 8705 §3)', { cnf: { 'x5t#S256': 'thumbprint' } }],
])('an active token %s is 401 invalid_token', async (_, facts) => {
  answer = active(facts);
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
});

test.each([
  ['fails', { status: 500, body: '{"active":true}' }],
  ['refuses us', { status: 401, body: '{"error":"invalid_client"}' }],
  ['redirects', { status: 302, body: '' }],
  ['answers without JSON', { status: 200, body: '<html>' }],
  ['answers without "active"', { status: 200, body: '{"scope":"patient/*.rs"}' }],
  ['answers "active" as text', { status: 200, body: '{"active":"true"}' }],
])('when introspection %s, access is closed: 503 with Retry-After', async (_, introspection) => {
  answer = introspection;
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await json(response)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'transient' }],
  });
});

test('introspection that takes longer than two seconds, or is away, closes access', async () => {
  answer = { ...active(), delayMs: 2500 };
  const started = Date.now();
  expect((await withToken('/Patient/ana-rivera')).status).toBe(503);
  expect(Date.now() - started).toBeLessThan(2400);
  await authorizationServer.close();
  expect((await withToken('/Patient/ana-rivera')).status).toBe(503);
});

test.each(['/Patient/james-okafor', '/Condition', '/Observation?patient=james-okafor'])(
  'what the token does not reach is 403 insufficient_scope: %s',
  async (path) => {
    const response = await withToken(path);
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'forbidden' }],
    });
    expect(text).not.toContain('Okafor');
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

test('a granular scope narrows a search by GET and by POST alike', async () => {
  answer = active({ scope: `patient/Observation.rs?category=${LAB}` });
  const body = new URLSearchParams({ patient: 'ana-rivera' });
  for (const response of [
    await withToken('/Observation?patient=ana-rivera'),
    await withToken('/Observation/_search', { method: 'POST', body }),
  ]) {
    const bundle = (await response.json()) as { total: number; entry: { resource: { category: unknown } }[] };
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 7 });
    for (const { resource } of bundle.entry)
      expect(resource.category).toMatchObject([{ coding: [{ code: 'laboratory' }] }]);
  }
  expect((await withToken('/Observation?category=vital-signs')).status).toBe(403);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s of a resource is 405', async (method) => {
  const response = await withToken(method === 'POST' ? '/Patient' : '/Patient/ana-rivera', { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toContain('GET');
  expect(await json(response)).toHaveProperty('resourceType', 'OperationOutcome');
});

test('a search form that is too large is 413 and never reaches introspection', async () => {
  const body = new URLSearchParams({ _id: 'x'.repeat(20_000) });
  expect((await withToken('/Patient/_search', { method: 'POST', body })).status).toBe(413);
  expect(asked).toEqual([]);
});

test('both discovery documents are open to any origin, without a token (SMART App Launch 2.2)', async () => {
  const configuration = await request('/.well-known/smart-configuration', {
    headers: { origin: 'http://any.example' },
  });
  expect(configuration.headers.get('access-control-allow-origin')).toBe('*');
  expect(configuration.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await json(configuration)).toEqual(await smart());

  const metadata = await request('/metadata', { headers: { origin: 'http://any.example' } });
  expect(metadata.headers.get('access-control-allow-origin')).toBe('*');
  const statement = await metadata.text();
  expect(JSON.parse(statement)).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  expect(statement).toContain('{"url":"token","valueUri":"http://as.example/token"}');
  expect(statement).not.toContain('introspect');
});

test('when the authorization server is away, discovery is 503 with Retry-After', async () => {
  smart = () => Promise.reject(new Error('connection refused to a secret host'));
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
  expect(asked).toEqual([]);
});

test('the request id is sent back; one that is not plain is replaced', async () => {
  const kept = await request('/Patient', { headers: { 'x-request-id': 'trace-2' } });
  expect(kept.headers.get('x-request-id')).toBe('trace-2');
  const replaced = await request('/Patient', { headers: { 'x-request-id': 'a b<script>' } });
  expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
