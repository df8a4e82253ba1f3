// How surely and how recently the person behind a token was identified, and what she would have to do (RFC 9470).
import { type IdentityLevel, isIdentityLevel, meets } from './identity-assurance.ts';

export interface SignIn {
  /** null: nobody signed in; the token is a backend service's. */
  readonly grantId: string | null;
  /** OpenID Connect Core §2: `acr` and `auth_time` of the sign-in; undefined: not known. */
  readonly acr: string | undefined;
  readonly authTime: Date | undefined;
  /** How surely she had proved who she is (policy/identity-assurance). */
  readonly level: IdentityLevel | undefined;
}

/** RFC 9470 §3: what the person would have to do for this request. */
export interface StepUp {
  readonly acrValues?: readonly string[];
  /** Seconds since the sign-in, at most. */
  readonly maxAge?: number;
}

export const isStrongEnough = (signIn: SignIn, wanted: readonly string[] | undefined): boolean =>
  wanted === undefined || wanted.some((value) => meets(value, signIn));

/** Of a backend service nobody could sign in again: only a resource server that asks for a person refuses it. */
export const isRecent = ({ authTime }: SignIn, maxAge: number | undefined, now: Date): boolean =>
  maxAge === undefined || (authTime !== undefined && now.getTime() - authTime.getTime() <= maxAge * 1_000);

/** The claims of an access token, as far as they can be read. */
export function signInOf(token: {
  readonly grantId: string | null;
  readonly extra: Readonly<Record<string, unknown>>;
}): SignIn {
  const { acr, auth_time: time, ial } = token.extra;
  return {
    grantId: token.grantId,
    acr: typeof acr === 'string' ? acr : undefined,
    authTime: typeof time === 'number' ? new Date(time * 1_000) : undefined,
    level: isIdentityLevel(ial) ? ial : undefined,
  };
}
