// "Test my key": all that is wrong with an assertion of an app, without a trace: nothing is used up, nothing is stored.
import { compactVerify, importJWK } from 'jose';
import type { SafeFetch } from '../outside/safe-fetch.ts';
import { jwkFaults } from '../policy/jwk.ts';
import { findKeyByThumbprint } from '../store/app-keys.ts';
import { type App, findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { sha256 } from '../store/hash.ts';
import { findPayload } from '../store/oidc-payloads.ts';
import {
  type Assertion,
  type AssertionFault,
  type AssertionFaultCode,
  assertionFaults,
  differs,
  readAssertion,
} from './client-assertion.ts';
import { createClientKeys } from './client-keys.ts';
import { registeredKeys } from './clients.ts';
import { CLIENT_AUTH_ALGORITHMS, PATHS } from './endpoints.ts';
import { keysNamed, type PublicKey } from './key-set.ts';
import { publishedKeyFault, thumbprintOf } from './published-keys.ts';

/** What is wrong beyond the claims: the whole, the key, the signature, a use before this one. */
export type CheckCode =
  | AssertionFaultCode
  | 'unreadable'
  | 'method'
  | 'keys_unavailable'
  | 'key_unknown'
  | 'key_ambiguous'
  | 'key_weak'
  | 'key_shared'
  | 'key_ended'
  | 'signature'
  | 'other_key'
  | 'jti_used';

export type CheckFault = AssertionFault<CheckCode>;

/** The faults of an assertion that the app would send to the token endpoint; none: it would be accepted now. */
export type AssertionCheck = (appId: string, jwt: string) => Promise<readonly CheckFault[]>;

interface CheckDeps {
  readonly issuer: string;
  readonly store: Store;
  readonly fetch: SafeFetch;
}

const MAX_LENGTH = 8_192;

export function createAssertionCheck({ issuer, store, fetch }: CheckDeps): AssertionCheck {
  const published = createClientKeys(fetch);

  const keyFaults = async (app: App, jwt: string, assertion: Assertion): Promise<readonly CheckFault[]> => {
    const { header } = assertion;
    if (app.authMethod !== 'private_key_jwt') {
      return [
        differs(
          'method',
          'key',
          'the app does not prove itself with a key',
          app.authMethod,
          'private_key_jwt',
        ),
      ];
    }
    const keys =
      app.jwksUri === null
        ? registeredKeys(app)
        : await published.at(app.jwksUri, { ...header, kid: header.kid });
    if (keys === undefined) {
      return [
        differs('keys_unavailable', 'key', 'the keys at the JWKS URL cannot be had', undefined, app.jwksUri),
      ];
    }
    const [key, ...others] = keysNamed(keys, header);
    if (key === undefined || others.length > 0) {
      const code = key === undefined ? 'key_unknown' : 'key_ambiguous';
      const kids = keys.map(({ kid }) => kid).join(' ');
      return [differs(code, 'kid', 'kid must name exactly one live key', header.kid, kids)];
    }
    const standing = app.jwksUri === null ? [] : await publishedFaults(app, key);
    return [...standing, ...(await signatureFaults(jwt, header.alg, key, keys))];
  };

  const publishedFaults = async (app: App, key: PublicKey): Promise<readonly CheckFault[]> => {
    const weaknesses = jwkFaults(key).map(({ field, code }) =>
      differs('key_weak', 'key', `${field}: ${code}`, key.kid),
    );
    if (weaknesses.length > 0) return weaknesses;
    const known = await findKeyByThumbprint(store.prisma, await thumbprintOf(key));
    const code = publishedKeyFault(known, app.id, app.now);
    return code === undefined ? [] : [differs(code, 'key', KEY_TEXTS[code], key.kid)];
  };

  const replayFaults = async ({ claims: { iss, jti } }: Assertion): Promise<readonly CheckFault[]> => {
    // The provider's own name for the pair of both (RFC 7523 §3).
    const id = sha256(`${iss}${jti}`).toString('base64url');
    const used = (await findPayload(store, 'ReplayDetection', id)) !== undefined;
    return used ? [differs('jti_used', 'jti', 'an assertion with this jti was used already')] : [];
  };

  return async (appId, given) => {
    const jwt = given.trim();
    const app = await findApp(store, appId);
    const assertion = jwt.length > MAX_LENGTH ? undefined : readAssertion(jwt);
    if (app === undefined || assertion === undefined) {
      return [differs('unreadable', 'assertion', 'it is not a signed JWT in compact form')];
    }
    const { id: clientId, profile, jwksUri } = app;
    const audiences = [`${issuer}${PATHS.token}`, issuer];
    const now = Math.floor(Date.now() / 1_000);
    return [
      ...assertionFaults(assertion, { clientId, profile, jwksUri: jwksUri ?? undefined, audiences, now }),
      ...(await keyFaults(app, jwt, assertion)),
      ...(await replayFaults(assertion)),
    ];
  };
}

const KEY_TEXTS = {
  key_shared: 'another app was first to use this key',
  key_ended: 'the key was ended, or was in use for too long',
} as const;

/** A signature of one of our algorithms, by the key that it names or, if not, by which of the others. */
async function signatureFaults(
  jwt: string,
  alg: unknown,
  named: PublicKey,
  keys: readonly PublicKey[],
): Promise<readonly CheckFault[]> {
  const algorithm = CLIENT_AUTH_ALGORITHMS.find((one) => one === alg);
  if (algorithm === undefined || (await isSignedBy(jwt, algorithm, named))) return [];
  for (const key of keys) {
    if (key !== named && (await isSignedBy(jwt, algorithm, key))) {
      return [
        differs('other_key', 'kid', 'it is signed with another key than kid names', named.kid, key.kid),
      ];
    }
  }
  return [
    differs('signature', 'signature', 'the signature was not made with the key that kid names', named.kid),
  ];
}

async function isSignedBy(jwt: string, alg: string, key: PublicKey): Promise<boolean> {
  try {
    await compactVerify(jwt, await importJWK({ ...key, alg } as never, alg));
    return true;
  } catch {
    return false;
  }
}
