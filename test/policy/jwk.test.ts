import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bareJwk, type Jwk, jwkFaults } from '../../src/policy/jwk.ts';

const made = (key: { export(options: { format: 'jwk' }): unknown }): Jwk => ({
  ...(key.export({ format: 'jwk' }) as Jwk),
  kid: 'k-1',
});
const rsaPair = (bits: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength: bits, publicExponent });
const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

const ec = made(ecPair('P-384').publicKey);
const rsa = made(rsaPair(2_048).publicKey);
const codes = (jwk: unknown) => jwkFaults(jwk).map(({ field, code }) => `${field} ${code}`);

test.each([
  ['P-384', ec],
  ['RSA of 2,048 bits', rsa],
  ['P-384 that says what it is for', { ...ec, use: 'sig', alg: 'ES384', key_ops: ['verify'] }],
  ['RSA that says what it is for', { ...rsa, use: 'sig', alg: 'RS384', key_ops: ['encrypt', 'verify'] }],
  ['members that we do not know (RFC 7517 §4)', { ...ec, x5c: ['MII'], color: 'blue' }],
])('%s may be registered', (_what, jwk) => {
  expect(jwkFaults(jwk)).toEqual([]);
});

const withZero = (number: unknown) =>
  Buffer.concat([Buffer.from([0]), Buffer.from(String(number), 'base64url')]).toString('base64url');
const exponent = (bytes: readonly number[]) => Buffer.from(bytes).toString('base64url');

const refused: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['no key', null, ['jwk jwk_not_a_key']],
  ['a text', 'key', ['jwk jwk_not_a_key']],
  ['a list', [ec], ['jwk jwk_not_a_key']],
  ['a key set', { keys: [ec] }, ['jwk.kty jwk_type', 'jwk.kid required']],
  ['a symmetric key', { kty: 'oct', k: 'AyM1', kid: 'a' }, ['jwk jwk_private', 'jwk.kty jwk_type']],
  ['Ed25519', made(generateKeyPairSync('ed25519').publicKey), ['jwk.kty jwk_type']],
  ['a name that every object has', { ...ec, kty: 'toString' }, ['jwk.kty jwk_type']],
  ['P-256', made(ecPair('P-256').publicKey), ['jwk.crv jwk_curve']],
  ['P-521', made(ecPair('P-521').publicKey), ['jwk.crv jwk_curve']],
  ['secp256k1', made(ecPair('secp256k1').publicKey), ['jwk.crv jwk_curve']],
  ['a point that is not on the curve', { ...ec, y: ec.x }, ['jwk.x jwk_unreadable']],
  ['a coordinate that is cut off', { ...ec, x: String(ec.x).slice(4) }, ['jwk.x jwk_unreadable']],
  ['a coordinate with a zero before it', { ...ec, x: withZero(ec.x) }, ['jwk.x jwk_unreadable']],
  ['no coordinate', { ...ec, y: undefined }, ['jwk.x jwk_unreadable']],
  ['RSA of 1,024 bits', made(rsaPair(1_024).publicKey), ['jwk.n jwk_rsa_size']],
  ['RSA of 2,047 bits', made(rsaPair(2_047).publicKey), ['jwk.n jwk_rsa_size']],
  ['RSA of 8,200 bits', { ...rsa, n: randomOdd(1_025) }, ['jwk.n jwk_rsa_size']],
  ['exponent 3', made(rsaPair(2_048, 3).publicKey), ['jwk.e jwk_rsa_exponent']],
  ['exponent 1', { ...rsa, e: exponent([1]) }, ['jwk.e jwk_rsa_exponent']],
  ['exponent 2^16', { ...rsa, e: exponent([1, 0, 0]) }, ['jwk.e jwk_rsa_exponent']],
  ['a modulus with a zero before it', { ...rsa, n: withZero(rsa.n) }, ['jwk.n jwk_unreadable']],
  ['a modulus with padding', { ...rsa, n: `${rsa.n}==` }, ['jwk.n jwk_unreadable']],
  ['an exponent in other letters', { ...rsa, e: 'AQAC_' }, ['jwk.e jwk_unreadable']],
  ['no modulus', { ...rsa, n: undefined }, ['jwk.n jwk_unreadable']],
  ['a number as modulus', { ...rsa, n: 5 }, ['jwk.n jwk_unreadable']],
  ['an endless modulus', { ...rsa, n: 'A'.repeat(1e6) }, ['jwk.n jwk_unreadable']],
  ['no kid', { ...ec, kid: undefined }, ['jwk.kid required']],
  ['an empty kid', { ...ec, kid: '' }, ['jwk.kid required']],
  ['a kid that is no text', { ...ec, kid: 7 }, ['jwk.kid not_text']],
  ['a kid with U+0000', { ...ec, kid: 'a\0b' }, ['jwk.kid jwk_kid']],
  ['a kid of 256 characters', { ...ec, kid: 'k'.repeat(256) }, ['jwk.kid too_long']],
  ['use: enc', { ...ec, use: 'enc' }, ['jwk.use jwk_use']],
  ['key_ops without verify', { ...ec, key_ops: ['encrypt'] }, ['jwk.key_ops jwk_operations']],
  ['key_ops that are no list', { ...ec, key_ops: 'verify' }, ['jwk.key_ops jwk_operations']],
  ['an algorithm that is not ours', { ...rsa, alg: 'RS256' }, ['jwk.alg jwk_algorithm']],
  ['the algorithm of another type', { ...rsa, alg: 'ES384' }, ['jwk.alg jwk_algorithm']],
];

