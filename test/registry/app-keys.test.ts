import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { addKey, addSecret, endKey, listKeys } from '../../src/registry/app-keys.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
const developer = actor('lantern', ['developer'], 'dana-whitfield');

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const day = (instant: Date) => instant.toISOString().slice(0, 10);

/** An app that proves itself with keys, or with a secret, and has neither yet. */
const newApp = (authMethod = 'private_key_jwt', changes = {}) =>
  registerApp(world, world.backendId, { authMethod, jwks: null, secretHash: null, ...changes });

async function newKey(kid: string): Promise<JWK> {
  const { publicKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid };
}

const add = async (appId: string, kid: string) => addKey(deps, developer, appId, await newKey(kid));

describe('a key', () => {
  test('is kept bare, with its thumbprint (RFC 7638), its end after the days of the settings, and its event', async () => {
    const [appId, jwk] = [await newApp(), await newKey('first')];
    const added = await addKey(deps, developer, appId, { ...jwk, x5c: ['MII'], note: 'ours' });
    const thumbprint = await calculateJwkThumbprint(jwk);
    expect(added).toMatchObject({ kind: 'jwk', kid: 'first', thumbprint, revokedAt: null, lastUsedAt: null });
    expect([day(added.endsAt), added.createdBy]).toEqual([inDays(365), 'dana-whitfield']);
    const row = await world.store.prisma.appKey.findUniqueOrThrow({ where: { id: added.id } });
    expect(row.jwk).toEqual({ ...jwk, alg: 'ES384', use: 'sig' });
    const about = { appId, organizationId: 'lantern', accountId: 'dana-whitfield' };
    expect(await lastEvent(appId)).toMatchObject({
      ...{ type: 'key.added', ...about },
      detail: { keyId: added.id, kind: 'jwk', kid: 'first', thumbprint, via: 'portal' },
    });
    const told = ['dana@lantern.example', 'miguel@lantern.example'].map((mail) => `key.added to ${mail}`);
    expect(await noticesOf(appId)).toEqual(told);
  });

  test('may be given as its JSON; what is neither, or faulty, is refused with every fault', async () => {
    const appId = await newApp();
    await addKey(deps, developer, appId, JSON.stringify(await newKey('text')));
    expect(await refusedWith(addKey(deps, developer, appId, '{'))).toEqual([
      ...['input_invalid', 'jwk jwk_not_a_key'],
    ]);
    const faulty = { ...(await newKey('text')), d: 'AQAB', use: 'enc' };
    expect(await refusedWith(addKey(deps, developer, appId, faulty))).toEqual([
      ...['input_invalid', 'jwk jwk_private', 'jwk.use jwk_use', 'jwk.kid duplicate'],
    ]);
    expect(await listKeys(deps, developer, appId)).toHaveLength(1);
  });

  test('that any app has or had is refused, of another environment too, and when it was ended (RFC 7638)', async () => {
    const [one, other] = [await newApp(), await newApp('private_key_jwt', { environment: 'sandbox' })];
    const jwk = await newKey('shared');
    const { id } = await addKey(deps, developer, one, jwk);
    const renamed = { ...jwk, kid: 'renamed', alg: 'ES384' };
    expect(await refusedWith(addKey(deps, developer, other, renamed))).toEqual([
      ...['input_invalid', 'jwk jwk_known'],
    ]);
    await endKey(deps, developer, one, id, { when: 'now', reason: 'a test' });
    for (const appId of [one, other])
      expect(await refusedWith(addKey(deps, developer, appId, renamed))).toContain('jwk jwk_known');
    const demo = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: world.backendId } });
    expect(await refusedWith(addKey(deps, developer, other, demo.jwk))).toContain('jwk jwk_known');
  });

  test('of two apps that register one key at once, one gets it', async () => {
    const [one, other, jwk] = [await newApp(), await newApp(), await newKey('raced')];
    const outcomes = await Promise.allSettled([one, other].map((id) => addKey(deps, developer, id, jwk)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
    expect(lost.faults).toEqual([{ field: 'jwk', code: 'jwk_known' }]);
  });

  test('a kid is given once, also after its key has ended', async () => {
    const appId = await newApp();
    const { id } = await add(appId, 'k');
    expect(await refusedWith(add(appId, 'k'))).toEqual(['input_invalid', 'jwk.kid duplicate']);
    await endKey(deps, developer, appId, id, { when: 'now', reason: 'a test' });
    expect(await refusedWith(add(appId, 'k'))).toEqual(['input_invalid', 'jwk.kid duplicate']);
    await add(await newApp(), 'k');
  });
});

