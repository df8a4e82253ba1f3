import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Answered,
  clientMetadata,
  faultsIn,
  initialToken,
  registerClient,
} from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';
import { isNoFaultOfOurs } from './no-fault.ts';

let world: World;
let vendor: Vendor;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  token = await initialToken(world, vendor);
});
afterAll(() => world.stop());

const count = () => world.store.prisma.app.count();
const register = async (changes: object): Promise<Answered> =>
  registerClient(world, token, await clientMetadata(world, { ...changes }));

describe('nobody registers anonymously', () => {
  test('without a token, and the header says no more than that (RFC 6750 §3.1)', async () => {
    const { status, headers, body } = await registerClient(world, undefined, await clientMetadata(world));
    expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="registration"');
  });

  test.each([
    ['an unknown token', `postern_iat_${'x'.repeat(43)}`],
    ['a registration access token', `postern_rat_${'x'.repeat(43)}`],
    ['no token of ours', 'abc'],
    ['nothing after the scheme', ''],
    ['several words', 'a b c'],
    ['a very long one', 'x'.repeat(4_000)],
    ['odd signs', '%00%ff"\'\\'],
  ])('%s', async (_, given) => {
    const before = await count();
    const { status, headers, body } = await registerClient(world, given, await clientMetadata(world));
    expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="registration", error="invalid_token"');
    expect(await count()).toBe(before);
  });

  test('a token that has ended, by its time or by its organization', async () => {
    const other = await registerVendor(world);
    const { prisma } = world.store;
    const given = await initialToken(world, other);
    const expiresAt = new Date(Date.now() - 1_000);
    await prisma.initialAccessToken.updateMany({ where: { organizationId: other.id }, data: { expiresAt } });
    expect((await registerClient(world, given, await clientMetadata(world))).status).toBe(401);
    const next = await initialToken(world, other);
    await prisma.organization.update({ where: { id: other.id }, data: { suspendedAt: new Date() } });
    expect((await registerClient(world, next, await clientMetadata(world))).status).toBe(401);
  });
});

describe('invalid_redirect_uri', () => {
  test.each([
    ['http', 'http://bright.example/cb'],
    ['a wildcard', 'https://*.bright.example/cb'],
    ['a fragment', 'https://bright.example/cb#x'],
    ['javascript:', 'javascript:alert(1)'],
    ['data:', 'data:text/html,x'],
    ['user info', 'https://user@bright.example/cb'],
    ['an IP literal', 'https://203.0.113.7/cb'],
    ['an IPv6 literal', 'https://[2001:db8::1]/cb'],
    ['a decimal address', 'https://3405803783/cb'],
    ['a parameter of the answer', 'https://bright.example/cb?code=1'],
    ['no address', 'nowhere'],
    ['a number', 7],
  ])('%s', async (_, uri) => {
    const answer = await register({ redirect_uris: [uri] });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect(faultsIn(answer)[1]).toMatch(/^redirect_uris\.0 /);
  });

  test('localhost for a native app (RFC 8252 §8.3)', async () => {
    const native = { application_type: 'native' };
    const answer = await register({ ...native, redirect_uris: ['http://localhost:7777/cb'] });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect((await register({ ...native, redirect_uris: ['http://127.0.0.1:7777/cb'] })).status).toBe(201);
  });
});

describe('invalid_client_metadata', () => {
  const scopes = Array.from({ length: 200 }, (_, index) => `patient/Observation.rs?category=c${index}`);
  test.each([
    ['a name of 40 KB', { client_name: 'x'.repeat(40_960) }, 'client_name'],
    ['200 scopes', { scope: scopes.join(' ') }, 'scope'],
    ['an unknown scope', { scope: 'patient/Patient.rs everything' }, 'scope'],
    ['an unknown member', { favourite_colour: 'blue' }, 'favourite_colour'],
    ['a name in another language', { 'client_name#es': 'Brillo' }, 'client_name#es'],
    ['a field of ours', { websiteUrl: 'https://bright.example' }, 'websiteUrl'],
    ['another response type', { response_types: ['token'] }, 'response_types'],
    ['another grant type', { grant_types: ['implicit'] }, 'grant_types.0'],
    [
      'another way to prove itself',
      { token_endpoint_auth_method: 'tls_client_auth' },
      'token_endpoint_auth_method',
    ],
    ['a purpose for emergencies', { purposes_of_use: ['BTG'] }, 'purposes_of_use.0'],
    ['a FHIR server that is not here', { audiences: ['https://fhir.example/r4'] }, 'audiences.0'],
    ['contacts that are none', { contacts: ['call me'] }, 'contacts.0'],
    ['a use case of other fields', { use_case: { everything: true } }, 'use_case.everything'],
    ['an SVG as address of data', { logo_uri: 'data:image/svg+xml,<svg/>' }, 'logo_uri'],
  ])('%s', async (_, changes, member) => {
    const before = await count();
    const answer = await register(changes);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata']);
    const faults = answer.body.faults as { field: string; text: string }[];
    expect(faults.map(({ field }) => field)).toContain(member);
    expect(faults.every(({ text }) => text.length > 5)).toBe(true);
    expect(await count()).toBe(before);
  });

  test('1,500 redirect URIs', async () => {
    const redirect_uris = Array.from({ length: 1_500 }, (_, index) => `https://bright.example/${index}`);
    const answer = await register({ redirect_uris });
    expect([answer.status, faultsIn(answer)]).toEqual([
      400,
      ['invalid_redirect_uri', 'redirect_uris too_many'],
    ]);
  });

  test.each([
    'status',
    'owner_id',
    'ownerId',
    'reviewed_at',
    'client_id',
    'client_secret',
    'organization_id',
  ])('%s is not for a client to say', async (member) => {
    const answer = await register({ [member]: 'mine' });
    expect([answer.status, faultsIn(answer)]).toEqual([
      400,
      ['invalid_client_metadata', `${member} unknown_field`],
    ]);
  });

  test('all faults are told at once, those of the members and those of what they say', async () => {
    const answer = await register({
      status: 'approved',
      client_name: '',
      redirect_uris: ['http://x.example/'],
    });
    expect(faultsIn(answer).sort()).toEqual([
      ...['client_name required', 'invalid_redirect_uri', 'redirect_uris.0 url_https_required'],
      'status unknown_field',
    ]);
  });

  test('a software statement is trusted by nobody yet (RFC 7591 §3.2.2)', async () => {
    const answer = await register({ software_statement: 'eyJhbGciOiJub25lIn0.e30.' });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_software_statement']);
  });
});

test('what is no JSON object, too long or not to be kept is 400, never 5xx', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const bodies = ['{', 'null', '[]', '7', '"x"', '{"client_name":"a\\u0000b"}', '{"client_name":"\\ud800"}'];
  for (const body of [
    ...bodies,
    '{"__proto__":{"a":1}}',
    deep,
    `{"x":${deep}}`,
    `{"x":"${'y'.repeat(300_000)}"}`,
  ]) {
    const answer = await registerClient(world, token, body);
    expect([body.slice(0, 30), answer.status, answer.body.error]).toEqual([
      ...[body.slice(0, 30), 400, 'invalid_client_metadata'],
    ]);
  }
  const headers = { authorization: `Bearer ${token}` };
  for (const request of [
    { method: 'POST', headers, body: new URLSearchParams({ a: 'b' }) },
    { method: 'PATCH', headers },
  ])
    await isNoFaultOfOurs(await fetch(`${world.issuer}/register`, request));
});
