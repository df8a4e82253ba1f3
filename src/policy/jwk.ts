// Which public keys an app may prove itself with: strong, public, for signatures, of the algorithms that we verify.
import type { FaultCode } from './faults.ts';

export type Jwk = Readonly<Record<string, unknown>>;

export interface JwkFault {
  /** Where in the key: `jwk`, or one of its members as `jwk.n`. */
  readonly field: string;
  readonly code: FaultCode;
}

/** RFC 7518 §6.2.2, §6.3.2, §6.4: what is private in a key. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** NIST SP 800-131A: 2,048 bits at least; more than 8,192 only make the verifier work. */
const RSA_BITS = { least: 2_048, most: 8_192 } as const;
const KID_MAX = 255;
const MATERIAL_MAX = 2_000;
const P384_BYTES = 48;
const P384 = {
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: BigInt(
    '0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef',
  ),
} as const;

interface KeyType {
  readonly alg: string;
  readonly members: readonly string[];
  faults(jwk: Jwk): readonly (JwkFault | false)[];
}

const fault = (member: string, code: FaultCode): JwkFault => ({ field: `jwk.${member}`, code });

const TYPES: Readonly<Record<string, KeyType>> = {
  RSA: {
    alg: 'RS384',
    members: ['n', 'e'],
    faults: ({ n, e }) => [
      !isMaterial(n) && fault('n', 'jwk_unreadable'),
      !isMaterial(e) && fault('e', 'jwk_unreadable'),
      startsWithZero(n) && fault('n', 'jwk_unreadable'),
      startsWithZero(e) && fault('e', 'jwk_unreadable'),
      isMaterial(n) && !isBetween(bits(n), RSA_BITS.least, RSA_BITS.most) && fault('n', 'jwk_rsa_size'),
      isMaterial(e) && !isGoodExponent(e) && fault('e', 'jwk_rsa_exponent'),
    ],
  },
  EC: {
    alg: 'ES384',
    members: ['crv', 'x', 'y'],
    // RFC 7518 §3.4: ES384 is on P-384, and ES384 is what SMART asks of servers.
    faults: ({ crv, x, y }) =>
      crv !== 'P-384' ? [fault('crv', 'jwk_curve')] : [!isPoint(x, y) && fault('x', 'jwk_unreadable')],
  },
};

/** All that is wrong with a key that is to be registered, at once. */
export function jwkFaults(jwk: unknown): readonly JwkFault[] {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk))
    return [{ field: 'jwk', code: 'jwk_not_a_key' }];
  const key = jwk as Jwk;
  const type = typeOf(key);
  const found: readonly (JwkFault | false)[] = [
    PRIVATE.some((member) => key[member] !== undefined) && { field: 'jwk', code: 'jwk_private' },
    type === undefined && fault('kty', 'jwk_type'),
    ...(type?.faults(key) ?? []),
    ...kidFaults(key.kid),
    // RFC 7517 §4.2, §4.3: for signatures, or without a word about it.
    key.use !== undefined && key.use !== 'sig' && fault('use', 'jwk_use'),
    key.key_ops !== undefined &&
      !(Array.isArray(key.key_ops) && key.key_ops.includes('verify')) &&
      fault('key_ops', 'jwk_operations'),
    key.alg !== undefined && type !== undefined && key.alg !== type.alg && fault('alg', 'jwk_algorithm'),
  ];
  return found.filter((one) => one !== false);
}

/** What is kept of a key without faults: the rest is not ours to repeat (RFC 7517 §4). */
export function bareJwk(jwk: Jwk): Readonly<Record<string, string>> {
  const { alg = '', members = [] } = typeOf(jwk) ?? {};
  const kept = ['kty', 'kid', ...members].map((member) => [member, String(jwk[member])]);
  return { ...Object.fromEntries(kept), alg, use: 'sig' };
}

const typeOf = ({ kty }: Jwk): KeyType | undefined =>
  typeof kty === 'string' && Object.hasOwn(TYPES, kty) ? TYPES[kty] : undefined;

function kidFaults(kid: unknown): readonly (JwkFault | false)[] {
  if (kid === undefined || kid === '') return [fault('kid', 'required')];
  if (typeof kid !== 'string') return [fault('kid', 'not_text')];
  // U+0000 cannot be kept in the database; other controls are no name.
  return [/\p{Cc}/u.test(kid) && fault('kid', 'jwk_kid'), kid.length > KID_MAX && fault('kid', 'too_long')];
}

/** One spelling for one key, or its thumbprint would be no name: RFC 7518 §2 (no padding, no leading zero of a number). */
const isMaterial = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MATERIAL_MAX && bytesOf(value).toString('base64url') === value;

const startsWithZero = (value: unknown) => isMaterial(value) && bytesOf(value)[0] === 0;

/** RFC 7518 §6.2.1, SP 800-186 §3.2.1.4: both coordinates in full length, and on the curve y² = x³ - 3x + b. */
function isPoint(...coordinates: readonly unknown[]): boolean {
  const texts = coordinates.filter(isMaterial).filter((text) => bytesOf(text).length === P384_BYTES);
  const [x, y] = texts.map((text) => BigInt(`0x${bytesOf(text).toString('hex')}`));
  if (x === undefined || y === undefined || x >= P384.p || y >= P384.p) return false;
  return (y * y - (x * x * x - 3n * x + P384.b)) % P384.p === 0n;
}

const isBetween = (value: number, least: number, most: number) => value >= least && value <= most;

const bytesOf = (material: string) => Buffer.from(material, 'base64url');

function bits(material: string): number {
  const bytes = bytesOf(material);
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

/** FIPS 186-5 §A.1.1: odd, and between 2^16 and 2^256. */
function isGoodExponent(material: string): boolean {
  return isBetween(bits(material), 17, 256) && ((bytesOf(material).at(-1) ?? 0) & 1) === 1;
}
