import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('a refresh token, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  const renewed = async (token: string) =>
    (await (await refresh(world, token)).json()) as Record<'access_token' | 'refresh_token', string>;

  const shownAsEnded = async () =>
    (await patient.open('/my')).html.split('to keep your record safe').length - 1;

  test('is replaced at each use (RFC 9700 §4.14.2)', async () => {
    const { refreshToken } = await connect(world, patient);
    const second = await renewed(refreshToken);
    expect(second.refresh_token).not.toBe(refreshToken);
    expect((await renewed(second.refresh_token)).refresh_token).not.toBe(second.refresh_token);
  });

  test.each([
    ['as it was', {}],
    ['with a wider scope, which is found out first', { scope: 'openid patient/*.cruds' }],
    ['with a scope outside the grammar', { scope: 'patient/Patient.sr' }],
  ])('that comes again %s ends the whole family, and the patient can see it', async (_how, more) => {
    const shown = await shownAsEnded();
    const { refreshToken, accessToken } = await connect(world, patient);
    const next = await renewed(refreshToken);
    world.clock.advance(60_000);
    expect(await refusalOf(await refresh(world, refreshToken, more))).toEqual([400, 'invalid_grant']);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('refresh_token_replayed');
    for (const token of [accessToken, next.access_token])
      expect(await world.introspect(token)).toEqual({ active: false });
    expect(await refusalOf(await refresh(world, next.refresh_token))).toEqual([400, 'invalid_grant']);
    const ended = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
    expect(ended.withdrawnBy).toBe('replay');
    expect(await shownAsEnded()).toBe(shown + 1);
  });

  test('of another client is only refused: a stranger cannot end a connection (RFC 6749 §10.4)', async () => {
    const { refreshToken } = await connect(world, patient);
    const stranger = await registerApp(world, world.clientId, {});
    const stolen = () => refresh(world, refreshToken, { client_id: stranger });
    expect(await refusalOf(await stolen())).toEqual([400, 'invalid_grant']);
    const next = await renewed(refreshToken);
    expect(await refusalOf(await stolen())).toEqual([400, 'invalid_grant']);
    expect(await world.introspect(next.access_token)).toMatchObject({ active: true });
    expect((await refresh(world, next.refresh_token)).status).toBe(200);
  });

  test('narrows on request, and never widens (RFC 6749 §6)', async () => {
    const { refreshToken } = await connect(world, patient);
    const narrow = await (await refresh(world, refreshToken, { scope: 'openid patient/Patient.rs' })).json();
    const { access_token: token, refresh_token: next } = narrow as Record<string, string>;
    expect(await world.introspect(token ?? '')).toMatchObject({ scope: 'openid patient/Patient.rs' });
    const wider = await refresh(world, next ?? '', { scope: 'patient/Condition.rs' });
    expect(await refusalOf(wider)).toEqual([400, 'invalid_scope']);
  });
});
