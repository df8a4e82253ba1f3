import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refresh } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('an app gives back what it got (RFC 7009), on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  const revoke = (token: string | undefined, more: Record<string, string> = {}) =>
    post(`${world.issuer}/revoke`, { token, client_id: world.clientId, ...more });

  const backendProof = async () => {
    const { client_assertion_type, client_assertion } = await authenticated(world, {
      claims: { aud: world.issuer },
    });
    return { client_id: world.backendId, client_assertion_type, client_assertion };
  };

  test.each([
    ['refresh', 'right'],
    ['refresh', 'wrong'],
    ['access', 'right'],
    ['access', 'no'],
  ])(
    'its %s token, with %s hint: both tokens end, and the patient sees the end (§2.1)',
    async (which, hint) => {
      const { accessToken, refreshToken } = await connect(world, patient);
      const [own, other] =
        which === 'refresh' ? ['refresh_token', 'access_token'] : ['access_token', 'refresh_token'];
      const hints = { right: { token_type_hint: own }, wrong: { token_type_hint: other }, no: {} } as Record<
        string,
        object
      >;
      const response = await revoke(which === 'refresh' ? refreshToken : accessToken, { ...hints[hint] });
      expect([response.status, await response.text()]).toEqual([200, '']);
      expect(await world.introspect(accessToken)).toEqual({ active: false });
      expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
      const consent = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
      expect(consent.withdrawnBy).toBe('app');
    },
  );

  test('one connection ends, another of the same app goes on', async () => {
    const [ended, kept] = [await connect(world, patient), await connect(world, patient)];
    await revoke(ended.refreshToken);
    expect(await world.introspect(kept.accessToken)).toMatchObject({ active: true });
    expect((await refresh(world, kept.refreshToken)).status).toBe(200);
  });

  test('an unknown token, and one that has ended already, is answered as if it had worked (§2.2)', async () => {
    const { refreshToken } = await connect(world, patient);
    for (const token of ['no such token', 'x'.repeat(43), refreshToken, refreshToken])
      expect((await revoke(token)).status).toBe(200);
    expect((await revoke('x', { token_type_hint: 'no-such-kind' })).status).toBe(200);
  });

  test("another client's tokens stay as they are (§2.1)", async () => {
    const { accessToken, refreshToken } = await connect(world, patient);
    const stranger = await registerApp(world, world.clientId, {});
    for (const token of [accessToken, refreshToken]) {
      await revoke(token, { client_id: stranger });
      await revoke(token, await backendProof());
    }
    expect(await world.introspect(accessToken)).toMatchObject({ active: true });
    expect((await refresh(world, refreshToken)).status).toBe(200);
  });

  test('a client_credentials token ends, and with it only itself', async () => {
    const [first, second] = (await Promise.all(
      [1, 2].map(async () => (await backendToken(world)).json()),
    )) as { access_token: string }[];
    expect((await revoke(first?.access_token, await backendProof())).status).toBe(200);
    expect(await world.introspect(first?.access_token ?? '')).toEqual({ active: false });
    expect(await world.introspect(second?.access_token ?? '')).toMatchObject({ active: true });
  });

  test('who does not prove to be the client, or names no token, is refused (§2.1)', async () => {
    const { access_token: token } = (await (await backendToken(world)).json()) as { access_token: string };
    expect(await refusalOf(await revoke(token, { client_id: world.backendId }))).toEqual([
      401,
      'invalid_client',
    ]);
    expect(await refusalOf(await revoke(token, { client_id: 'nobody' }))).toEqual([401, 'invalid_client']);
    expect(await refusalOf(await revoke(undefined))).toEqual([400, 'invalid_request']);
    const twice = await fetch(`${world.issuer}/revoke`, {
      method: 'POST',
      body: new URLSearchParams([
        ['token', token],
        ['token', 'x'],
        ['client_id', world.clientId],
      ]),
    });
    expect(await refusalOf(twice)).toEqual([400, 'invalid_request']);
    expect(await world.introspect(token)).toMatchObject({ active: true });
  });
});
