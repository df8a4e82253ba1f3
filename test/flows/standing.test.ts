import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Reason, refusals } from '../../src/errors.ts';
import { authorizationRequest, refresh, tokenRequest } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

type Table = 'app' | 'organization' | 'person' | 'contract' | 'revision' | 'fhirBase';

const DAY_MS = 86_400_000;
const yesterday = () => new Date(Date.now() - DAY_MS);
const tomorrow = () => new Date(Date.now() + DAY_MS);

/** Writes the same facts to all rows, as the owner of the database could; answers with the way back. */
async function change(table: Table, data: Record<string, unknown>): Promise<() => Promise<unknown>> {
  if (table === 'revision') return revise(data);
  const rows = world.store.prisma[table] as unknown as {
    findFirstOrThrow(where: object): Promise<Record<string, unknown>>;
    updateMany(change: { where?: object; data: Record<string, unknown> }): Promise<unknown>;
  };
  const where = table === 'fhirBase' ? { url: world.fhirBase } : {};
  const before = await rows.findFirstOrThrow({ where });
  await rows.updateMany({ where, data });
  const back = Object.fromEntries(Object.keys(data).map((column) => [column, before[column]]));
  return () => rows.updateMany({ where, data: back });
}

async function revise(data: Record<string, unknown>): Promise<() => Promise<unknown>> {
  const revisions = (changes: object) =>
    Promise.all([world.clientId, world.backendId].map((id) => changeApp(world, id, changes)));
  await revisions(data);
  return () => revisions({ endsAt: null });
}

const facts: readonly (readonly [Reason, Table, () => Record<string, unknown>])[] = [
  ['client_offboarded', 'app', () => ({ offboardedAt: yesterday() })],
  ['organization_offboarded', 'organization', () => ({ offboardedAt: yesterday() })],
  ['client_suspended', 'app', () => ({ suspendedAt: yesterday() })],
  ['organization_suspended', 'organization', () => ({ suspendedAt: yesterday() })],
  ['client_not_reviewed', 'app', () => ({ reviewedAt: null })],
  ['client_not_reviewed', 'app', () => ({ reviewedAt: tomorrow() })],
  ['owner_missing', 'app', () => ({ ownerId: null })],
  ['owner_missing', 'person', () => ({ leftAt: yesterday() })],
  ['contract_missing', 'app', () => ({ contractId: null })],
  ['contract_not_started', 'contract', () => ({ startsAt: tomorrow() })],
  ['contract_expired', 'contract', () => ({ endsAt: yesterday() })],
  ['attestation_overdue', 'app', () => ({ attestationDueAt: yesterday() })],
  ['attestation_overdue', 'app', () => ({ attestationDueAt: null })],
  ['use_case_ended', 'revision', () => ({ endsAt: yesterday() })],
  ['environment_wrong', 'fhirBase', () => ({ environment: 'sandbox' })],
];

test.each(facts)(
  '%s (%s) is refused at every door at once, and undone when it is put right',
  async (reason, table, data) => {
    const { error, status } = refusals[reason];
    const { accessToken, refreshToken } = await connect(world, patient);
    const backend = ((await (await backendToken(world)).json()) as Record<string, string>).access_token ?? '';
    const putRight = await change(table, data());

    // A person is told (standing-page); where nobody is there, the app is, unless it may not act at all.
    const asked = await patient.send(authorizationRequest(world).url);
    expect([asked.status, asked.headers.get('location')]).toEqual([403, null]);
    const request = authorizationRequest(world, { prompt: 'none', scope: 'patient/Patient.rs' });
    const unattended = await patient.send(request.url);
    if (error === 'invalid_client' || reason === 'client_not_reviewed') {
      // RFC 6749 §4.1.2.1, RFC 9700 §4.11.2: never a way back to an app that may not act, or that nobody looked at.
      expect([unattended.status, unattended.headers.get('location')]).toEqual([403, null]);
    } else {
      const callback = new URL(unattended.headers.get('location') ?? '');
      expect(callback.origin).toBe(world.appOrigin);
      expect([errorIn(callback), callback.searchParams.get('state')]).toEqual([error, request.state]);
      expect(callback.searchParams.get('iss')).toBe(world.issuer);
    }
    expect(await refusalOf(await refresh(world, refreshToken))).toEqual([status, error]);
    expect(await refusalOf(await backendToken(world))).toEqual([status, error]);
    for (const token of [accessToken, backend])
      expect(await world.introspect(token)).toEqual({ active: false });
    expect((await reasonsOf(world, 'authorization.refused')).slice(-2)).toEqual([reason, reason]);
    for (const type of ['token.refused', 'introspection.refused'])
      expect((await reasonsOf(world, type)).slice(-2)).toEqual([reason, reason]);

    await putRight();
    for (const token of [accessToken, backend])
      expect(await world.introspect(token)).toMatchObject({ active: true });
    // The refusal did not use the refresh token up: the patient need not connect again.
    expect((await refresh(world, refreshToken)).status).toBe(200);
  },
);

