// The demo FHIR server does as it is told: each request is decided, and what stands beside a permission is carried out.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { denied, type FhirWorld, fhirBase, json, permitted, startFhirWorld } from './fhir-world.ts';

const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
const HIV = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

const filter = (...alternatives: unknown[]) => ({
  ...{ id: '0', type: 'filter' },
  properties: { resourceType: 'Observation', alternatives },
});
const redact = (unlabelled: boolean) => ({
  ...{ id: '0', type: 'redact' },
  properties: { labels: [HIV], confidentiality: { systems: [CONFIDENTIALITY], open: ['N'] }, unlabelled },
});

let world: FhirWorld;

beforeEach(async () => {
  world = await startFhirWorld();
});
afterEach(() => world.stop());

const withToken = (path: string, init?: RequestInit) => world.withToken(path, init);

test('each request is asked about with form-encoded HTTP Basic credentials (AuthZEN §6.1, RFC 6749 §2.3.1)', async () => {
  await withToken('/Patient/ana-rivera', { headers: { 'x-request-id': 'trace-1' } });
  await withToken('/Observation?patient=ana-rivera&category=survey&category=laboratory');
  const authorization = `Basic ${Buffer.from('fhir+server:a%3Ab%25c+d').toString('base64')}`;
  expect(world.asked).toMatchObject([{ authorization, requestId: 'trace-1' }, { authorization }]);
  const subject = { type: 'access_token', id: 't0ken' };
  expect(world.asked.map(({ body }) => JSON.parse(body))).toEqual([
    {
      ...{ subject, action: { name: 'read' } },
      resource: {
        ...{ type: 'Patient', id: 'ana-rivera' },
        properties: { patient: 'ana-rivera', labels: [], parameters: { _id: ['ana-rivera'] }, count: 1 },
      },
      context: { network: expect.any(String), fhir_base: fhirBase, transaction_type: 'query' },
    },
    {
      ...{ subject, action: { name: 'search' } },
      resource: {
        ...{ type: 'Observation', id: '*' },
        properties: {
          parameters: { patient: ['ana-rivera'], category: ['survey', 'laboratory'] },
          count: expect.any(Number),
        },
      },
      context: { network: expect.any(String), fhir_base: fhirBase, transaction_type: 'query' },
    },
  ]);
});

test('what is permitted is answered', async () => {
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await json(response)).toMatchObject({ resourceType: 'Patient', id: 'ana-rivera' });
});

test('no answer is kept: a token that ends is refused by the very next request', async () => {
  expect((await withToken('/Patient/ana-rivera')).status).toBe(200);
  world.told.answer = denied('401', 'invalid_token');
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(world.asked).toHaveLength(2);
});

test('what the person would have to do first stands in the challenge (RFC 9470 §3)', async () => {
  world.told.answer = denied('401', 'insufficient_user_authentication', { acr_values: 'phr', max_age: 300 });
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_user_authentication", acr_values="phr", max_age="300"',
  );
  world.told.answer = denied('401', 'insufficient_user_authentication', { acr_values: 'a"b', max_age: 'x' });
  expect((await withToken('/Patient/ana-rivera')).headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_user_authentication"',
  );
});

test.each([
  ['fails', { status: 500, body: '{"decision":true}' }],
  ['refuses us', { status: 401, body: '{"error":"invalid_client"}' }],
  ['cannot record it', { status: 503, body: '{}' }],
  ['redirects', { status: 302, body: '' }],
  ['answers without JSON', { status: 200, body: '<html>' }],
  ['answers without "decision"', { status: 200, body: '{"context":{}}' }],
  ['answers "decision" as text', { status: 200, body: '{"decision":"true"}' }],
  [
    'answers with obligations in no list',
    { status: 200, body: '{"decision":true,"context":{"obligations":{}}}' },
  ],
])('when the decision %s, access is closed: 503 with Retry-After', async (_, told) => {
  world.told.answer = told;
  const response = await withToken('/Patient/ana-rivera');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await json(response)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'transient' }],
  });
});

test('a decision that never comes, or is away, closes access', async () => {
  world.told.answer = { ...permitted(), never: true };
  expect((await withToken('/Patient/ana-rivera')).status).toBe(503);
  await world.authorizationServer.close();
  expect((await withToken('/Patient/ana-rivera')).status).toBe(503);
});

test.each(['/Patient/james-okafor', '/Condition', '/Observation?patient=james-okafor'])(
  'what is denied is 403 insufficient_scope: %s',
  async (path) => {
    world.told.answer = denied('403', 'access_denied');
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

test('a filter narrows a search by GET and by POST alike', async () => {
  world.told.answer = permitted(
    filter([
      ['category', LAB],
      ['patient', 'ana-rivera'],
    ]),
  );
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
});

const totalOf = async (path: string) => ((await json(await withToken(path))) as { total?: number }).total;

test('what passes one of several alternatives is shown, and of several filters it must pass each', async () => {
  const [all, lab] = [await totalOf('/Observation'), 'category'];
  world.told.answer = permitted(filter([[lab, LAB]], [['patient', 'nobody']]));
  const some = await totalOf('/Observation');
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(all ?? 0);
  world.told.answer = permitted(filter([[lab, LAB]]), filter([['patient', 'nobody']]));
  expect(await totalOf('/Observation')).toBe(0);
  world.told.answer = permitted(filter([['status', 'final']]));
  expect(await totalOf('/Observation')).toBe(0);
  // A filter of another type says nothing of this one.
  expect(await totalOf('/Condition')).toBeGreaterThan(0);
});

test('what a read must be found by it is found by, or it is not answered', async () => {
  world.told.answer = permitted({
    ...filter(),
    properties: { resourceType: '*', alternatives: [[['_id', 'ana-rivera']]] },
  });
  expect((await withToken('/Patient/ana-rivera')).status).toBe(200);
  expect((await withToken('/Patient/james-okafor')).status).toBe(403);
});

test('what is labelled so, or is not labelled, is left out as if it were not there', async () => {
  world.told.answer = permitted(redact(false));
  expect(await totalOf('/Observation')).toBeGreaterThan(0);
  world.told.answer = permitted(redact(true));
  expect(await totalOf('/Observation')).toBe(0);
});

test('what must be logged is, with the request id and nothing of a record', async () => {
  world.told.answer = permitted({ id: '0', type: 'log', properties: { about: 'representative' } });
  expect((await withToken('/Patient/ana-rivera', { headers: { 'x-request-id': 'trace-3' } })).status).toBe(
    200,
  );
  expect(world.logged).toEqual(['trace-3: read of Patient, to be logged as representative']);
});
