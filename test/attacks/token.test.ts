import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh, tokenRequest } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { raw } from '../setup/raw-http.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('the token endpoint, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  const times = <T>(count: number, one: () => Promise<T>) => Promise.all(Array.from({ length: count }, one));

  // A second use is a replay, which ends the grant: found early enough, it leaves the first one nothing either.
  test('of twenty redemptions of one code at once, at most one is answered with tokens', async () => {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    const answers = await times(20, () => redeem(world, request, callback));
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(await refusalOf(answer)).toEqual([400, 'invalid_grant']);
  });

  test('of twenty refreshes with one token at once, at most one makes a new member of the family', async () => {
    const { refreshToken } = await connect(world, patient);
    const answers = await times(20, () => refresh(world, refreshToken));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as Record<string, string>[];
    const members = new Set(bodies.flatMap((body) => body.refresh_token ?? []));
    expect(members.size).toBeLessThanOrEqual(1);
    for (const body of bodies.filter((one) => one.refresh_token === undefined))
      expect(body.error).toBe('invalid_grant');
  });

  test('a code that was never given, or a token of another kind in its place', async () => {
    const { accessToken, refreshToken, tokens, request } = await connect(world, patient);
    for (const code of ['x', 'x'.repeat(43), 'a\0b', accessToken, refreshToken, tokens.id_token ?? '']) {
      const response = await tokenRequest(world, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: request.redirectUri,
        client_id: world.clientId,
        code_verifier: request.verifier,
      });
      expect([code, await refusalOf(response)]).toEqual([code, [400, 'invalid_grant']]);
    }
    for (const token of [
      'x',
      accessToken,
      tokens.id_token ?? '',
      `${refreshToken}x`,
      refreshToken.slice(0, -1),
    ])
      expect(await refusalOf(await refresh(world, token))).toEqual([400, 'invalid_grant']);
    expect((await refresh(world, refreshToken)).status).toBe(200);
  });

  test('other grants, and grants of others', async () => {
    const ask = async (grant_type: string, more = {}) =>
      refusalOf(await tokenRequest(world, { grant_type, client_id: world.clientId, ...more }));
    for (const grant of [
      'password',
      'implicit',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
      'Authorization_Code',
      'constructor',
      '__proto__',
    ])
      expect([grant, await ask(grant, { username: 'a', password: 'b' })]).toEqual([
        grant,
        [400, 'unsupported_grant_type'],
      ]);
    const [status, error] = await ask('client_credentials', { scope: 'system/Patient.rs' });
    expect(status).toBe(400);
    expect(['unauthorized_client', 'invalid_request']).toContain(error);
    const backend = await backendToken(world, { grant_type: 'refresh_token', refresh_token: 'x' });
    expect(backend.status).toBe(400);
  });

  test('other methods, other bodies, bodies without end', async () => {
    const url = `${world.issuer}/token`;
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'])
      expect([method, [404, 405].includes((await fetch(url, { method })).status)]).toEqual([method, true]);
    const body = JSON.stringify({ grant_type: 'refresh_token', client_id: world.clientId });
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    expect(await refusalOf(await fetch(url, json))).toEqual([400, 'invalid_request']);
    const huge = await post(url, { grant_type: 'x'.repeat(200_000), client_id: world.clientId });
    expect([400, 413]).toContain(huge.status);
    const headers = `POST /token HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Type: application/x-www-form-urlencoded`;
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const endless = await raw(
      url,
      `${headers}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
    );
    expect(endless).toMatch(/^HTTP\/1\.1 4(00|13) /);
  });

  test('a parameter that is sent twice is refused (RFC 6749 §3.2)', async () => {
    const { refreshToken } = await connect(world, patient);
    const parameters = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: world.clientId,
    };
    for (const [name, value] of Object.entries(parameters)) {
      const body = new URLSearchParams([...Object.entries(parameters), [name, value]]);
      const response = await fetch(`${world.issuer}/token`, { method: 'POST', body });
      expect([name, await refusalOf(response)]).toEqual([name, [400, 'invalid_request']]);
    }
    expect((await refresh(world, refreshToken)).status).toBe(200);
  });

  test('no answer may be stored, of success or of refusal (RFC 6749 §5.1)', async () => {
    const { refreshToken } = await connect(world, patient);
    const answers = [
      await refresh(world, refreshToken),
      await refresh(world, 'x'),
      await backendToken(world),
      await tokenRequest(world, { client_id: 'nobody', grant_type: 'refresh_token' }),
      await fetch(`${world.issuer}/token`, { method: 'POST', body: '{' }),
    ];
    for (const { headers } of answers)
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  });

  test('a refusal repeats nothing that was sent', async () => {
    const secret = 'a-secret-that-must-not-come-back';
    for (const name of [
      'code',
      'refresh_token',
      'client_secret',
      'client_assertion',
      'code_verifier',
      'grant_type',
    ]) {
      const response = await tokenRequest(world, {
        ...{ grant_type: 'refresh_token', refresh_token: 'x', client_id: world.clientId },
        [name]: secret,
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.text()).not.toContain(secret);
    }
  });
});
