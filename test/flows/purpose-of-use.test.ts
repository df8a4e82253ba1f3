import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

// HL7 v3 PurposeOfUse: what a token may be used for is fixed when it is issued.
let world: World;
let patient: TestBrowser;
let twoPurposes: string;
let twoPurposesBackend: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  twoPurposes = await registerApp(world, world.clientId, { purposes: ['PATRQT', 'TREAT'] });
  twoPurposesBackend = await registerApp(world, world.backendId, { purposes: ['HQUALIMP', 'HPAYMT'] });
});
afterAll(() => world.stop());

test.each([
  ['left out', undefined],
  ['asserted', 'PATRQT'],
])(
  'the only registered purpose, %s, stands in the token response and at introspection',
  async (_how, purpose) => {
    const { tokens, accessToken } = await connect(world, patient, { purpose_of_use: purpose });
    expect(tokens).toMatchObject({ purpose_of_use: 'PATRQT' });
    expect(await world.introspect(accessToken)).toMatchObject({ active: true, purpose_of_use: 'PATRQT' });
  },
);

test('of several purposes the asserted one is bound to the token, and to what it is refreshed to', async () => {
  const asked = { client_id: twoPurposes, purpose_of_use: 'TREAT' };
  const { tokens, accessToken, refreshToken } = await connect(world, patient, asked);
  expect(tokens).toMatchObject({ purpose_of_use: 'TREAT' });
  expect(await world.introspect(accessToken)).toMatchObject({ purpose_of_use: 'TREAT' });
  const changed = { client_id: twoPurposes, purpose_of_use: 'PATRQT' };
  const refreshed = (await (await refresh(world, refreshToken, changed)).json()) as Record<string, string>;
  expect(refreshed).toMatchObject({ purpose_of_use: 'TREAT' });
  expect(await world.introspect(refreshed.access_token ?? '')).toMatchObject({ purpose_of_use: 'TREAT' });
  const consent = await world.store.prisma.consent.findFirstOrThrow({ where: { appId: twoPurposes } });
  expect(consent.purpose).toBe('TREAT');
});

test.each([
  ['one that is not registered', () => ({ purpose_of_use: 'HRESCH' }), 'purpose_not_registered'],
  ['one that is no code', () => ({ purpose_of_use: '<script>' }), 'purpose_not_registered'],
  ['an empty one, of several', () => ({ client_id: twoPurposes, purpose_of_use: '' }), 'purpose_ambiguous'],
  ['none, of several', () => ({ client_id: twoPurposes }), 'purpose_ambiguous'],
] as const)('%s is refused before the patient is asked', async (_what, changes, reason) => {
  const callback = await patient.authorize(authorizationRequest(world, changes()).url);
  expect(errorIn(callback)).toBe('invalid_request');
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
});

test('a backend service asserts its purpose at the token endpoint', async () => {
  const asked = async (purpose?: string) =>
    backendToken(world, { purpose_of_use: purpose }, { clientId: twoPurposesBackend });
  const answer = (await (await asked('HPAYMT')).json()) as Record<string, string>;
  expect(answer).toMatchObject({ purpose_of_use: 'HPAYMT' });
  expect(await world.introspect(answer.access_token ?? '')).toMatchObject({ purpose_of_use: 'HPAYMT' });
  expect(await refusalOf(await asked())).toEqual([400, 'invalid_request']);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('purpose_ambiguous');
  expect(await refusalOf(await asked('TREAT'))).toEqual([400, 'invalid_request']);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('purpose_not_registered');
});

test('the purpose is on record with each token, access and decision', async () => {
  const { accessToken } = await connect(world, patient, { client_id: twoPurposes, purpose_of_use: 'TREAT' });
  await world.introspect(accessToken);
  const { prisma } = world.store;
  const access = await prisma.accessRecord.findFirstOrThrow({ where: { appId: twoPurposes } });
  expect(access.purpose).toBe('TREAT');
  const events = await prisma.auditEvent.findMany({
    where: { appId: twoPurposes, type: { in: ['consent.granted', 'token.issued'] } },
  });
  expect(new Set(events.map(({ purpose }) => purpose))).toEqual(new Set(['TREAT']));
});