function randomOdd(bytes: number): string {
  const value = randomBytes(bytes);
  value[0] = 0x80;
  value[bytes - 1] = 1;
  return value.toString('base64url');
}

test.each(refused)('%s is refused (NIST SP 800-131A, RFC 7517, RFC 7518)', (_what, jwk, expected) => {
  expect(codes(jwk)).toEqual(expected);
});

describe('a key with its private half', () => {
  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('%s alone is enough to refuse it', (member) => {
    for (const key of [ec, rsa]) expect(codes({ ...key, [member]: 'AQAB' })).toEqual(['jwk jwk_private']);
  });

  test('a whole private key is refused, of either type', () => {
    expect(codes(made(ecPair('P-384').privateKey))).toEqual(['jwk jwk_private']);
    expect(codes(made(rsaPair(2_048).privateKey))).toEqual(['jwk jwk_private']);
  });
});

test('all faults come at once', () => {
  const key = { ...made(rsaPair(1_024).privateKey), kid: undefined, use: 'enc', alg: 'none', key_ops: [] };
  expect(codes(key)).toEqual([
    ...['jwk jwk_private', 'jwk.n jwk_rsa_size', 'jwk.kid required', 'jwk.use jwk_use'],
    ...['jwk.key_ops jwk_operations', 'jwk.alg jwk_algorithm'],
  ]);
});

test('whatever is handed in, the answer is faults or a key of which only the public members are kept', () => {
  const member = fc.constantFrom(
    'kty',
    'kid',
    'crv',
    'x',
    'y',
    'n',
    'e',
    'd',
    'use',
    'alg',
    'key_ops',
    '__proto__',
  );
  const value = fc.oneof(fc.anything(), fc.constantFrom('RSA', 'EC', 'P-384', 'AQAB', 'sig', ''));
  const changes = fc.array(fc.tuple(member, value)).map((pairs) => Object.fromEntries(pairs));
  fc.assert(
    fc.property(fc.constantFrom<Jwk>(ec, rsa, {}), changes, (base, change) => {
      const jwk = { ...base, ...change };
      if (jwkFaults(jwk).length > 0) return;
      const kept = bareJwk(jwk);
      expect(jwkFaults(kept)).toEqual([]);
      const own = jwk.kty === 'EC' ? ['crv', 'x', 'y'] : ['n', 'e'];
      expect(Object.keys(kept).sort()).toEqual(['alg', 'kid', 'kty', 'use', ...own].sort());
    }),
    { numRuns: 500 },
  );
});
