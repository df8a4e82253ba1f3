import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseScopes } from '../../src/smart/scope.ts';
import { covers } from '../../src/smart/scope-algebra.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { choicesIn, type TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const asked = async (scope: string) => {
  const page = await patient.open(authorizationRequest(world, { scope }).url);
  return { ...page, error: page.html === '' ? errorIn(new URL(page.url)) : null };
};

test.each([
  'patient/Immunization.rs',
  'system/Patient.rs',
  'user/Patient.rs',
  'user/*.cruds',
  'offline_access',
  'launch/patient offline_access',
])('%s is outside the approval of the app: nothing is left to ask the patient', async (scope) => {
  expect((await asked(scope)).error).toBe('invalid_scope');
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('scope_empty');
});

test.each([
  '*/*.*',
  'patient/Patient.sr',
  'patient/Patient.rsx',
  'patient/Patient.',
  'patient/Patient',
  'patient/.rs',
  'patient/Observation.rs?',
  'patient/Observation.rs?category=',
  'patient/Observation.rs?category',
  'patient/Observation.rs?a=b?c=d',
  'patient/Observation.rs?a=%00',
  'patient/Observation.rs?a=%zz',
  'patient/observation.rs',
  'PATIENT/Observation.rs',
  'patient/"Observation".rs',
  'patient/Observation.rs\u202e',
  '<script>alert(1)</script>',
  'patient/../system/Patient.rs',
])('%j is outside the grammar: invalid_scope', async (scope) => {
  expect((await asked(scope)).error).toBe('invalid_scope');
});

test('more than 2,048 characters or 100 scopes is refused before any work (CVE-2026-4634)', async () => {
  for (const scope of ['x'.repeat(2_049), Array.from({ length: 101 }, (_, n) => `a${n}`).join(' ')]) {
    expect((await asked(scope)).error).toBe('invalid_scope');
    expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('scope_unreadable');
  }
});

test('asking for everything gets no more than the app is approved for', async () => {
  const consent = { duration: 'once', choices: ['Patient.view', 'Observation.view'] };
  const { tokens } = await connect(world, patient, { scope: 'patient/*.cruds openid' }, consent);
  const { scopeCeiling } = await world.store.prisma.appRevision.findFirstOrThrow({
    where: { appId: world.clientId },
  });
  const ceiling = parseScopes(scopeCeiling).scopes;
  const granted = parseScopes(tokens.scope ?? '').scopes;
  expect(granted.length).toBeGreaterThan(1);
  for (const scope of granted) expect([scope, covers(ceiling, scope)]).toEqual([scope, true]);
});

test('a choice that was not offered cannot be ticked', async () => {
  const page = await patient.open(authorizationRequest(world, { scope: 'patient/Patient.rs' }).url);
  expect(choicesIn(page.html).map(({ id }) => id)).toEqual(['Patient.view']);
  const smuggled = await patient.decide(page, {
    choices: ['Patient.view', 'Condition.view'],
    duration: 'once',
  });
  expect(smuggled.status).toBe(400);
  const longer = await patient.decide(page, { choices: ['Patient.view'], duration: '365' });
  expect([longer.status, longer.headers.get('location')]).toEqual([422, null]);
});

test('what an app sends and what it is called is shown inert', async () => {
  const name = '<script>alert(1)</script>\u202e"onload=x';
  const client_id = await registerApp(world, world.clientId, { name, purposeStatement: name });
  const markup = '<script>alert(2)</script>'.repeat(40);
  const changes = { client_id, state: markup, login_hint: markup, ui_locales: markup, claims: markup };
  const page = await patient.open(authorizationRequest(world, changes).url);
  expect(page.html).toContain('class="consent"');
  expect(page.html).toContain('&lt;script&gt;alert(1)');
  expect(page.html).not.toMatch(/<script>alert|"onload=x/);
  expect(page.html).not.toContain('alert(2)');
  expect(page.response.headers.get('content-security-policy')).toMatch(/script-src 'nonce-[^']+'(;|$)/);
});

test('whatever scope is asked, the answer is a page or an OAuth error, never a fault of ours', async () => {
  const part = fc.constantFrom(
    'patient/',
    'user/',
    'launch',
    '*',
    '.',
    'rs',
    'cruds',
    '?',
    '&',
    '=',
    '%',
    '%00',
    'Observation',
    'openid',
    ' ',
  );
  const scope = fc.oneof(
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ maxLength: 60, unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(scope, async (text) => {
      const { response, error } = await asked(text);
      expect(response.status).toBeLessThan(500);
      if (error !== null) expect(['invalid_scope', 'invalid_request']).toContain(error);
    }),
    { numRuns: 150 },
  );
});
