import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { identityProviders } from '../../src/trust/create-trust.ts';
import { readProviders } from '../../src/trust/provider-settings.ts';

const right = {
  ...{ id: 'idp', name: 'ID', issuer: 'https://id.example', clientId: 'postern', evidenceClass: 'strong' },
  authentication: { method: 'private_key_jwt' },
  level: { IAL2: ['high'] },
  validDays: 365,
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-settings-'));
});
afterAll(() => rm(directory, { recursive: true }));

const read = async (content: unknown) => {
  const file = join(directory, 'providers.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readProviders(file);
};

test('what is left out is as OpenID Connect Core has it', async () => {
  expect((await read({ providers: [right] }))[0]).toMatchObject({
    ...{ scope: 'openid profile email phone address', idTokenAlgorithm: 'RS256', userinfo: true },
    authentication: { audience: 'issuer' },
    claims: { birthDate: 'birthdate', postalCode: ['address', 'postal_code'] },
    level: { claim: 'acr', IAL1: [], IAL2: ['high'] },
  });
  expect(await readProviders(undefined)).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /it is not JSON/],
  ['an unknown field', { providers: [{ ...right, secret: 'x' }] }, /providers\.0/],
  [
    'a secret that is guessed soon',
    { providers: [{ ...right, authentication: { method: 'client_secret_basic', secret: 'short' } }] },
    /16 characters/,
  ],
  ['an unsigned id_token', { providers: [{ ...right, idTokenAlgorithm: 'none' }] }, /idTokenAlgorithm/],
  [
    'a shared key in place of a signature',
    { providers: [{ ...right, idTokenAlgorithm: 'HS256' }] },
    /idTokenAlgorithm/,
  ],
  ['no openid', { providers: [{ ...right, scope: 'profile' }] }, /openid/],
  ['two of one name', { providers: [right, right] }, /two of them are called idp/],
  ['a name that is no part of a path', { providers: [{ ...right, id: '../x' }] }, /short name/],
])('%s is told at the start', async (_what, content, fault) => {
  await expect(read(content)).rejects.toThrow(fault);
});

test('a file that is not there, and a level that nobody could prove', async () => {
  await expect(readProviders(join(directory, 'none.json'))).rejects.toThrow(/cannot be read \(ENOENT\)/);
  const { trust } = readConfig({ POSTERN_REQUIRED_IAL: 'purpose:TREAT=IAL2,app:my-app=IAL1' });
  expect(trust.required).toEqual({ purposes: { TREAT: 'IAL2' }, apps: { 'my-app': 'IAL1' } });
  await expect(identityProviders(trust, [])).rejects.toThrow(/POSTERN_IDENTITY_PROVIDERS_FILE/);
  const { trust: unknown } = readConfig({ POSTERN_REQUIRED_IAL: 'purpose:TRAET=IAL2' });
  await expect(identityProviders(unknown, [])).rejects.toThrow(/TRAET is not a code/);
  expect(() => readConfig({ POSTERN_REQUIRED_IAL: 'TREAT=IAL3' })).toThrow(/must be rules/);
});
