// private_key_jwt beyond what the provider checks: SMART client-confidential-asymmetric, "Signature Verification".
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { CLIENT_AUTH_ALGORITHMS } from './endpoints.ts';
import { keysNamed, type PublicKey } from './key-set.ts';
import { PolicyRefusal } from './refusals.ts';

const MAX_LIFETIME_S = 300;
/** Clocks differ; FAPI 2.0 Security Profile §5.3.2.1 asks for 10 seconds and refuses more than 60. */
const SKEW_S = 30;
const MAX_JTI = 255;
const TYPES: readonly unknown[] = ['JWT', 'client-authentication+jwt'];

type Members = Readonly<Record<string, unknown>>;

export interface Assertion {
  readonly header: Members;
  readonly claims: Members;
}

export interface AssertionFacts {
  readonly clientId: string;
  readonly profile: unknown;
  /** Where the client's keys are registered to be; undefined when they are registered themselves. */
  readonly jwksUri: unknown;
  readonly audiences: readonly string[];
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Why an assertion is refused whatever its key, or undefined. Pure: what it depends on is given. */
export function assertionFault({ header, claims }: Assertion, facts: AssertionFacts): string | undefined {
  const latest = facts.now + SKEW_S;
  const rules: readonly (readonly [string, boolean])[] = [
    ['alg must be one of ours', (CLIENT_AUTH_ALGORITHMS as readonly unknown[]).includes(header.alg)],
    // SMART, "Authenticating to the Token endpoint": typ is required. RFC 7519 §5.1 lets others leave it out.
    [
      'typ must be JWT',
      TYPES.includes(header.typ) || (facts.profile !== 'smart' && header.typ === undefined),
    ],
    ['kid is required', typeof header.kid === 'string' && header.kid !== ''],
    ['a key, or where to find one, may not come along', header.jwk === undefined && header.x5u === undefined],
    ['jku must be the registered JWKS URL', header.jku === undefined || header.jku === facts.jwksUri],
    ['iss must be the client_id', claims.iss === facts.clientId],
    ['sub must be the client_id', claims.sub === facts.clientId],
    // draft-ietf-oauth-security-topics-update, audience injection: one audience, and only where it was meant for.
    ['aud must be one string', typeof claims.aud === 'string' && facts.audiences.includes(claims.aud)],
    [
      'exp must be an integer in the next 5 minutes',
      Number.isInteger(claims.exp) &&
        (claims.exp as number) > facts.now &&
        (claims.exp as number) <= latest + MAX_LIFETIME_S,
    ],
    [
      'iat must not be in the future',
      claims.iat === undefined || (typeof claims.iat === 'number' && claims.iat <= latest),
    ],
    [
      'nbf must have come',
      claims.nbf === undefined || (typeof claims.nbf === 'number' && claims.nbf <= latest),
    ],
    [
      'jti must be a string of at most 255 characters',
      typeof claims.jti === 'string' && claims.jti !== '' && claims.jti.length <= MAX_JTI,
    ],
  ];
  return rules.find(([, holds]) => !holds)?.[0];
}

export function readAssertion(jwt: string): Assertion | undefined {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  } catch {
    return undefined;
  }
}

export function clientAssertion(issuer: string): Partial<Configuration> {
  return {
    enabledJWA: { clientAuthSigningAlgValues: CLIENT_AUTH_ALGORITHMS },
    assertJwtClientAuthClaimsAndHeader: async (ctx, claims, header, client) => {
      const { clientId, profile, registeredJwksUri } = client;
      const facts = { clientId, profile, jwksUri: registeredJwksUri, ...circumstances(ctx, issuer) };
      const fault = assertionFault({ header, claims }, facts);
      if (fault !== undefined) throw new PolicyRefusal('assertion_unacceptable', fault);
      if (keysNamed(keysOf(client), header).length !== 1) {
        throw new PolicyRefusal('assertion_unacceptable', 'kid must name exactly one registered key');
      }
    },
  };
}

/** SMART names the token URL as audience; elsewhere only the issuer will do (RFC 7523 §3). */
export function circumstances(ctx: KoaContextWithOIDC, issuer: string) {
  const audiences = ctx.oidc.route === 'token' ? [issuer, ctx.oidc.urlFor('token')] : [issuer];
  return { audiences, now: Math.floor(Date.now() / 1_000) };
}

const keysOf = (client: Client) => (client.jwks as { keys?: readonly PublicKey[] } | undefined)?.keys ?? [];
