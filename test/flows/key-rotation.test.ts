import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { addKey, addSecret, endKey } from '../../src/registry/app-keys.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { authenticated } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { errorIn, reasonsOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, registryDeps } from '../setup/registry-deps.ts';
import { type Answer, addInstance, type Instances } from '../setup/second-instance.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let instances: Instances;
let deps: RegistryDeps;
let patient: TestBrowser;
const developer = actor('lantern', ['developer']);
const DAY_MS = 86_400_000;

beforeAll(async () => {
  world = await createWorld('postgresql');
  instances = await addInstance(world);
  deps = registryDeps(world);
  patient = await world.patientBrowser();
});
afterAll(async () => {
  await instances.stop();
  await world.stop();
});

interface Client {
  readonly id: string;
  /** Registers another credential: its id, and how to ask for a token with it. */
  add(): Promise<{ readonly keyId: string; ask(instance?: 0 | 1): Promise<Answer> }>;
}

const GRANT = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };

async function keyClient() {
  const id = await registerApp(world, world.backendId, { jwks: null });
  return {
    id,
    add: async () => {
      const { privateKey } = await generateKeyPair('ES384', { extractable: true });
      const key: JWK = { ...(await exportJWK(privateKey)), kid: `kid-${Math.random()}` };
      const { d: _, ...half } = key;
      const { id: keyId } = await addKey(deps, developer, id, half);
      const ask = async (instance: 0 | 1 = 0) =>
        instances.post(instance, '/token', {
          ...GRANT,
          ...(await authenticated(world, { clientId: id, key })),
        });
      return { keyId, key, ask };
    },
  };
}

/** An app with a secret: what it is told about a code that nobody has tells whether it was authenticated. */
async function secretClient(): Promise<Client> {
  const id = await registerApp(world, world.clientId, { authMethod: 'client_secret_basic' });
  return {
    id,
    add: async () => {
      const { id: keyId, secret } = await addSecret(deps, developer, id);
      const guess = { grant_type: 'refresh_token', refresh_token: 'nobody has it' };
      const ask = (instance: 0 | 1 = 0) =>
        instances.post(instance, '/token', guess, { authorization: basic(id, secret) });
      return { keyId, ask };
    },
  };
}

const kinds = [
  ['a key', keyClient, [200, undefined]],
  ['a secret', secretClient, [400, 'invalid_grant']],
] as const;
const heard = ({ status, body }: Answer) => [status, body.error];
const REFUSED = [401, 'invalid_client'];

