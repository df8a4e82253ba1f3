/** A public key of a client, with nothing but what verification needs. */
export type PublicKey = Readonly<Record<string, string | readonly string[]>>;

/** What an assertion says about the key that signed it. */
export interface KeyHint {
  readonly kid?: unknown;
  readonly alg?: unknown;
}

const MATERIAL: Readonly<Record<string, readonly string[]>> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'] };
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * The bare keys with `kty` and `kid` of a JWK Set (SMART client-confidential-asymmetric, "Registering a client");
 * undefined when it is none. A key whose private half was published too is no key.
 */
export function publicKeys(jwks: unknown): PublicKey[] | undefined {
  const keys = (jwks as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(keys) ? keys.flatMap(publicKey) : undefined;
}

function publicKey(jwk: Readonly<Record<string, unknown>> | null): PublicKey[] {
  const { kty, kid, alg, use, key_ops: operations } = jwk ?? {};
  const material = MATERIAL[String(kty)];
  if (material === undefined || !isText(kid) || jwk?.d !== undefined) return [];
  const values = material.map((name) => [name, jwk?.[name]] as const);
  if (!values.every(([, value]) => isText(value))) return [];
  return [
    sameObject({
      ...(Object.fromEntries(values) as Record<string, string>),
      ...{ kty: String(kty), kid },
      ...(isText(alg) ? { alg } : {}),
      ...(isText(use) ? { use } : {}),
      ...(Array.isArray(operations) ? { key_ops: operations.filter(isText) } : {}),
    }),
  ];
}

const KNOWN_MAX = 10_000;
const known = new Map<string, PublicKey>();

/** One object for one key: to import it takes as long as to verify with it, and jose remembers that by identity. */
function sameObject(key: PublicKey): PublicKey {
  const name = JSON.stringify(key);
  const same = known.get(name);
  if (same !== undefined) return same;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(name, Object.freeze(key));
  return key;
}

/** The keys that the hint names: by `kid`, of the `kty` that its algorithm takes ("Signature Verification", step 3). */
export function keysNamed<Key extends { readonly kid?: unknown; readonly kty?: unknown }>(
  keys: readonly Key[],
  { kid, alg }: KeyHint,
): Key[] {
  const kty = String(alg).startsWith('ES') ? 'EC' : 'RSA';
  return keys.filter((key) => key.kid === kid && key.kty === kty);
}
