import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { redeem, refresh, tokenRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('an authorization code that comes twice, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  async function everythingEnded({ accessToken, refreshToken }: Awaited<ReturnType<typeof connect>>) {
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
  }

  test('is refused, and all that came of it ends (RFC 6749 §4.1.2, RFC 9700 §2.1.1)', async () => {
    const connection = await connect(world, patient);
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
    const replayed = await redeem(world, connection.request, connection.callback);
    expect(await refusalOf(replayed)).toEqual([400, 'invalid_grant']);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('code_replayed');
    await everythingEnded(connection);
  });

  test('ends everything even without the right verifier: who has the code may be a thief', async () => {
    const connection = await connect(world, patient);
    const replayed = await redeem(world, connection.request, connection.callback, 'v'.repeat(43));
    expect(await refusalOf(replayed)).toEqual([400, 'invalid_grant']);
    await everythingEnded(connection);
  });

  test('ends what its tokens were refreshed to, too', async () => {
    const connection = await connect(world, patient);
    const refreshed = (await (await refresh(world, connection.refreshToken)).json()) as Record<
      string,
      string
    >;
    await redeem(world, connection.request, connection.callback);
    expect(await world.introspect(refreshed.access_token ?? '')).toEqual({ active: false });
    const again = await refresh(world, refreshed.refresh_token ?? '');
    expect(await refusalOf(again)).toEqual([400, 'invalid_grant']);
  });

  test('is only refused when another client brings it: a stranger cannot end a connection', async () => {
    const { accessToken, request, callback } = await connect(world, patient);
    const stranger = await registerApp(world, world.clientId, {});
    const response = await tokenRequest(world, {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: request.redirectUri,
      client_id: stranger,
      code_verifier: request.verifier,
    });
    expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
    expect(await world.introspect(accessToken)).toMatchObject({ active: true });
  });
});