describe.each(kinds)('%s', (_what, register, accepted) => {
  test('is replaced under load, on two instances, and no request is refused', async () => {
    const client = await register();
    const old = await client.add();
    let current = old;
    const answers: Answer[] = [];
    let isRotated = false;
    const worker = async (instance: 0 | 1) => {
      while (answers.length < 240 || !isRotated) answers.push(await current.ask(instance));
    };
    const rotation = async () => {
      const answered = async (count: number) => {
        while (answers.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await answered(60);
      const next = await client.add();
      await answered(120);
      current = next;
      await endKey(deps, developer, client.id, old.keyId, { when: 1, reason: 'a test' });
      await answered(180);
      isRotated = true;
    };
    await Promise.all([rotation(), worker(0), worker(1), worker(0), worker(1)]);
    expect(answers.length).toBeGreaterThanOrEqual(240);
    for (const answer of answers) expect(heard(answer)).toEqual(accepted);
  });

  test('both are accepted during the overlap, at its end only the new one', async () => {
    const client = await register();
    const [old, next] = [await client.add(), await client.add()];
    await endKey(deps, developer, client.id, old.keyId, { when: 2, reason: 'a test' });
    world.clock.advance(2 * DAY_MS - 60_000);
    for (const one of [old, next]) expect(heard(await one.ask())).toEqual(accepted);
    world.clock.advance(60_000);
    expect(heard(await old.ask())).toEqual(REFUSED);
    expect(heard(await next.ask())).toEqual(accepted);
  });

  test('that is ended now is refused at the next request on every instance', async () => {
    const client = await register();
    const [old, next] = [await client.add(), await client.add()];
    for (const instance of [0, 1] as const) expect(heard(await old.ask(instance))).toEqual(accepted);
    await endKey(deps, developer, client.id, old.keyId, { when: 'now', reason: 'a test' });
    for (const instance of [0, 1] as const) {
      expect(heard(await old.ask(instance))).toEqual(REFUSED);
      expect(heard(await next.ask(instance))).toEqual(accepted);
    }
  });

  test('its last use is known to the minute; what was refused is no use', async () => {
    const client = await register();
    const [one, other] = [await client.add(), await client.add()];
    const lastUse = async (keyId: string) =>
      (await world.store.prisma.appKey.findUniqueOrThrow({ where: { id: keyId } })).lastUsedAt?.getTime();
    const minute = () => Math.floor(Date.now() / 60_000) * 60_000;
    await Promise.all([one, one, one, one].map(({ ask }, index) => ask((index % 2) as 0 | 1)));
    expect([await lastUse(one.keyId), await lastUse(other.keyId)]).toEqual([minute(), undefined]);
    world.clock.advance(5 * 60_000);
    await one.ask();
    const used = minute();
    expect(await lastUse(one.keyId)).toBe(used);
    world.clock.advance(5 * 60_000);
    await world.store.prisma.app.update({ where: { id: client.id }, data: { suspendedAt: new Date() } });
    expect(heard(await one.ask())).toEqual(REFUSED);
    expect(await lastUse(one.keyId)).toBe(used);
  });

  test('the last one has ended: nobody at the token endpoint, a stated reason at authorize and in the audit', async () => {
    const client = await register();
    const { keyId, ask } = await client.add();
    await endKey(deps, developer, client.id, keyId, { when: 'now', reason: 'a test' });
    expect(heard(await ask())).toEqual(REFUSED);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('credential_none');
    const again = await client.add();
    expect(heard(await again.ask())).toEqual(accepted);
  });
});

test('an app of people whose last credential has ended is refused at authorize: credential_expired', async () => {
  const client = await secretClient();
  const { keyId } = await client.add();
  await endKey(deps, developer, client.id, keyId, { when: 'now', reason: 'a test' });
  const request = authorizationRequest(world, { client_id: client.id, prompt: 'none' });
  const asked = await patient.send(request.url);
  expect(errorIn(new URL(asked.headers.get('location') ?? ''))).toBe('unauthorized_client');
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('credential_expired');
});

test('a forged and a replayed assertion are no use of the key', async () => {
  const client = await keyClient();
  const { keyId, key } = await client.add();
  const lastUse = async () =>
    (await world.store.prisma.appKey.findUniqueOrThrow({ where: { id: keyId } })).lastUsedAt?.getTime();
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const asked = async (signer: JWK) => ({
    ...GRANT,
    ...(await authenticated(world, { clientId: client.id, key: signer })),
  });
  const forged = await asked({ ...(await exportJWK(privateKey)), kid: key.kid ?? '' });
  expect(heard(await instances.post(0, '/token', forged))).toEqual(REFUSED);
  expect(await lastUse()).toBeUndefined();
  const honest = await asked(key);
  expect(heard(await instances.post(0, '/token', honest))).toEqual([200, undefined]);
  const used = await lastUse();
  expect(used).toEqual(expect.any(Number));
  world.clock.advance(60_000);
  expect(heard(await instances.post(1, '/token', honest))).toEqual(REFUSED);
  expect(await lastUse()).toBe(used);
});

test('a lost answer to a refresh is given again to the same secret while another one is added', async () => {
  const client = await secretClient();
  const { id: _, secret } = await addSecret(deps, developer, client.id);
  const headers = { authorization: basic(client.id, secret) };
  const request = authorizationRequest(world, { client_id: client.id });
  const callback = await patient.authorize(request.url);
  const redeemed = await instances.post(
    0,
    '/token',
    {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: request.redirectUri,
      code_verifier: request.verifier,
    },
    headers,
  );
  const again = { grant_type: 'refresh_token', refresh_token: String(redeemed.body.refresh_token) };
  const first = await instances.post(0, '/token', again, headers);
  const other = await addSecret(deps, developer, client.id);
  const second = await instances.post(1, '/token', again, headers);
  expect([first.status, second.status, second.body]).toEqual([200, 200, first.body]);
  const foreign = { authorization: basic(client.id, other.secret) };
  expect(heard(await instances.post(0, '/token', again, foreign))).toEqual([400, 'invalid_grant']);
});
