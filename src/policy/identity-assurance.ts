// How surely somebody proved who she is (NIST SP 800-63A-4), and which level is asked for. `acr` says how she signed in,
// which proves no more than that it is the same person: the two are told apart (NIST SP 800-63-4 §3).
import { coversPurpose } from './purpose-of-use.ts';

export const identityLevels = ['IAL1', 'IAL2'] as const;
export type IdentityLevel = (typeof identityLevels)[number];

/** As Login.gov and others name the levels in `acr_values`: where a client or resource server asks for one. */
const ASSURANCE = 'http://idmanagement.gov/ns/assurance/ial/';

export const levelAcrValues: readonly string[] = [`${ASSURANCE}1`, `${ASSURANCE}2`];

export const isIdentityLevel = (value: unknown): value is IdentityLevel =>
  identityLevels.includes(value as IdentityLevel);

export const levelOfAcr = (value: string): IdentityLevel | undefined =>
  identityLevels[levelAcrValues.indexOf(value)];

export const reaches = (level: IdentityLevel | undefined, wanted: IdentityLevel): boolean =>
  level !== undefined && identityLevels.indexOf(level) >= identityLevels.indexOf(wanted);

/** What the operator asks for. */
export interface RequiredLevels {
  /** By PurposeOfUse. */
  readonly purposes: Readonly<Record<string, IdentityLevel>>;
  /** By client id. */
  readonly apps: Readonly<Record<string, IdentityLevel>>;
}

export interface LevelAsked {
  readonly appId: string;
  readonly purpose: string;
}

/** What must be reached for a purpose and an app; undefined: nothing. */
export function requiredLevel(
  { purposes, apps }: RequiredLevels,
  { appId, purpose }: LevelAsked,
): IdentityLevel | undefined {
  // A narrower purpose is one of those that the setting names.
  const levels = Object.entries(purposes).flatMap(([code, level]) =>
    coversPurpose(code, purpose) ? level : [],
  );
  return levels.reduce<IdentityLevel | undefined>(
    higher,
    Object.hasOwn(apps, appId) ? apps[appId] : undefined,
  );
}

export function higher(
  one: IdentityLevel | undefined,
  other: IdentityLevel | undefined,
): IdentityLevel | undefined {
  return other === undefined || reaches(one, other) ? one : other;
}

/** RFC 9470 §4: what `acr_values` asks for beyond the sign-in as it is; undefined: nothing, or nothing that is known here. */
export function levelWanted(
  acrValues: readonly string[],
  signIn: { readonly acr: string | undefined; readonly level: IdentityLevel | undefined },
): IdentityLevel | undefined {
  if (acrValues.some((value) => meets(value, signIn))) return undefined;
  return acrValues.map(levelOfAcr).find((level) => level !== undefined);
}

/** Whether a sign-in is of one of the classes that are asked for. */
export function meets(
  acrValue: string,
  { acr, level }: { readonly acr: string | undefined; readonly level: IdentityLevel | undefined },
): boolean {
  const wanted = levelOfAcr(acrValue);
  return wanted === undefined ? acrValue === acr : reaches(level, wanted);
}

/** No access token lives longer: one that carries a level never outlives the proofing that the level rests on. */
const LONGEST_TOKEN_MS = 3_600_000;

/** The level that a proofing still stands for. */
export function levelOf(
  proofing: { readonly level: string; readonly expiresAt: Date } | undefined,
  now: Date,
): IdentityLevel | undefined {
  if (proofing === undefined || !isIdentityLevel(proofing.level)) return undefined;
  return now.getTime() + LONGEST_TOKEN_MS <= proofing.expiresAt.getTime() ? proofing.level : undefined;
}
