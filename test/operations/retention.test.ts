// What has had its time is removed; what lives, what proves a replay, and what is durable stays.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTokenKey, SLOTS } from '../../src/store/access-token-key.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, signAssertion } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { latestRefusal } from '../setup/refusals.ts';
import { createWorld, databases, type World } from '../setup/world.ts';
import { retain } from './retention-rows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe.each(databases)('on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  const clean = () => retain(world.store);

  async function issued(): Promise<{ token: string; slot: number }> {
    const { access_token: token } = (await (await backendToken(world)).json()) as { access_token: string };
    return { token, slot: accessTokenKey(token)?.slot ?? -1 };
  }

  const tokensIn = (slot: number) => world.store.prisma.accessToken.count({ where: { slot } });
  const renewed = async (token: string) =>
    (await (await refresh(world, token)).json()) as Record<'access_token' | 'refresh_token', string>;
  const diagnosis = async () => (await latestRefusal(world, world.clientId))[1];

  test('the tokens of an hour leave together when three hours have passed, and not before', async () => {
    const old = await issued();
    for (const _hour of [1, 2]) {
      world.clock.advance(HOUR_MS);
      await clean();
      expect(await tokensIn(old.slot)).toBeGreaterThan(0);
    }
    world.clock.advance(HOUR_MS);
    const fresh = await issued();
    await clean();
    expect([await tokensIn(old.slot), await tokensIn(fresh.slot)]).toEqual([0, 1]);
    expect(await world.introspect(fresh.token)).toMatchObject({ active: true });
    expect(await world.introspect(old.token)).toEqual({ active: false });
  });

  test('a partition in which anything lives stays, as of an instance whose clock is hours behind', async () => {
    const { slot: present } = await issued();
    const slot = (present - 3 + SLOTS) % SLOTS;
    await world.store.sql(
      `INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
       SELECT id, terms_id, issued_at, expires_at, clock, $1 FROM access_token WHERE slot = $2`,
      [slot, present],
    );
    await clean();
    expect(await tokensIn(slot)).toBeGreaterThan(0);
    world.clock.advance(301_000);
    await clean();
    expect(await tokensIn(slot)).toBe(0);
  });

  test('a used refresh token that comes again after the clean-up ends the family (RFC 9700 §4.14.2)', async () => {
    const { refreshToken } = await connect(world, patient);
    const second = await renewed(refreshToken);
    world.clock.advance(2 * DAY_MS);
    await clean();
    expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
    expect(await diagnosis()).toMatchObject({ code: 'refresh_token_replayed' });
    expect(await refusalOf(await refresh(world, second.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('a used refresh token is known for as long as its grant lives, whatever its own end was', async () => {
    const { refreshToken } = await connect(world, patient);
    const { refresh_token: second } = await renewed(refreshToken);
    const { grantId } = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
    await world.store.prisma.oidcPayload.updateMany({
      where: { grantId, model: 'RefreshToken', consumedAt: { not: null } },
      data: { expiresAt: new Date(0) },
    });
    await clean();
    await refresh(world, refreshToken);
    expect(await diagnosis()).toMatchObject({ code: 'refresh_token_replayed' });
    expect((await refresh(world, second)).status).toBe(200);
    await world.store.prisma.consent.update({ where: { grantId }, data: { withdrawnAt: new Date() } });
    await clean();
    await refresh(world, refreshToken);
    expect(await diagnosis()).toMatchObject({ code: 'refresh_token_unknown' });
  });

  test('a used code is told from an unknown one for a day', async () => {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    expect((await redeem(world, request, callback)).status).toBe(200);
    world.clock.advance(DAY_MS - HOUR_MS);
    await clean();
    await redeem(world, request, callback);
    expect(await diagnosis()).toMatchObject({ code: 'code_replayed' });
    world.clock.advance(2 * HOUR_MS);
    await clean();
    await redeem(world, request, callback);
    expect(await diagnosis()).toMatchObject({ code: 'code_unknown' });
  });

  test('an assertion is refused the second time as long as it lives, and forgotten later (RFC 7523 §3)', async () => {
    const assertion = await signAssertion(world);
    expect((await backendToken(world, {}, assertion)).status).toBe(200);
    world.clock.advance(200_000);
    await clean();
    expect(await refusalOf(await backendToken(world, {}, assertion))).toEqual([401, 'invalid_client']);
    world.clock.advance(HOUR_MS);
    await clean();
    expect(await world.store.prisma.oidcPayload.count({ where: { model: 'ReplayDetection' } })).toBe(0);
  });

  test('years later nothing is left of what was to pass, and all that is durable', async () => {
    const { accessToken } = await connect(world, patient);
    expect(await world.introspect(accessToken)).toMatchObject({ active: true });
    const { prisma } = world.store;
    const durable = () =>
      Promise.all([prisma.consent.count(), prisma.auditEvent.count(), prisma.accessRecord.count()]);
    const before = await durable();
    world.clock.advance(800 * DAY_MS);
    await clean();
    expect(await durable()).toEqual(before);
    expect(Math.min(...before)).toBeGreaterThan(0);
    const left = [
      ...[prisma.oidcPayload.count(), prisma.tokenTerms.count(), prisma.refreshAnswer.count()],
      ...[prisma.passkeyChallenge.count(), prisma.staffSession.count(), prisma.outboxMessage.count()],
    ];
    expect(await Promise.all(left)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
