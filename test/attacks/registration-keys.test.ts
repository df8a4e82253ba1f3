import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import {
  type Answered,
  backendMetadata,
  clientMetadata,
  faultsIn,
  freshKey,
  initialToken,
  registerClient,
} from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  token = await initialToken(world, vendor);
});
afterAll(() => world.stop());

const count = () => world.store.prisma.app.count();
const register = async (changes: object): Promise<Answered> =>
  registerClient(world, token, await clientMetadata(world, { ...changes }));

describe('keys', () => {
  const refusedKeys = async (jwks: unknown, more = {}) =>
    faultsIn(await registerClient(world, token, await backendMetadata(world, { jwks, ...more })));

  test('private, weak and known ones are refused, and nothing is kept', async () => {
    const before = await count();
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const [known, spki] = [await freshKey(), { ...(await exportJWK(privateKey)), kid: 'a', alg: 'ES384' }];
    await registerClient(world, token, await backendMetadata(world, { jwks: { keys: [known] } }));
    expect((await refusedKeys({ keys: [spki] }))[1]).toBe('jwks.keys.0 jwk_private');
    expect(await refusedKeys({ keys: [known] })).toContain('jwks.keys.0 jwk_known');
    expect((await refusedKeys({ keys: [{ ...(await freshKey()), use: 'enc' }] }))[1]).toMatch(/jwk_use$/);
    expect(await count()).toBe(before + 1);
  });

  test('in two places, in none, too many, and what is no set', async () => {
    const keys = [await freshKey(), await freshKey(), await freshKey()];
    const jwks_uri = 'https://bright.example/jwks';
    expect(await refusedKeys({ keys: keys.slice(1) }, { jwks_uri })).toContain('jwks keys_in_two_places');
    expect(await refusedKeys(undefined)).toContain('jwks required');
    expect(await refusedKeys({ keys })).toEqual(['invalid_client_metadata', 'jwks.keys credentials_full']);
    for (const none of ['keys', 7, [], {}, { keys: {} }, { keys: [], more: 1 }])
      expect((await refusedKeys(none))[0]).toBe('invalid_client_metadata');
  });
});

describe('names that pretend', () => {
  test.each([
    ['a direction change', 'Bright\u202eResults'],
    ['a letter without width', 'Bri\u200bght'],
    ['two scripts in one word', 'Br\u0456ght Results'],
    ['the operator\u2019s name', 'Postern demo network'],
  ])('%s', async (_, client_name) => {
    const answer = await register({ client_name });
    expect(faultsIn(answer)[0]).toBe('invalid_client_metadata');
    expect(faultsIn(answer)[1]).toMatch(/^client_name /);
  });
});
