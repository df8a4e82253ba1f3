import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf } from '../setup/connection.ts';
import { registerApp, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const asked = (changes: Record<string, string | undefined>) =>
  patient.authorize(authorizationRequest(world, changes).url);

test.each([
  ['missing', () => ({ aud: undefined }), 'audience_missing'],
  ['empty', () => ({ aud: '' }), 'audience_missing'],
  ['another server', () => ({ aud: 'https://evil.example/fhir' }), 'audience_unknown'],
  ['the same with a slash', () => ({ aud: `${world.fhirBase}/` }), 'audience_unknown'],
  [
    'the same in capitals',
    () => ({ aud: world.fhirBase.replace('localhost', 'LOCALHOST') }),
    'audience_unknown',
  ],
  ['the same with a path', () => ({ aud: `${world.fhirBase}/Patient` }), 'audience_unknown'],
  ['the same with a query', () => ({ aud: `${world.fhirBase}?` }), 'audience_unknown'],
  ['Postern itself', () => ({ aud: world.issuer }), 'audience_unknown'],
  ['only named as resource', () => ({ aud: undefined, resource: world.fhirBase }), 'audience_missing'],
  [
    'another than resource',
    () => ({ aud: 'https://evil.example/fhir', resource: world.fhirBase }),
    'audience_unknown',
  ],
  ['right, with a foreign resource', () => ({ resource: 'https://evil.example/fhir' }), 'audience_unknown'],
] as const)(
  'aud %s is refused before anybody is asked (SMART App Launch, aud)',
  async (_what, changes, reason) => {
    const callback = await asked(changes());
    expect(errorIn(callback)).toBe('invalid_request');
    expect(callback.searchParams.has('code')).toBe(false);
    expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
  },
);

test('resource that repeats aud changes nothing (RFC 8707 §2)', async () => {
  const { accessToken } = await connect(world, patient, { resource: world.fhirBase });
  expect(await world.introspect(accessToken)).toMatchObject({ active: true, aud: world.fhirBase });
});

test('of two registered FHIR servers, resource cannot turn aud into the other one', async () => {
  const other = await registerResourceServer(world);
  const clientId = await registerApp(world, world.clientId, { audiences: [world.fhirBase, other.fhirBase] });
  const both = { client_id: clientId, aud: world.fhirBase, resource: other.fhirBase };
  expect(errorIn(await asked(both))).toBe('invalid_request');
  expect(errorIn(await asked({ ...both, aud: other.fhirBase, resource: world.fhirBase }))).toBe(
    'invalid_request',
  );
});