test('an app whose credentials have all ended is refused at every door, and goes on with a new one', async () => {
  const keys = { where: { appId: world.backendId } };
  const token = ((await (await backendToken(world)).json()) as Record<string, string>).access_token ?? '';
  const { endsAt } = await world.store.prisma.appKey.findFirstOrThrow(keys);
  await world.store.prisma.appKey.updateMany({ ...keys, data: { endsAt: yesterday() } });
  // RFC 6749 §5.2: it cannot prove who it is.
  expect(await refusalOf(await backendToken(world))).toEqual([401, 'invalid_client']);
  expect(await world.introspect(token)).toEqual({ active: false });
  expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('credential_expired');
  const like = { grantTypes: ['authorization_code'], authMethod: 'private_key_jwt', jwks: null };
  const clientId = await registerApp(world, world.clientId, like);
  const asked = await patient.send(authorizationRequest(world, { client_id: clientId }).url);
  expect([asked.status, asked.headers.get('location')]).toEqual([403, null]);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('credential_expired');
  await world.store.prisma.appKey.updateMany({ ...keys, data: { endsAt } });
  expect(await world.introspect(token)).toMatchObject({ active: true });
});

test('an app of the sandbox acts without review, contract and attestation, at sandbox servers alone', async () => {
  const none = { reviewedAt: null, contractId: null, attestationDueAt: null };
  const sandbox = { environment: 'sandbox', ...none };
  const clientId = await registerApp(world, world.clientId, sandbox);
  const backendId = await registerApp(world, world.backendId, sandbox);
  const refused = await patient.send(authorizationRequest(world, { client_id: clientId }).url);
  expect(refused.status).toBe(403);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('environment_wrong');
  const ask = () => backendToken(world, {}, { clientId: backendId });
  expect(await refusalOf(await ask())).toEqual([400, 'unauthorized_client']);

  const putRight = await change('fhirBase', { environment: 'sandbox' });
  const { tokens, accessToken } = await connect(world, patient, { client_id: clientId });
  // No contract ends it: its whole life.
  expect(Number(tokens.expires_in)).toBe(world.config.accessTokenSeconds);
  const backend = (await (await ask()).json()) as Record<string, string>;
  for (const token of [accessToken, backend.access_token ?? ''])
    expect(await world.introspect(token)).toMatchObject({ active: true });
  await putRight();
  for (const token of [accessToken, backend.access_token ?? ''])
    expect(await world.introspect(token)).toEqual({ active: false });
});

test('a code that was given before a suspension is not redeemed during it', async () => {
  const request = authorizationRequest(world);
  const callback = await patient.authorize(request.url);
  const redeemed = () =>
    tokenRequest(world, {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: request.redirectUri,
      client_id: world.clientId,
      code_verifier: request.verifier,
    });
  const putRight = await change('app', { suspendedAt: yesterday() });
  expect(await refusalOf(await redeemed())).toEqual([401, 'invalid_client']);
  await putRight();
  expect((await redeemed()).status).toBe(200);
});

test('a suspended client may still revoke (RFC 7009)', async () => {
  const { accessToken, refreshToken } = await connect(world, patient);
  const putRight = await change('app', { suspendedAt: yesterday() });
  const revoked = await post(`${world.issuer}/revoke`, { token: refreshToken, client_id: world.clientId });
  expect(revoked.status).toBe(200);
  await putRight();
  expect(await world.introspect(accessToken)).toEqual({ active: false });
});

test('at the token endpoint a suspended, an unknown and a mistaken client hear the same bytes (RFC 6749 §5.2)', async () => {
  const heard = async (response: Response) => {
    const headers = Object.fromEntries(response.headers);
    const { date: _, 'x-request-id': __, ...told } = headers;
    return { status: response.status, told, body: await response.text() };
  };
  const { refreshToken } = await connect(world, patient);
  const wrongSignature = (await authenticated(world)).client_assertion.replace(/.{20}$/, 'A'.repeat(20));
  const putRight = await change('app', { suspendedAt: yesterday() });
  const suspended = await Promise.all([
    heard(await refresh(world, refreshToken)),
    heard(await refresh(world, 'no such token')),
    heard(await backendToken(world)),
  ]);
  await putRight();
  const others = await Promise.all([
    heard(await refresh(world, refreshToken, { client_id: 'nobody' })),
    heard(await backendToken(world, {}, { clientId: 'nobody' })),
    heard(await backendToken(world, {}, { header: { kid: 'x' } })),
    heard(await backendToken(world, {}, wrongSignature)),
  ]);
  expect(suspended[0]?.status).toBe(401);
  for (const answer of [...suspended, ...others]) expect(answer).toEqual(suspended[0]);
});
