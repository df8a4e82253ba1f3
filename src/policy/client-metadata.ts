import { type AddressPlace, type AddressUse, addressFault } from './addresses.ts';
import type { Fault } from './faults.ts';
import { isEmergency, isPurpose } from './purpose-of-use.ts';

export const PROFILES = ['smart', 'oidc'] as const;
export const APPLICATION_TYPES = ['web', 'native'] as const;
export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
export const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
export const CONSENT_DAYS_MAX = 365;

/** As much of an address as a fault repeats. */
const SHOWN = 200;

/** What an app is as an OAuth client (RFC 7591 §2, SMART App Launch 2.2 "Registration"). */
export interface ClientMetadata {
  readonly name: string;
  /** `oidc`: it only signs people in. */
  readonly profile: (typeof PROFILES)[number];
  readonly applicationType: (typeof APPLICATION_TYPES)[number];
  /** Why, in one sentence for the patient: the "why" of the use case too. */
  readonly purposeStatement: string;
  readonly websiteUrl: string;
  readonly policyUrl: string | null;
  readonly tosUrl: string | null;
  readonly redirectUris: readonly string[];
  readonly launchUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly backchannelLogoutUri: string | null;
  readonly origins: readonly string[];
  readonly grantTypes: readonly (typeof GRANT_TYPES)[number][];
  readonly authMethod: (typeof AUTH_METHODS)[number];
  readonly jwksUri: string | null;
  readonly audiences: readonly string[];
  /** SMART scopes, separated by spaces. */
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  /** The longest consent that it may ask for; 0: one time only. */
  readonly maxConsentDays: number;
}

const USES = {
  websiteUrl: 'page',
  policyUrl: 'page',
  tosUrl: 'page',
  redirectUris: 'redirect',
  postLogoutRedirectUris: 'redirect',
  launchUris: 'launch',
  origins: 'origin',
  jwksUri: 'fetched',
  backchannelLogoutUri: 'fetched',
} as const satisfies Partial<Record<keyof ClientMetadata, AddressUse>>;

export type AddressField = keyof typeof USES;

export const ADDRESS_FIELDS = Object.keys(USES) as readonly AddressField[];

/** Each address by itself. */
export function addressFaults(
  field: AddressField,
  given: string | null | readonly string[],
  place: AddressPlace,
): Fault[] {
  const check = (at: string, value: string): Fault[] => {
    const code = addressFault(value, USES[field], place);
    return code === undefined ? [] : [{ field: at, code, value: value.slice(0, SHOWN) }];
  };
  if (given === null) return [];
  if (typeof given === 'string') return check(field, given);
  return given.flatMap((value, index) => check(`${field}.${index}`, value));
}

/** Purposes that may be registered; for an emergency there is break-glass. */
export function purposeFaults(purposes: readonly string[]): Fault[] {
  return purposes.flatMap((value, index): Fault[] => {
    const field = `purposes.${index}`;
    if (!isPurpose(value)) return [{ field, code: 'purpose_unknown', value }];
    return isEmergency(value) ? [{ field, code: 'purpose_emergency', value }] : [];
  });
}

/** Only FHIR servers that are registered here, and of the environment of the app. */
export function audienceFaults(audiences: readonly string[], registered: readonly string[]): Fault[] {
  return audiences.flatMap((value, index): Fault[] =>
    registered.includes(value) ? [] : [{ field: `audiences.${index}`, code: 'audience_unregistered', value }],
  );
}
