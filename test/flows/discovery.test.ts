import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readBrands } from '../../src/provider/brands.ts';
import { createWorld, type World } from '../setup/world.ts';

const HOSPITAL = 'https://hospital.example/fhir';
const organization = (id: string, endpoint: readonly string[]) => ({
  ...{ resourceType: 'Organization', id, name: id, active: true },
  telecom: [{ system: 'url', value: `https://${id}.example` }],
  identifier: [{ system: 'urn:ietf:rfc:3986', value: `https://${id}.example` }],
  endpoint: endpoint.map((one) => ({ reference: `Endpoint/${one}` })),
});
const bundle = {
  ...{ resourceType: 'Bundle', type: 'collection', timestamp: '2026-03-01T08:00:00Z' },
  entry: [
    organization('hospital', ['r4']),
    organization('clinic', []),
    { resourceType: 'Endpoint', id: 'r4', status: 'active', address: HOSPITAL },
  ].map((resource) => ({ resource })),
};

let directory: string;
let world: World;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-brands-'));
  await writeFile(join(directory, 'brands.json'), JSON.stringify(bundle));
  world = await createWorld('embedded', { POSTERN_BRANDS_FILE: join(directory, 'brands.json') });
  await world.store.prisma.fhirBase.create({
    data: { url: HOSPITAL, slug: 'hospital', resourceServerId: world.resourceServer.id },
  });
});
afterAll(async () => {
  await world.stop();
  await rm(directory, { recursive: true });
});

const get = (path: string, headers = {}) => fetch(`${world.issuer}${path}`, { headers });
const documentOf = async (slug: string) =>
  (await (await get(`/fhir-bases/${slug}/.well-known/smart-configuration`)).json()) as Record<
    string,
    unknown
  >;

describe('the document of a FHIR base (SMART conformance, "Using Well-Known")', () => {
  test('is JSON for any origin, whatever is accepted, without signing in', async () => {
    const headers = { accept: 'text/html', origin: 'https://any.example' };
    const response = await get('/fhir-bases/demo/.well-known/smart-configuration', headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('is one for each base of a server: its own brand, the same endpoints', async () => {
    const { user_access_brand_bundle, user_access_brand_identifier, ...hospital } =
      await documentOf('hospital');
    expect(user_access_brand_bundle).toBe(`${world.issuer}/user-access-brands`);
    expect(user_access_brand_identifier).toEqual({
      ...{ system: 'urn:ietf:rfc:3986', value: 'https://hospital.example' },
    });
    const demo = await documentOf('demo');
    expect(demo).not.toHaveProperty('user_access_brand_bundle');
    expect(hospital).toEqual(demo);
  });

  test('names endpoints that are there, and says what the OpenID document says', async () => {
    const smart = await documentOf('demo');
    const openid = (await (await get('/.well-known/openid-configuration')).json()) as Record<string, unknown>;
    const shared = [
      'issuer',
      'jwks_uri',
      'authorization_endpoint',
      'token_endpoint',
      'introspection_endpoint',
    ];
    for (const name of [...shared, 'revocation_endpoint', 'code_challenge_methods_supported']) {
      expect([name, smart[name]]).toEqual([name, openid[name]]);
    }
    for (const [name, url] of Object.entries(smart)) {
      if (!/_endpoint$|_uri$/.test(name)) continue;
      const answers = ['GET', 'POST'].map((method) => fetch(String(url), { method, redirect: 'manual' }));
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect([name, statuses.some((status) => status !== 404)]).toEqual([name, true]);
      expect(String(url)).toMatch(/^https?:\/\//);
    }
  });

  test('of a base that is not there is 404 for any origin', async () => {
    const response = await get('/fhir-bases/nowhere/.well-known/smart-configuration');
    expect(response.status).toBe(404);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the user-access brand bundle (SMART brands, "Conformance Overview")', () => {
  test('is what the operator wrote, for any origin', async () => {
    const response = await get('/user-access-brands', { origin: 'https://any.example' });
    expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual(bundle);
  });

  test('has a weak ETag, and 304 for whoever has it', async () => {
    const etag = (await get('/user-access-brands')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"[\w-]+"$/);
    const again = await get('/user-access-brands', { 'if-none-match': etag, 'cache-control': 'max-age=0' });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await get('/user-access-brands', { 'if-none-match': 'W/"other"' })).status).toBe(200);
  });

  test('may be asked for with If-None-Match from a browser (CORS preflight)', async () => {
    const response = await fetch(`${world.issuer}/user-access-brands`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toBe('*');
  });

  test.each([
    ['cannot be read (ENOENT)', undefined],
    ['is not JSON', '{'],
    ['type must be collection', JSON.stringify({ ...bundle, type: 'batch' })],
  ])('with a fault stops the start, in one sentence: %s', async (why, text) => {
    const file = join(directory, 'faulty.json');
    if (text !== undefined) await writeFile(file, text);
    const error = await readBrands(file).catch((cause: Error) => cause);
    expect(error).toMatchObject({ name: 'StartError' });
    expect((error as Error).message).toContain(why);
    expect((error as Error).message).toMatch(/^The brands in .* cannot be published: [^\n]*\.$/);
  });
});
