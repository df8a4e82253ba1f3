import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { authorizationRequest } from '../setup/app-client.ts';
import { authenticated, backendKey, seconds } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { craftedJws, withEs384 } from '../setup/crafted-jws.ts';
import { basic, createWorld, type World } from '../setup/world.ts';
import { isNoFaultOfOurs } from './no-fault.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const NAMES = [
  ...[
    'client_id',
    'redirect_uri',
    'response_type',
    'response_mode',
    'scope',
    'state',
    'aud',
    'resource',
    'launch',
  ],
  ...[
    'purpose_of_use',
    'nonce',
    'prompt',
    'max_age',
    'login_hint',
    'id_token_hint',
    'ui_locales',
    'acr_values',
  ],
  ...[
    'code_challenge',
    'code_challenge_method',
    'claims',
    'request',
    'request_uri',
    'registration',
    'display',
  ],
  ...['grant_type', 'code', 'code_verifier', 'refresh_token', 'token', 'token_type_hint', 'client_secret'],
  ...[
    'client_assertion',
    'client_assertion_type',
    'authorization_details',
    'dpop_jkt',
    '__proto__',
    'constructor',
  ],
];
const VALUES = [
  ...[
    '',
    'code',
    'token',
    'none',
    'login',
    'S256',
    'plain',
    'query',
    'openid',
    'patient/Patient.rs',
    '0',
    '-1',
    '1e309',
  ],
  ...[
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'null',
    '{}',
    '[]',
    '{"id_token":{"sub":null}}',
  ],
  ...[
    'a.b.c',
    'e30.e30.e30',
    '\0',
    '\ud800',
    '%',
    '%00',
    '\r\nX-Evil: 1',
    'https://evil.example/',
    'urn:x',
    '..',
  ],
];
const value = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 80, unit: 'binary' }) },
);
const changes = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 });

type Pairs = readonly (readonly [string, string])[];

/** An honest request in which some parameters are replaced, and some are sent twice. */
const changed = (honest: Readonly<Record<string, string>>, fuzz: Pairs, twice: boolean): URLSearchParams => {
  const parameters = new URLSearchParams(honest);
  for (const [name, text] of fuzz) {
    if (twice) parameters.append(name, text);
    else parameters.set(name, text);
  }
  return parameters;
};

test('/authorize', async () => {
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), async (fuzz, twice) => {
      const honest = Object.fromEntries(new URL(authorizationRequest(world).url).searchParams);
      const parameters = changed(honest, fuzz, twice);
      await isNoFaultOfOurs(await patient.send(`/authorize?${parameters}`));
    }),
    { numRuns: 100 },
  );
});

test.each(['/token', '/revoke', '/introspect'])('%s', async (path) => {
  const { id, secret } = world.resourceServer;
  const headers = { authorization: basic(id, secret) };
  await fc.assert(
    fc.asyncProperty(changes, fc.boolean(), fc.boolean(), async (fuzz, twice, signed) => {
      const request = { grant_type: 'client_credentials', scope: 'system/Patient.rs', token: 'x' };
      const proof = signed ? await authenticated(world) : { client_id: world.clientId };
      const body = changed({ ...request, ...proof }, fuzz, twice);
      const sent = path === '/introspect' ? { headers } : {};
      await isNoFaultOfOurs(await fetch(`${world.issuer}${path}`, { method: 'POST', body, ...sent }));
    }),
    { numRuns: 60 },
  );
});

test('claims and headers of an assertion', async () => {
  const key = await backendKey(world, 'ES384');
  const claim = fc.constantFrom('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti');
  const member = fc.constantFrom('alg', 'kid', 'typ', 'crit', 'b64', 'zip', 'cty', 'jku', 'x5c');
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom('\0', '\ud800', -1, 0.5, 1e308, 2 ** 53, -(2 ** 63)),
  );
  const some = (name: fc.Arbitrary<string>) => fc.dictionary(name, odd, { maxKeys: 2 });
  await fc.assert(
    fc.asyncProperty(some(claim), some(member), async (claims, header) => {
      const { backendId: iss, issuer } = world;
      const honest = { iss, sub: iss, aud: `${issuer}/token`, exp: seconds() + 300, jti: randomUUID() };
      const protectedHeader = { alg: 'ES384', kid: key.kid, typ: 'JWT', ...header };
      const assertion = craftedJws(protectedHeader, { ...honest, ...claims }, withEs384(key));
      const parameters = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
      const body = new URLSearchParams({ ...parameters, ...(await authenticated(world, assertion)) });
      await isNoFaultOfOurs(await fetch(`${issuer}/token`, { method: 'POST', body }));
    }),
    { numRuns: 150 },
  );
});
