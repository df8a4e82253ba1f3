import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Reason, refusals } from '../../src/errors.ts';
import { authorizationRequest, refresh, tokenRequest } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

type Table = 'app' | 'organization' | 'person' | 'contract';

const DAY_MS = 86_400_000;
const yesterday = () => new Date(Date.now() - DAY_MS);
const tomorrow = () => new Date(Date.now() + DAY_MS);

/** Writes the same facts to all rows, as the owner of the database could; answers with the way back. */
async function change(table: Table, data: Record<string, unknown>): Promise<() => Promise<unknown>> {
  const rows = world.store.prisma[table] as unknown as {
    findFirstOrThrow(): Promise<Record<string, unknown>>;
    updateMany(change: { data: Record<string, unknown> }): Promise<unknown>;
  };
  const before = await rows.findFirstOrThrow();
  await rows.updateMany({ data });
  const back = Object.fromEntries(Object.keys(data).map((column) => [column, before[column]]));
  return () => rows.updateMany({ data: back });
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
];

test.each(facts)(
  '%s (%s) is refused at every door at once, and undone when it is put right',
  async (reason, table, data) => {
    const { error, status } = refusals[reason];
    const { accessToken, refreshToken } = await connect(world, patient);
    const backend = ((await (await backendToken(world)).json()) as Record<string, string>).access_token ?? '';
    const putRight = await change(table, data());

    const request = authorizationRequest(world);
    const asked = await patient.send(request.url);
    if (error === 'invalid_client') {
      // RFC 6749 §4.1.2.1: a page, and never a way back to an app that may not act.
      expect([asked.status, asked.headers.get('location')]).toEqual([400, null]);
    } else {
      const callback = new URL(asked.headers.get('location') ?? '');
      expect(callback.origin).toBe(world.appOrigin);
      expect([errorIn(callback), callback.searchParams.get('state')]).toEqual([error, request.state]);
      expect(callback.searchParams.get('iss')).toBe(world.issuer);
    }
    expect(await refusalOf(await refresh(world, refreshToken))).toEqual([status, error]);
    expect(await refusalOf(await backendToken(world))).toEqual([status, error]);
    for (const token of [accessToken, backend])
      expect(await world.introspect(token)).toEqual({ active: false });
    expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
    for (const type of ['token.refused', 'introspection.refused'])
      expect((await reasonsOf(world, type)).slice(-2)).toEqual([reason, reason]);

    await putRight();
    for (const token of [accessToken, backend])
      expect(await world.introspect(token)).toMatchObject({ active: true });
    // The refusal did not use the refresh token up: the patient need not connect again.
    expect((await refresh(world, refreshToken)).status).toBe(200);
  },
);

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
