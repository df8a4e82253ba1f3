// A refresh whose response was lost (fault F5): the same client with the same key hears the same answer again, for 30
// seconds; anyone else ends the family.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, refresh, tokenRequest } from '../setup/app-client.ts';
import { authenticated } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { keysOf, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

type Tokens = Record<string, string>;

describe('an app with a key of its own refreshes twice', () => {
  let world: World;
  let patient: TestBrowser;
  let clientId: string;

  beforeAll(async () => {
    world = await createWorld('postgresql');
    patient = await world.patientBrowser();
    const jwks = await keysOf(world, world.backendId);
    clientId = await registerApp(world, world.clientId, { authMethod: 'private_key_jwt', jwks });
  });
  afterAll(() => world.stop());

  async function connect(): Promise<Tokens> {
    const request = authorizationRequest(world, { client_id: clientId });
    const code = (await patient.authorize(request.url)).searchParams.get('code') ?? '';
    const { redirectUri: redirect_uri, verifier: code_verifier } = request;
    const redeemed = await tokenRequest(world, {
      ...{ grant_type: 'authorization_code', code, redirect_uri, code_verifier },
      ...(await authenticated(world, { clientId })),
    });
    return (await redeemed.json()) as Tokens;
  }

  async function refreshed(token: string | undefined, alg: 'RS384' | 'ES384' = 'ES384', more = {}) {
    const response = await refresh(world, token ?? '', {
      client_id: clientId,
      ...(await authenticated(world, { clientId, alg })),
      ...more,
    });
    return { status: response.status, tokens: (await response.json()) as Tokens };
  }

  const isActive = async (token: string | undefined) => (await world.introspect(token ?? '')).active;

  test('the same request gets the same answer, and the family lives on', async () => {
    const { refresh_token } = await connect();
    const first = await refreshed(refresh_token);
    const again = await refreshed(refresh_token);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.tokens).toEqual(first.tokens);
    expect(await isActive(first.tokens.access_token)).toBe(true);
    expect((await refreshed(first.tokens.refresh_token)).status).toBe(200);
  });

  test('twenty at once have one answer between them (I2)', async () => {
    const { refresh_token } = await connect();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refreshed(refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ tokens }) => tokens.refresh_token)).size).toBe(1);
    expect(new Set(answers.map(({ tokens }) => tokens.access_token)).size).toBe(1);
  });

  test('another key of the same client ends the family', async () => {
    const { refresh_token } = await connect();
    const first = await refreshed(refresh_token, 'ES384');
    const other = await refreshed(refresh_token, 'RS384');
    expect([other.status, other.tokens.error]).toEqual([400, 'invalid_grant']);
    expect(await isActive(first.tokens.access_token)).toBe(false);
  });

  test('another scope is another request and ends the family', async () => {
    const { refresh_token } = await connect();
    const first = await refreshed(refresh_token);
    const wider = await refreshed(refresh_token, 'ES384', { scope: 'patient/*.cruds' });
    expect([wider.status, wider.tokens.error]).toEqual([400, 'invalid_grant']);
    expect(await isActive(first.tokens.access_token)).toBe(false);
  });

  test('an app that was suspended meanwhile does not hear the answer again', async () => {
    const { refresh_token } = await connect();
    const first = await refreshed(refresh_token);
    const suspend = (suspendedAt: Date | null) =>
      world.store.prisma.app.update({ where: { id: clientId }, data: { suspendedAt } });
    await suspend(new Date());
    const refused = await refreshed(refresh_token);
    await suspend(null);
    expect([refused.status, refused.tokens.error]).toEqual([401, 'invalid_client']);
    expect(refused.tokens.access_token).toBeUndefined();
    expect((await refreshed(refresh_token)).tokens).toEqual(first.tokens);
  });

  test('after 30 seconds it is a replay', async () => {
    const { refresh_token } = await connect();
    const first = await refreshed(refresh_token);
    world.clock.advance(31_000);
    expect((await refreshed(refresh_token)).status).toBe(400);
    expect((await refreshed(first.tokens.refresh_token)).status).toBe(400);
  });

  test('no token stands in the database in clear', async () => {
    const { refresh_token } = await connect();
    const { tokens } = await refreshed(refresh_token);
    const rows = await world.store.prisma.refreshAnswer.findMany();
    const stored = JSON.stringify(
      rows.map((row) => ({ ...row, sealedAnswer: Buffer.from(row.sealedAnswer).toString('latin1') })),
    );
    for (const secret of [refresh_token, tokens.refresh_token, tokens.access_token])
      expect(stored).not.toContain(secret);
  });

  test('the answer tells both lifetimes: idle, and of the decision (refresh token expiration draft)', async () => {
    const { refresh_token_timeout, authorization_expires_in } = await connect();
    expect(Number(authorization_expires_in)).toBeGreaterThan(89 * 86_400);
    expect(Number(refresh_token_timeout)).toBeLessThanOrEqual(Number(authorization_expires_in));
  });
});
