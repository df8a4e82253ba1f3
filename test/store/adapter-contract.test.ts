// One contract for what the provider remembers, on both databases.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { createAdapter } from '../../src/provider/adapter.ts';
import { createSecrets } from '../../src/store/secrets.ts';
import { redeem } from '../setup/app-client.ts';
import { backendToken, signAssertion } from '../setup/backend-client.ts';
import { connect } from '../setup/connection.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { createWorld, databases, type World } from '../setup/world.ts';

describe.each(databases)('the adapter on %s', (kind) => {
  let world: World;
  let of: (model: string) => Adapter;
  let count = 0;
  const freshId = () => {
    count += 1;
    // As that of an access token does, it begins with a partition.
    return `0-id-${count}-which-is-long-enough-to-be-found`;
  };

  beforeAll(async () => {
    world = await createWorld(kind);
    const never = () => Promise.reject(new Error('no request is running'));
    const keys = { at: async () => undefined };
    const networkOf = () => '192.0.2.0/24';
    of = createAdapter(world.store, never, {
      issuer: world.issuer,
      secrets: createSecrets(),
      keys,
      networkOf,
    });
  });
  afterAll(() => world.stop());

  const payload = (more: object = {}): AdapterPayload => ({ clientId: 'c', ...more }) as AdapterPayload;

  async function stored(model: string, more: object = {}, expiresIn = 60): Promise<string> {
    const id = freshId();
    await of(model).upsert(id, payload({ jti: id, ...more }), expiresIn);
    return id;
  }

  test('finds what was stored, with its own id, and only under its model', async () => {
    const id = await stored('RefreshToken', { scope: 'openid', extra: { deep: [1, 'ä', null] } });
    const found = await of('RefreshToken').find(id);
    expect(found).toMatchObject({ jti: id, clientId: 'c', scope: 'openid', extra: { deep: [1, 'ä', null] } });
    expect(await of('AuthorizationCode').find(id)).toBeUndefined();
    expect(await of('RefreshToken').find(`${id}x`)).toBeUndefined();
    expect(await of('RefreshToken').find(id.slice(0, -1))).toBeUndefined(); // CVE-2026-27840
  });

  test('replaces what is stored again under the same id, and its end', async () => {
    const id = await stored('Interaction', { prompt: { name: 'login' } }, 30);
    await of('Interaction').upsert(id, payload({ prompt: { name: 'consent' } }), 600);
    world.clock.advance(60_000);
    expect(await of('Interaction').find(id)).toMatchObject({ prompt: { name: 'consent' } });
  });

  test('finds nothing after its end, which the time of the database decides', async () => {
    const id = await stored('AuthorizationCode', {}, 120);
    world.clock.advance(60_000);
    expect(await of('AuthorizationCode').find(id)).toBeDefined();
    world.clock.advance(61_000);
    expect(await of('AuthorizationCode').find(id)).toBeUndefined();
    await expect(of('AuthorizationCode').consume(id)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('lets one caller consume, refuses the others, and shows that it was consumed', async () => {
    const id = await stored('AuthorizationCode');
    const tries = Array.from({ length: 20 }, () => of('AuthorizationCode').consume(id));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ error: 'invalid_grant' });
    expect((await of('AuthorizationCode').find(id))?.consumed).toBeGreaterThan(1_700_000_000);
  });

  test('a late save neither revives what was ended nor takes a consumption back', async () => {
    const ended = await stored('Session', { uid: 'u1' });
    await of('Session').destroy(ended);
    await of('Session').upsert(ended, payload({ uid: 'u1' }), 600);
    expect(await of('Session').find(ended)).toBeUndefined();
    expect(await of('Session').findByUid('u1')).toBeUndefined();
    const used = await stored('RefreshToken');
    await of('RefreshToken').consume(used);
    await of('RefreshToken').upsert(used, payload(), 600);
    expect((await of('RefreshToken').find(used))?.consumed).toBeDefined();
  });

  test('finds a session by its uid, without its bearer id', async () => {
    const id = await stored('Session', { uid: 'u2', accountId: 'a' });
    const found = await of('Session').findByUid('u2');
    expect(found).toMatchObject({ uid: 'u2', accountId: 'a' });
    expect(JSON.stringify(found)).not.toContain(id);
    expect(await of('Session').findByUid('other')).toBeUndefined();
  });

  test('the end of a Grant ends all that was stored under it, and nothing else', async () => {
    const grantId = await stored('Grant', { accountId: 'a' });
    const other = await stored('Grant', { accountId: 'a' });
    const mine = await stored('RefreshToken', { grantId });
    const code = await stored('AuthorizationCode', { grantId });
    const theirs = await stored('RefreshToken', { grantId: other });
    await of('Grant').destroy(grantId);
    expect(await of('Grant').find(grantId)).toBeUndefined();
    expect(await of('RefreshToken').find(mine)).toBeUndefined();
    await expect(of('AuthorizationCode').consume(code)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await of('RefreshToken').find(theirs)).toBeDefined();
    expect(await of('Grant').find(other)).toBeDefined();
  });

  test('an interaction is ended once: of a form sent twice only the first goes on', async () => {
    const id = await stored('Interaction');
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => of('Interaction').destroy(id)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('one use of a jti is recorded, every other is refused (RFC 7523 §3)', async () => {
    const id = freshId();
    const tries = Array.from({ length: 20 }, () => of('ReplayDetection').upsert(id, payload(), 60));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(of('ReplayDetection').upsert(id, payload(), 60)).rejects.toMatchObject({
      error: 'invalid_client',
    });
  });

  const token = { clientId: 'lantern-health', scope: 'patient/Patient.rs', aud: 'https://fhir.example/r4' };
  const bound = { ...token, extra: { purpose_of_use: 'PATRQT' } };

  test('an access token is found by its kind, until its end or its revocation', async () => {
    const id = await stored('AccessToken', bound, 300);
    expect(await of('AccessToken').find(id)).toMatchObject({ ...token, jti: id });
    expect(await of('ClientCredentials').find(id)).toBeUndefined();
    const expiring = await stored('AccessToken', bound, 1);
    world.clock.advance(2_000);
    expect(await of('AccessToken').find(expiring)).toBeUndefined();
    await of('AccessToken').destroy(id);
    expect(await of('AccessToken').find(id)).toBeUndefined();
    await expect(of('AccessToken').upsert(id, payload(bound), 300)).rejects.toThrow();
  });

  test.each([
    ['audience', 'ClientCredentials', { ...bound, aud: undefined }],
    ['one audience', 'AccessToken', { ...bound, aud: ['https://a.example', 'https://b.example'] }],
    ['purpose of use', 'AccessToken', { ...bound, extra: {} }],
    ['purpose of use', 'ClientCredentials', { ...bound, extra: undefined }],
    ['scope', 'AccessToken', { ...bound, scope: undefined }],
    ['client', 'AccessToken', { ...bound, clientId: undefined }],
  ])('no access token is stored without %s (%s)', async (_, model, wrong) => {
    await expect(of(model).upsert(freshId(), payload(wrong), 300)).rejects.toThrow(/must have/);
    await expect(of(model).upsert(freshId(), payload(bound), 0)).rejects.toThrow(/must have/);
  });

  test('clients come from the register alone: nothing of theirs is written through it', async () => {
    expect(await of('Client').find('lantern-health')).toMatchObject({ client_id: 'lantern-health' });
    expect(await of('Client').find('nobody')).toBeUndefined();
    expect(await of('Client').find('a\0b')).toBeUndefined();
    for (const attempt of [
      () => of('Client').upsert('x', payload(), 60),
      () => of('Client').destroy('lantern-health'),
      () => of('DeviceCode').findByUserCode('x'),
    ])
      await expect((async () => attempt())()).rejects.toThrow(/does not offer/);
  });

  test('no bearer value of a whole story stands in any table', async () => {
    const patient = await world.patientBrowser();
    const { tokens, callback, request, accessToken, refreshToken } = await connect(world, patient);
    await redeem(world, request, callback);
    const assertion = await signAssertion(world);
    const backend = (await (await backendToken(world, {}, assertion)).json()) as Record<string, string>;
    const invitation = new URL(await world.invite()).hash.slice(1);
    const cookies = patient.cookies.map(({ value }) => value).filter((value) => value.length > 20);
    const secrets = [
      ...[accessToken, refreshToken, tokens.id_token, callback.searchParams.get('code'), request.verifier],
      ...[backend.access_token, assertion, invitation, world.secret, world.resourceServer.secret],
      ...cookies,
    ] as string[];
    expect(cookies.length).toBeGreaterThan(2);
    const dump = await dumpTables(world.store);
    expect(dump).toContain('"lantern-health"');
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      expect({ secret, found: dump.includes(secret) }).toEqual({ secret, found: false });
    }
  });
});
