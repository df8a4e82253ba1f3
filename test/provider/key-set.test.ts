import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keysNamed, publicKeys } from '../../src/provider/key-set.ts';

const ec = { kty: 'EC', kid: 'e', crv: 'P-384', x: 'x', y: 'y' };
const rsa = { kty: 'RSA', kid: 'r', n: 'n', e: 'AQAB' };

test('bare RSA and EC keys with a kid are taken, with what verification needs and nothing else', () => {
  const more = { alg: 'ES384', use: 'sig', key_ops: ['verify'], x5u: 'https://evil.example', note: 'mine' };
  expect(publicKeys({ keys: [{ ...ec, ...more }, rsa] })).toEqual([
    { ...ec, alg: 'ES384', use: 'sig', key_ops: ['verify'] },
    rsa,
  ]);
});

test.each([
  ['a shared secret', { kty: 'oct', kid: 'o', k: 'c2VjcmV0' }],
  ['a private key', { ...rsa, d: 'd' }],
  ['no kid', { ...ec, kid: undefined }],
  ['an empty kid', { ...ec, kid: '' }],
  ['no modulus', { ...rsa, n: undefined }],
  ['a number for a text', { ...ec, x: 1 }],
  ['a type of no use here', { kty: 'OKP', kid: 'k', crv: 'Ed25519', x: 'x' }],
  ['null', null],
])('%s is no key, and the others stay', (_what, key) => {
  expect(publicKeys({ keys: [key, ec] })).toEqual([ec]);
});

test('anything else is no key set, and no crash', () => {
  for (const other of [null, undefined, [], 'keys', {}, { keys: {} }])
    expect(publicKeys(other)).toBeUndefined();
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, key) => {
      publicKeys(value);
      publicKeys({ keys: [key] });
    }),
  );
});

test('a key is named by kid and by the type of the algorithm ("Signature Verification", step 3)', () => {
  const keys = publicKeys({ keys: [ec, { ...rsa, kid: 'e' }, rsa, { ...rsa, n: 'other' }] }) ?? [];
  expect(keysNamed(keys, { kid: 'e', alg: 'ES384' })).toEqual([ec]);
  expect(keysNamed(keys, { kid: 'e', alg: 'RS384' })).toHaveLength(1);
  expect(keysNamed(keys, { kid: 'r', alg: 'RS384' })).toHaveLength(2);
  expect(keysNamed(keys, { kid: 'r', alg: 'ES384' })).toEqual([]);
  expect(keysNamed(keys, { alg: 'ES384' })).toEqual([]);
});
