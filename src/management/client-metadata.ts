// RFC 7591 client metadata and the revision that they stand for: names in, names out.
import type { Revision } from '../policy/revision.ts';
import type { Fault } from '../registry/refusal.ts';

type Described = Exclude<keyof Revision, 'logoId'>;

/** RFC 7591 §2, OpenID Connect Registration §2, RP-Initiated Logout §3.1, and extensions of ours. */
const MEMBERS: Readonly<Record<Described, string>> = {
  name: 'client_name',
  profile: 'profile',
  applicationType: 'application_type',
  purposeStatement: 'purpose_statement',
  websiteUrl: 'client_uri',
  policyUrl: 'policy_uri',
  tosUrl: 'tos_uri',
  redirectUris: 'redirect_uris',
  launchUris: 'launch_uris',
  postLogoutRedirectUris: 'post_logout_redirect_uris',
  backchannelLogoutUri: 'backchannel_logout_uri',
  origins: 'origins',
  grantTypes: 'grant_types',
  authMethod: 'token_endpoint_auth_method',
  jwksUri: 'jwks_uri',
  audiences: 'audiences',
  scopeCeiling: 'scope',
  purposes: 'purposes_of_use',
  maxConsentDays: 'max_consent_days',
  softwareId: 'software_id',
  softwareVersion: 'software_version',
  subprocessors: 'subprocessors',
  useCase: 'use_case',
  dataUse: 'data_use',
};

/** Read by themselves: keys and pictures are records of their own, contacts are people. */
const BESIDE = ['response_types', 'jwks', 'logo_uri', 'contacts'];

/** Only when the app is new: what it is bound to, beside the initial access token. */
const BINDING = ['backup_owner_id', 'contract_id'];

export interface ClientMetadata {
  /** Of the revision, as it was sent; the picture is not in it yet. */
  readonly revision: Readonly<Record<string, unknown>>;
  /** null: no registered keys. */
  readonly jwks: readonly unknown[] | null;
  readonly logoUri: string | null;
  readonly binding: { readonly backupOwnerId?: unknown; readonly contractId?: unknown };
  /** What is wrong, in the names of the members. */
  readonly faults: readonly Fault[];
}

type Members = Readonly<Record<string, unknown>>;

/** `more`: members that this request may have. RFC 7592 §2.2: null is as good as absent. */
export function readClientMetadata(
  body: Members,
  { isNew, more = [] }: { readonly isNew: boolean; readonly more?: readonly string[] },
): ClientMetadata {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const known = [...Object.values(MEMBERS), ...BESIDE, ...(isNew ? BINDING : []), ...more];
  const faults: Fault[] = Object.keys(body)
    .filter((member) => !known.includes(member))
    .map((member) => ({ field: member.slice(0, 200), code: 'unknown_field' }));
  // RFC 7591 §2: what is meant when nothing is said.
  const defaults: Members = {
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
  };
  const spoken: Members = { ...defaults, ...given };
  const revision = Object.entries(MEMBERS).flatMap(([field, member]) =>
    Object.hasOwn(spoken, member) ? [[field, spoken[member]] as const] : [],
  );
  const { logo_uri: logoUri, backup_owner_id: backupOwnerId, contract_id: contractId } = given;
  if (logoUri !== undefined && typeof logoUri !== 'string')
    faults.push({ field: 'logo_uri', code: 'not_text' });
  return {
    revision: Object.fromEntries(revision),
    jwks: readKeys(spoken, faults),
    logoUri: typeof logoUri === 'string' ? logoUri : null,
    binding: {
      ...(backupOwnerId === undefined ? {} : { backupOwnerId }),
      ...(contractId === undefined ? {} : { contractId }),
    },
    faults: [...faults, ...responseTypeFaults(spoken), ...contactFaults(given.contacts)],
  };
}

/** RFC 7591 §2: one of `jwks` and `jwks_uri`, and never both. */
function readKeys({ jwks, jwks_uri: jwksUri, ...given }: Members, faults: Fault[]): unknown[] | null {
  const field = 'jwks';
  if (jwks === undefined) {
    if (given.token_endpoint_auth_method === 'private_key_jwt' && jwksUri === undefined)
      faults.push({ field, code: 'required' });
    return null;
  }
  const isSet = typeof jwks === 'object' && !Array.isArray(jwks);
  const { keys, ...others } = (isSet ? jwks : {}) as { keys?: unknown };
  if (!Array.isArray(keys)) faults.push({ field: `${field}.keys`, code: 'not_a_list' });
  else if (keys.length === 0) faults.push({ field: `${field}.keys`, code: 'required' });
  for (const member of Object.keys(others))
    faults.push({ field: `${field}.${member}`.slice(0, 200), code: 'unknown_field' });
  if (jwksUri !== undefined) faults.push({ field, code: 'keys_in_two_places' });
  return Array.isArray(keys) ? keys : null;
}

/** RFC 7591 §2.1: `code` goes with the authorization code grant, and there is no other. */
function responseTypeFaults({ response_types: given, grant_types: grants }: Members): Fault[] {
  if (given === undefined) return [];
  const field = 'response_types';
  if (!Array.isArray(given)) return [{ field, code: 'not_a_list' }];
  const right = Array.isArray(grants) && grants.includes('authorization_code') ? ['code'] : [];
  return JSON.stringify(given) === JSON.stringify(right)
    ? []
    : [{ field, code: 'not_one_of', value: JSON.stringify(given).slice(0, 200) }];
}

/** They are replaced by the people who answer for the app (RFC 7591 §2), and still have to be addresses. */
function contactFaults(given: unknown): Fault[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) return [{ field: 'contacts', code: 'not_a_list' }];
  if (given.length > 20) return [{ field: 'contacts', code: 'too_many' }];
  return given.flatMap((one, index): Fault[] =>
    typeof one === 'string' && /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(one)
      ? []
      : [{ field: `contacts.${index}`, code: 'email_unreadable' }],
  );
}

const FIELDS: Readonly<Record<string, string>> = {
  ...MEMBERS,
  logoId: 'logo_uri',
  jwks: 'jwks.keys',
  backupOwnerId: 'backup_owner_id',
  contractId: 'contract_id',
};

/** A fault of a command, told where the client wrote it. */
export function inMembers(fault: Fault): Fault {
  const [first = '', ...rest] = fault.field.replace(/^revision\./, '').split('.');
  return { ...fault, field: [FIELDS[first] ?? first, ...rest].join('.') };
}

/** What is registered, in the names of the members; what is silent is left out. */
export function writtenMetadata(revision: Revision): Members {
  const written = Object.entries(MEMBERS).flatMap(([field, member]) => {
    const value = revision[field as Described];
    const silent = value === null || (Array.isArray(value) && value.length === 0);
    return silent ? [] : [[member, value] as const];
  });
  const responds = revision.grantTypes.includes('authorization_code');
  return { ...Object.fromEntries(written), response_types: responds ? ['code'] : [] };
}
