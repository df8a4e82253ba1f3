import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runBackendService } from '../../src/demo/backend-service.ts';
import { backendKey, backendToken } from '../setup/backend-client.ts';
import { reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());

test.each(['RS384', 'ES384'] as const)(
  'a backend service signs with %s, gets a token and reads (SMART Backend Services)',
  async (alg) => {
    const lines: string[] = [];
    const exitCode = await runBackendService({
      tokenEndpoint: `${world.issuer}/token`,
      fhirBase: world.fhirBase,
      clientId: world.backendId,
      privateJwk: await backendKey(world, alg),
      alg,
      scope: 'system/Patient.rs system/Observation.rs',
      print: (line) => lines.push(line),
    });
    expect([exitCode, lines.at(-1)]).toEqual([0, 'Done.']);
    expect(lines.filter((line) => / Read [1-9]\d* resources/.test(line))).toHaveLength(2);
  },
);

test('its token lives at most 5 minutes, says its scope, and comes alone (SMART Backend Services; RFC 6749 §4.4.3)', async () => {
  const response = await backendToken(world, { scope: 'system/Observation.r system/Patient.rs' });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const { access_token: token, ...answer } = (await response.json()) as Record<string, unknown>;
  expect(answer).toEqual({
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'system/Observation.r system/Patient.rs',
    purpose_of_use: 'HQUALIMP',
  });
  const { iat, exp, ...known } = await world.introspect(String(token));
  expect(known).toEqual({
    active: true,
    scope: 'system/Observation.r system/Patient.rs',
    client_id: world.backendId,
    sub: world.backendId,
    token_type: 'Bearer',
    aud: world.fhirBase,
    iss: world.issuer,
    purpose_of_use: 'HQUALIMP',
  });
  expect(Number(exp) - Number(iat)).toBe(300);
});

test.each([
  ['no scope', undefined, 'scope_missing'],
  ['an empty scope', '', 'scope_missing'],
  ['a patient scope', 'patient/Patient.rs', 'scope_not_system'],
  ['a user scope among system scopes', 'system/Patient.rs user/Patient.rs', 'scope_not_system'],
  ['openid', 'openid', 'scope_not_system'],
  ['offline_access', 'system/Patient.rs offline_access', 'scope_not_system'],
  ['all types', 'system/*.rs', 'scope_over_ceiling'],
  ['more interactions', 'system/Patient.cruds', 'scope_over_ceiling'],
  ['another type', 'system/Condition.rs', 'scope_over_ceiling'],
  ['a scope outside the grammar', 'system/Patient.rs system/Patient.sr', 'scope_over_ceiling'],
  ['a scope of 2,049 characters', 'x'.repeat(2_049), 'scope_unreadable'],
])(
  'asking for %s is invalid_scope: nobody is there to narrow it (RFC 6749 §5.2)',
  async (_what, scope, reason) => {
    const response = await backendToken(world, { scope });
    expect(await refusalOf(response)).toEqual([400, 'invalid_scope']);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe(reason);
  },
);

test('a token for a FHIR server that the service is not registered for is refused (RFC 8707 §2)', async () => {
  const response = await backendToken(world, { resource: 'https://other.example/fhir' });
  expect(response.status).toBe(400);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('audience_unknown');
});

test('a service of several FHIR servers names one, and the token is for that one (RFC 8707 §2)', async () => {
  const other = await registerResourceServer(world);
  const clientId = await registerApp(world, world.backendId, {
    audiences: [world.fhirBase, other.fhirBase],
  });
  expect(await refusalOf(await backendToken(world, {}, { clientId }))).toEqual([400, 'invalid_target']);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('audience_ambiguous');
  const response = await backendToken(world, { resource: world.fhirBase }, { clientId });
  const { access_token: token } = (await response.json()) as Record<string, string>;
  expect(await world.introspect(token ?? '')).toMatchObject({ active: true, aud: world.fhirBase });
});