describe('two are live at once', () => {
  test('a third is refused until one has ended, at once or at the end of its overlap', async () => {
    const appId = await newApp();
    const [first, second] = [await add(appId, '1'), await add(appId, '2')];
    expect(await refusedWith(add(appId, '3'))).toEqual(['input_invalid', 'jwk credentials_full']);
    await endKey(deps, developer, appId, first.id, { when: 'now', reason: 'a test' });
    await add(appId, '3');
    await endKey(deps, developer, appId, second.id, { when: 1, reason: 'a test' });
    expect(await refusedWith(add(appId, '4'))).toContain('jwk credentials_full');
    world.clock.advance(DAY_MS);
    await add(appId, '4');
  });

  test.each(['private_key_jwt', 'client_secret_basic'])(
    'of six that are added in parallel two are (%s)',
    async (method) => {
      const appId = await newApp(method);
      const keys = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(newKey));
      const adding = keys.map((key) =>
        method === 'private_key_jwt'
          ? addKey(deps, developer, appId, key)
          : addSecret(deps, developer, appId),
      );
      const outcomes = await Promise.allSettled(adding);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect(await listKeys(deps, developer, appId)).toHaveLength(2);
    },
  );

  test('an app on its way from a secret to a key has two of each', async () => {
    const appId = await newApp();
    for (const kid of ['1', '2']) await add(appId, kid);
    const { store } = world;
    const { revision } = await store.prisma.app.findUniqueOrThrow({
      where: { id: appId },
      include: { revision: true },
    });
    const next = { ...revision, id: `${appId}-2`, number: 2, authMethod: 'client_secret_post' };
    await store.prisma.appRevision.create({ data: next as never });
    for (const _which of ['1', '2']) await addSecret(deps, developer, appId);
    expect(await refusedWith(addSecret(deps, developer, appId))).toEqual([
      ...['input_invalid', 'secret credentials_full'],
    ]);
  });
});

describe('a secret', () => {
  test('has 256 bits, is shown once and kept as argon2id; it ends after the days of the settings', async () => {
    const appId = await newApp('client_secret_post');
    const { secret, ...shown } = await addSecret(deps, developer, appId);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const row = await world.store.prisma.appKey.findUniqueOrThrow({ where: { id: shown.id } });
    expect([row.kind, row.kid, row.thumbprint, row.jwk]).toEqual(['secret', null, null, null]);
    expect(row.secretHash).toMatch(/^\$argon2id\$/);
    expect(day(row.endsAt)).toBe(inDays(90));
    const listed = await listKeys(deps, developer, appId);
    expect(listed).toEqual([shown]);
    const written = JSON.stringify([
      ...[listed, await lastEvent(appId)].map((value) => JSON.parse(JSON.stringify(value, plain))),
      await world.store.prisma.outboxMessage.findMany(),
    ]);
    for (const hidden of [secret, String(row.secretHash)]) expect(written).not.toContain(hidden);
  });

  test('the settings shorten both lives', async () => {
    const strict = registryDeps(world, { secretDays: 10, keyDays: 20 });
    const withSecret = await newApp('client_secret_basic');
    expect(day((await addSecret(strict, developer, withSecret)).endsAt)).toBe(inDays(10));
    const key = await addKey(strict, developer, await newApp(), await newKey('k'));
    expect(day(key.endsAt)).toBe(inDays(20));
  });
});

test.each([
  ['client_secret_basic', {}, 'key'],
  ['none', {}, 'key'],
  ['none', {}, 'secret'],
  ['private_key_jwt', {}, 'secret'],
  ['private_key_jwt', { jwksUri: 'https://app.example/jwks.json' }, 'key'],
])('an app of the method %s %j has no use for a %s: refused', async (method, changes, what) => {
  const appId = await newApp(method, changes);
  const refused = what === 'key' ? add(appId, 'k') : addSecret(deps, developer, appId);
  expect(await refusedWith(refused)).toEqual([
    'input_invalid',
    `${what === 'key' ? 'jwk' : 'secret'} credential_not_used`,
  ]);
});

const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

const lastEvent = (appId: string) =>
  world.store.prisma.auditEvent.findFirst({ where: { appId }, orderBy: { id: 'desc' } });

async function noticesOf(appId: string) {
  const messages = await world.store.prisma.outboxMessage.findMany({ orderBy: { destination: 'asc' } });
  const told = messages.map(({ content, destination }) => ({
    ...(content as { appId?: string; type?: string }),
    destination,
  }));
  return told.filter((one) => one.appId === appId).map((one) => `${one.type} to ${one.destination}`);
}
