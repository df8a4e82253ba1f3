// private_key_jwt beyond what the provider checks: SMART client-confidential-asymmetric, "Signature Verification".
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { CLIENT_AUTH_ALGORITHMS, PATHS } from './endpoints.ts';

const MAX_LIFETIME_S = 300;
/** Clocks differ; FAPI 2.0 Security Profile §5.3.2.1 asks for 10 seconds and refuses more than 60. */
const SKEW_S = 30;
const MAX_JTI = 255;
const MAX_SHOWN = 200;
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

/** What can be wrong with an assertion whatever its key. */
export type AssertionFaultCode =
  | 'algorithm'
  | 'type'
  | 'kid_missing'
  | 'key_along'
  | 'jku'
  | 'issuer'
  | 'subject'
  | 'audience'
  | 'expiry_missing'
  | 'expired'
  | 'expiry_far'
  | 'issued_later'
  | 'not_yet'
  | 'time_unreadable'
  | 'jti';

/** One thing that is wrong with an assertion: what its developer needs to know, and nothing that is secret. */
export interface AssertionFault<Code extends string = AssertionFaultCode> {
  readonly code: Code;
  /** The member of the header or of the claims. */
  readonly claim: string;
  /** The rule. */
  readonly text: string;
  readonly expected?: string;
  readonly got?: string;
  /** By how many seconds a time is out: what the clocks differ by, if that is the reason. */
  readonly seconds?: number;
}

/** All that is wrong with an assertion whatever its key. Pure: what it depends on is given. */
export function assertionFaults({ header, claims }: Assertion, facts: AssertionFacts): AssertionFault[] {
  const { clientId, jwksUri, audiences, now } = facts;
  const { alg, typ, kid, jku } = header;
  const { iss, sub, aud, jti } = claims;
  const latest = now + SKEW_S;
  const algorithms: readonly unknown[] = CLIENT_AUTH_ALGORITHMS;
  // SMART, "Authenticating to the Token endpoint": typ is required. RFC 7519 §5.1 lets others leave it out.
  const isTyped = TYPES.includes(typ) || (facts.profile !== 'smart' && typ === undefined);
  const found: readonly (AssertionFault | false)[] = [
    !algorithms.includes(alg) &&
      differs('algorithm', 'alg', 'alg must be one of ours', alg, algorithms.join(' ')),
    !isTyped && differs('type', 'typ', 'typ must be JWT', typ, 'JWT'),
    !isText(kid) && differs('kid_missing', 'kid', 'kid is required', kid),
    ...['jwk', 'x5u'].map(
      (member) =>
        header[member] !== undefined && differs('key_along', member, `${member} may not come along`),
    ),
    jku !== undefined &&
      jku !== jwksUri &&
      differs('jku', 'jku', 'jku must be the registered JWKS URL', jku, jwksUri),
    iss !== clientId && differs('issuer', 'iss', 'iss must be the client_id', iss, clientId),
    sub !== clientId && differs('subject', 'sub', 'sub must be the client_id', sub, clientId),
    // draft-ietf-oauth-security-topics-update, audience injection: one audience, and only where it was meant for.
    !(typeof aud === 'string' && audiences.includes(aud)) &&
      differs('audience', 'aud', 'aud must be one string', aud, audiences.join(' ')),
    expiryFault(claims.exp, now),
    lateFault('issued_later', 'iat', 'iat must not be in the future', claims.iat, { now, latest }),
    lateFault('not_yet', 'nbf', 'nbf must have come', claims.nbf, { now, latest }),
    !(isText(jti) && jti.length <= MAX_JTI) &&
      differs('jti', 'jti', `jti must be a string of at most ${MAX_JTI} characters`),
  ];
  return found.filter((fault) => fault !== false);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function expiryFault(exp: unknown, now: number): AssertionFault | false {
  const text = 'exp must be an integer in the next 5 minutes';
  if (typeof exp !== 'number' || !Number.isInteger(exp)) return differs('expiry_missing', 'exp', text, exp);
  const last = now + MAX_LIFETIME_S;
  if (exp <= now) return { ...differs('expired', 'exp', text, exp, `after ${now}`), seconds: now - exp };
  if (exp <= last + SKEW_S) return false;
  return { ...differs('expiry_far', 'exp', text, exp, `until ${last}`), seconds: exp - last };
}

function lateFault(
  code: AssertionFaultCode,
  claim: string,
  text: string,
  time: unknown,
  { now, latest }: { readonly now: number; readonly latest: number },
): AssertionFault | false {
  if (time === undefined) return false;
  if (typeof time !== 'number') return differs('time_unreadable', claim, text, time);
  if (time <= latest) return false;
  return { ...differs(code, claim, text, time, `until ${now}`), seconds: time - now };
}

/** A fault with what was given and what was wanted, as far as they are there. */
export function differs<Code extends string>(
  code: Code,
  claim: string,
  text: string,
  got?: unknown,
  expected?: unknown,
): AssertionFault<Code> {
  const both = { expected: shown(expected), got: shown(got) };
  const told = Object.fromEntries(Object.entries(both).filter(([, value]) => value !== undefined));
  return { code, claim, text, ...told };
}

const shown = (value: unknown): string | undefined =>
  value === undefined
    ? undefined
    : (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_SHOWN);

export function readAssertion(jwt: string): Assertion | undefined {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  } catch {
    return undefined;
  }
}

/** SMART names the token URL as audience; elsewhere only the issuer will do (RFC 7523 §3). */
export function circumstances(ctx: KoaContextWithOIDC, issuer: string) {
  const audiences = ctx.oidc.route === 'token' ? [issuer, `${issuer}${PATHS.token}`] : [issuer];
  return { audiences, now: Math.floor(Date.now() / 1_000) };
}
