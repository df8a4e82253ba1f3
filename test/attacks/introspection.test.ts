import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refusals } from '../../src/errors.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { introspectAs, registerResourceServer, secretHashOf } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let connection: Connection;
let own: Record<string, string>;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  connection = await connect(world, patient);
  own = { authorization: basic(world.resourceServer.id, world.resourceServer.secret) };
});
afterAll(() => world.stop());

const ask = (parameters: Record<string, string | undefined>, headers: Record<string, string> = own) =>
  post(`${world.issuer}/introspect`, parameters, headers);

describe('who may ask', () => {
  const { text } = refusals.resource_server_unknown;
  const INVALID_CLIENT = JSON.stringify({ error: 'invalid_client', error_description: text });

  const refused = async (response: Response) => {
    expect([response.status, await response.text()]).toEqual([401, INVALID_CLIENT]);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/); // RFC 6749 §5.2
    expect(response.headers.get('cache-control')).toBe('no-store');
  };

  test('nobody, a wrong secret and an unknown id hear the same', async () => {
    const { id, secret } = world.resourceServer;
    const wrong = ['', 'x', `${secret}x`, secret.slice(0, -1), secret.toUpperCase()];
    for (const pair of [...wrong.map((one) => [id, one]), ['nobody', secret], ['a\0b', secret], ['', secret]])
      await refused(
        await ask({ token: connection.accessToken }, { authorization: basic(pair[0] ?? '', pair[1] ?? '') }),
      );
    await refused(await ask({ token: connection.accessToken }, {}));
    const inBody = { client_id: id, client_secret: secret };
    await refused(await ask({ token: connection.accessToken, ...inBody }, {}));
  });

  test('a header that is no Basic is as good as none', async () => {
    const pair = own.authorization?.slice('Basic '.length) ?? '';
    for (const authorization of [
      `Negotiate ${pair}`,
      pair,
      'Basic',
      'Basic ',
      'Basic %%%',
      `Basic ${pair} x`,
      `Basic ${btoa('%zz:%zz')}`,
      `Basic ${'QUFB'.repeat(1_000)}`,
    ])
      await refused(await ask({ token: connection.accessToken }, { authorization }));
  });

  test('a client is no resource server, however it proves who it is', async () => {
    const token = connection.accessToken;
    await refused(await ask({ token }, { authorization: basic(world.clientId, '') }));
    for (const aud of [world.issuer, `${world.issuer}/introspect`, `${world.issuer}/token`])
      await refused(await ask({ token, ...(await authenticated(world, { claims: { aud } })) }, {}));
  });

  test('a suspended resource server is told no more than an unknown one, at once', async () => {
    const server = await registerResourceServer(world);
    expect((await introspectAs(world, server, connection.accessToken)).status).toBe(200);
    await world.store.prisma.resourceServer.update({
      where: { id: server.id },
      data: { suspendedAt: new Date() },
    });
    await refused(await introspectAs(world, server, connection.accessToken));
  });

  test('a changed secret ends the old one at once, also where it was remembered', async () => {
    const server = await registerResourceServer(world);
    const secretHash = await secretHashOf(world, 'demo-fhir-server');
    expect((await introspectAs(world, server, connection.accessToken)).status).toBe(200);
    await world.store.prisma.resourceServerSecret.updateMany({
      where: { resourceServerId: server.id },
      data: { secretHash },
    });
    await refused(await introspectAs(world, server, connection.accessToken));
  });
});

describe('what is asked about', () => {
  const inactive = async (token: string) => {
    const response = await ask({ token });
    expect([token, response.status, await response.text()]).toEqual([token, 200, '{"active":false}']);
  };

  test('a refresh token, an id_token, a code and an assertion are no access tokens', async () => {
    const { tokens, refreshToken, callback } = connection;
    const { client_assertion } = await authenticated(world);
    for (const token of [
      refreshToken,
      tokens.id_token ?? '',
      callback.searchParams.get('code') ?? '',
      client_assertion,
    ])
      await inactive(token);
    expect((await ask({ token: refreshToken, token_type_hint: 'refresh_token' })).status).toBe(200);
  });

  test('a token that is nearly right is wrong (CVE-2026-27840)', async () => {
    const token = connection.accessToken;
    const near = [
      token.slice(0, -1),
      `${token}A`,
      ` ${token}`,
      `${token}\0`,
      token.toLowerCase(),
      `${token}\n`,
      '',
      '\0',
      '{"$ne":null}',
      "' OR 1=1 --",
      'x'.repeat(40_000),
    ];
    for (const text of near.filter((one) => one !== token)) {
      const response = await ask({ token: text });
      if (text === '') expect([200, 400]).toContain(response.status);
      else await inactive(text);
    }
    expect(await world.introspect(token)).toMatchObject({ active: true });
  });

  test('a hint, right or wrong, changes nothing (RFC 7662 §2.1)', async () => {
    for (const token_type_hint of ['access_token', 'refresh_token', 'x'])
      expect(await (await ask({ token: connection.accessToken, token_type_hint })).json()).toMatchObject({
        active: true,
      });
  });

  test('a token of another audience, or of a client that was cut off, is only inactive', async () => {
    const other = await registerResourceServer(world);
    const backend = (await (await backendToken(world)).json()) as Record<string, string>;
    for (const token of [connection.accessToken, backend.access_token ?? '']) {
      expect(await (await introspectAs(world, other, token)).text()).toBe('{"active":false}');
      expect(await (await ask({ token })).json()).toMatchObject({ active: true });
    }
    await world.store.prisma.app.updateMany({ data: { suspendedAt: new Date() } });
    for (const token of [connection.accessToken, backend.access_token ?? '']) await inactive(token);
    await world.store.prisma.app.updateMany({ data: { suspendedAt: null } });
  });
});
