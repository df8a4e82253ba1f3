import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Actor, commandLine } from '../../src/policy/permissions.ts';
import { addKey, addSecret, endKey, listKeys, setKeysWithin } from '../../src/registry/app-keys.ts';
import { changeCredentials } from '../../src/registry/credentials.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
const developer = actor('lantern', ['developer']);

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

const DAY_MS = 86_400_000;
const newApp = (changes = {}) => registerApp(world, world.backendId, { jwks: null, ...changes });

const setKeys = (who: Actor, appId: string, jwks: readonly unknown[]) =>
  changeCredentials(deps, who, appId, (change) => setKeysWithin(change, jwks));

async function newKey(kid: string): Promise<JWK> {
  const { publicKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid };
}

const liveKids = async (appId: string) =>
  (await listKeys(deps, developer, appId))
    .filter(({ revokedAt, endsAt }) => revokedAt === null && endsAt > new Date())
    .map(({ kid }) => kid)
    .sort();

describe('the end of a key', () => {
  test('is now, or after an overlap of at most the days of the settings', async () => {
    const appId = await newApp();
    const [one, two] = [
      await addKey(deps, developer, appId, await newKey('1')),
      await addKey(deps, developer, appId, await newKey('2')),
    ];
    const ended = await endKey(deps, developer, appId, one.id, { when: 'now', reason: 'a test' });
    expect([ended.revokedAt?.getTime(), ended.endsAt]).toEqual([expect.any(Number), one.endsAt]);
    for (const days of [0, -1, 8, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(
        await refusedWith(endKey(deps, developer, appId, two.id, { when: days, reason: 'a test' })),
      ).toEqual([...['input_invalid', 'overlapDays out_of_range']]);
    }
    const later = await endKey(deps, developer, appId, two.id, { when: 7, reason: 'a test' });
    expect(later.revokedAt).toBeNull();
    expect(Math.abs(later.endsAt.getTime() - Date.now() - 7 * DAY_MS)).toBeLessThan(600_000);
    const event = await world.store.prisma.auditEvent.findFirstOrThrow({
      where: { appId, type: 'key.ended' },
      orderBy: { id: 'desc' },
    });
    expect(event.detail).toMatchObject({ kid: '2', endsAt: later.endsAt.toISOString() });
  });

  test('never moves to later than it was', async () => {
    const appId = await newApp();
    const { id } = await addKey(deps, developer, appId, await newKey('1'));
    const { endsAt } = await endKey(deps, developer, appId, id, { when: 2, reason: 'a test' });
    expect((await endKey(deps, developer, appId, id, { when: 7, reason: 'a test' })).endsAt).toEqual(endsAt);
  });

  test('happens once: what has ended already is a conflict, in parallel too', async () => {
    const appId = await newApp();
    const { id } = await addKey(deps, developer, appId, await newKey('1'));
    const ending = await Promise.allSettled(
      [1, 2, 3].map(() => endKey(deps, developer, appId, id, { when: 'now', reason: 'a test' })),
    );
    expect(ending.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusedWith(endKey(deps, developer, appId, id, { when: 7, reason: 'a test' }))).toEqual([
      'state_conflict',
    ]);
    const short = await addKey(deps, developer, appId, await newKey('2'));
    await endKey(deps, developer, appId, short.id, { when: 1, reason: 'a test' });
    world.clock.advance(DAY_MS);
    expect(
      await refusedWith(endKey(deps, developer, appId, short.id, { when: 'now', reason: 'a test' })),
    ).toEqual(['state_conflict']);
  });

  test("another app's key, an unknown one and U+0000 are no records", async () => {
    const [one, other] = [await newApp(), await newApp()];
    const { id } = await addKey(deps, developer, one, await newKey('1'));
    for (const keyId of [id, 'unknown', 'a\0b'])
      expect(
        await refusedWith(endKey(deps, developer, other, keyId, { when: 'now', reason: 'a test' })),
      ).toEqual(['record_unknown']);
    expect(await liveKids(one)).toEqual(['1']);
  });
});

describe('who may', () => {
  const commands = (who: Actor, appId: string, keyId: string): (() => Promise<unknown>)[] => [
    () => listKeys(deps, who, appId),
    async () => addKey(deps, who, appId, await newKey('x')),
    () => addSecret(deps, who, appId),
    () => setKeys(who, appId, []),
    () => endKey(deps, who, appId, keyId, { when: 'now', reason: 'a test' }),
  ];

  test("another organization's app and one that does not exist are the same to her", async () => {
    const appId = await newApp();
    const { id } = await addKey(deps, developer, appId, await newKey('1'));
    const stranger = actor('another', ['owner', 'developer']);
    for (const [who, app] of [
      [stranger, appId],
      [actor(null, ['owner']), appId],
      [developer, 'no-such-app'],
      [developer, 'a\0b'],
    ] as const) {
      for (const command of commands(who, app, id))
        expect(await refusedWith(command())).toEqual(['record_unknown']);
    }
    expect(await liveKids(appId)).toEqual(['1']);
  });

  test('those who oversee see the keys and may not change them; the operator may', async () => {
    const appId = await newApp();
    const { id } = await addKey(deps, developer, appId, await newKey('1'));
    for (const role of ['reviewer', 'security_officer'] as const) {
      const [list, ...changes] = commands(actor('operator', [role]), appId, id);
      expect(await list?.()).toHaveLength(1);
      for (const change of changes) expect(await refusedWith(change())).toEqual(['not_allowed']);
    }
    expect(await endKey(deps, commandLine, appId, id, { when: 'now', reason: 'a test' })).toMatchObject({
      kid: '1',
    });
  });

  test('an app that was offboarded gets no keys any more', async () => {
    const appId = await newApp({ offboardedAt: new Date() });
    expect(await refusedWith(addKey(deps, developer, appId, await newKey('1')))).toEqual(['state_conflict']);
  });
});

describe('a key set that replaces another (RFC 7592 §2.2)', () => {
  test('leaves alone what stays, ends what is missing at once, registers what is new', async () => {
    const appId = await newApp();
    const [a, b, c] = [await newKey('a'), await newKey('b'), await newKey('c')];
    const [first] = await setKeys(developer, appId, [a, b]);
    const again = await setKeys(developer, appId, [c, a]);
    expect(again.map(({ kid }) => kid)).toEqual(['c', 'a']);
    expect(again[1]).toEqual(first);
    expect(await liveKids(appId)).toEqual(['a', 'c']);
    await setKeys(developer, appId, []);
    expect(await liveKids(appId)).toEqual([]);
  });

  test('is all or nothing, with every fault at its place', async () => {
    const appId = await newApp();
    const a = await newKey('a');
    await setKeys(developer, appId, [a]);
    const wrong = [
      { ...(await newKey('b')), use: 'enc' },
      { ...a, kid: undefined },
    ];
    expect(await refusedWith(setKeys(developer, appId, wrong))).toEqual([
      ...['input_invalid', 'jwks.0.use jwk_use', 'jwks.1.kid required'],
    ]);
    const twins = [await newKey('t'), await newKey('t')];
    expect(await refusedWith(setKeys(developer, appId, twins))).toContain('jwks.1.kid duplicate');
    const three = [a, await newKey('b'), await newKey('c')];
    expect(await refusedWith(setKeys(developer, appId, three))).toEqual([
      ...['input_invalid', 'jwks credentials_full'],
    ]);
    expect(await liveKids(appId)).toEqual(['a']);
  });
});
