// private_key_jwt beyond what the provider checks: SMART client-confidential-asymmetric, "Signature Verification".
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { PolicyRefusal } from './refusals.ts';

const MAX_LIFETIME_S = 300;
const SKEW_S = 60;
const MAX_JTI = 255;

type Claims = Readonly<Record<string, unknown>>;

/** Why an assertion is refused, or undefined. Pure: what it depends on is given. */
export function assertionFault(claims: Claims, header: Claims, facts: AssertionFacts): string | undefined {
  const rules: readonly (readonly [string, boolean])[] = [
    // RFC 7519 §5.1: typ may be left out, as widely used clients do.
    ['typ must be JWT', [undefined, 'JWT', 'client-authentication+jwt'].includes(header.typ as string)],
    [
      'kid must name exactly one registered key',
      typeof header.kid === 'string' && facts.keysNamed(header.kid) === 1,
    ],
    ['a key, or where to find one, may not come along', header.jwk === undefined && header.x5u === undefined],
    ['jku must be the registered JWKS URL', header.jku === undefined || header.jku === facts.jwksUri],
    ['sub must be the client_id', claims.sub === facts.clientId],
    // draft-ietf-oauth-security-topics-update, audience injection: one audience, and only where it was meant for.
    ['aud must be one string', typeof claims.aud === 'string' && facts.audiences.includes(claims.aud)],
    [
      'exp must be an integer, at most 5 minutes ahead',
      Number.isInteger(claims.exp) && (claims.exp as number) <= facts.now + MAX_LIFETIME_S + SKEW_S,
    ],
    [
      'iat must not be in the future',
      claims.iat === undefined || (typeof claims.iat === 'number' && claims.iat <= facts.now + SKEW_S),
    ],
    [
      'jti must be a string of at most 255 characters',
      typeof claims.jti === 'string' && claims.jti.length <= MAX_JTI,
    ],
  ];
  return rules.find(([, holds]) => !holds)?.[0];
}

export interface AssertionFacts {
  readonly clientId: string;
  readonly jwksUri: string | undefined;
  readonly audiences: readonly string[];
  readonly keysNamed: (kid: string) => number;
  /** Seconds since the epoch. */
  readonly now: number;
}

export function clientAssertion(issuer: string): Partial<Configuration> {
  return {
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    assertJwtClientAuthClaimsAndHeader: async (ctx, claims, header, client) => {
      const fault = assertionFault(claims, header, {
        clientId: client.clientId,
        jwksUri: client.jwksUri,
        audiences: audiencesAt(ctx, issuer),
        keysNamed: (kid) => keysOf(client).filter((key) => key.kid === kid).length,
        now: Math.floor(Date.now() / 1_000),
      });
      if (fault !== undefined) throw new PolicyRefusal('assertion_unacceptable', fault);
    },
  };
}

// SMART names the token URL as audience; elsewhere only the issuer will do (RFC 7523 §3).
function audiencesAt(ctx: KoaContextWithOIDC, issuer: string): string[] {
  return ctx.oidc.route === 'token' ? [issuer, ctx.oidc.urlFor('token')] : [issuer];
}

function keysOf(client: Client): readonly { kid?: string | undefined }[] {
  return (client.jwks as { keys?: { kid?: string }[] } | undefined)?.keys ?? [];
}
