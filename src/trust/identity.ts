// From the claims of an identity provider to who she is, and how surely.
import type { PersonDetails } from '../policy/demographics.ts';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import type { ProviderSettings } from './provider-settings.ts';

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** undefined: the provider asserts none that is known here. */
  readonly level: IdentityLevel | undefined;
  readonly acr: string | undefined;
  /** RFC 8176. */
  readonly amr: readonly string[];
  readonly authenticatedAt: Date | undefined;
  readonly person: PersonDetails;
}

type Claims = Readonly<Record<string, unknown>>;
type ClaimPath = ProviderSettings['level']['claim'];

function valueAt(claims: Claims, path: ClaimPath): unknown {
  return [path].flat().reduce<unknown>((value, name) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return inside ? (value as Claims)[name] : undefined;
  }, claims);
}

const textAt = (claims: Claims, path: ClaimPath): string | undefined => {
  const value = valueAt(claims, path);
  return typeof value === 'string' ? value : undefined;
};

/**
 * OpenID Connect Core §5.1, `email_verified`: what nobody says was verified counts for nothing; the provider says so beside
 * the claim, or the operator once and for all (`always`), and the provider can still take that back.
 */
function verifiedAt(claims: Claims, path: ClaimPath, always: boolean): string | undefined {
  const names = [path].flat();
  const said = valueAt(claims, [...names.slice(0, -1), `${names.at(-1)}_verified`]);
  return said === true || (always && said === undefined) ? textAt(claims, path) : undefined;
}

/** The id_token tells who signed in and how surely; userinfo may tell more of her. */
export function identityOf(
  { claims: names, level, verifies }: ProviderSettings,
  idToken: Claims & { readonly iss: string; readonly sub: string },
  userinfo: Claims,
): Identity {
  const claims = { ...userinfo, ...idToken };
  const asserted = textAt(claims, level.claim);
  const is = (known: readonly string[]) => asserted !== undefined && known.includes(asserted);
  const { auth_time: time } = idToken;
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    level: is(level.IAL2) ? 'IAL2' : is(level.IAL1) ? 'IAL1' : undefined,
    acr: textAt(idToken, 'acr'),
    amr: Array.isArray(idToken.amr) ? idToken.amr.filter((one) => typeof one === 'string') : [],
    authenticatedAt: typeof time === 'number' ? new Date(time * 1_000) : undefined,
    person: {
      givenName: textAt(claims, names.givenName) ?? '',
      familyName: textAt(claims, names.familyName) ?? '',
      birthDate: textAt(claims, names.birthDate) ?? '',
      postalCode: textAt(claims, names.postalCode),
      phone: verifiedAt(claims, names.phone, verifies.includes('phone')),
      email: verifiedAt(claims, names.email, verifies.includes('email')),
    },
  };
}
