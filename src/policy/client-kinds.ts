import { isResourceType } from '../smart/resource-types.ts';
import { formatScope, parseScopes, type Scope } from '../smart/scope.ts';
import { INTROSPECTION_SCOPE } from './authorization.ts';
import type { ClientMetadata } from './client-metadata.ts';
import type { Fault, FaultCode } from './faults.ts';

/** An app without people (SMART backend-services), one that only signs people in, or one that people open. */
export type ClientKind = 'backend' | 'login' | 'interactive';

type Kind = Pick<ClientMetadata, 'profile' | 'grantTypes'>;

export function kindOf({ profile, grantTypes }: Kind): ClientKind {
  if (profile === 'oidc') return 'login';
  return grantTypes.includes('client_credentials') ? 'backend' : 'interactive';
}

interface KindRules {
  readonly grantTypes: (given: ReadonlySet<string>) => boolean;
  readonly authMethods: readonly ClientMetadata['authMethod'][];
  /** What such a client has none of. */
  readonly without: readonly (keyof ClientMetadata)[];
  readonly withoutCode: FaultCode;
  readonly mayHold: (scope: Scope) => boolean;
}

const CONFIDENTIAL = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;

const RULES: Readonly<Record<ClientKind, KindRules>> = {
  // SMART backend-services: a key and system scopes, and no person who could be sent anywhere.
  backend: {
    grantTypes: (given) => given.size === 1,
    authMethods: ['private_key_jwt'],
    without: [
      ...(['redirectUris', 'postLogoutRedirectUris', 'launchUris', 'origins'] as const),
      ...(['backchannelLogoutUri', 'maxConsentDays'] as const),
    ],
    withoutCode: 'not_for_backend',
    mayHold: (scope) => scope.kind === 'resource' && scope.level === 'system',
  },
  // OpenID Connect Core §3.1: who signed in, and nothing of a record.
  login: {
    grantTypes: (given) => given.size === 1 && given.has('authorization_code'),
    authMethods: CONFIDENTIAL,
    without: ['launchUris', 'audiences', 'maxConsentDays'],
    withoutCode: 'not_for_login_only',
    mayHold: (scope) => scope.kind === 'identity' && scope.name !== 'fhirUser' && scope.prefix === undefined,
  },
  // RFC 6749 §1.5: a refresh token comes with an authorization code.
  interactive: {
    grantTypes: (given) => given.has('authorization_code'),
    authMethods: ['none', ...CONFIDENTIAL],
    without: [],
    withoutCode: 'unknown_field',
    mayHold: (scope) => scope.kind !== 'resource' || scope.level !== 'system',
  },
};

/** What does not go together in one client; `hasKeys`: some of its keys are registered here. */
export function combinationFaults(client: ClientMetadata, hasKeys: boolean): Fault[] {
  const { grantTypes, authMethod, jwksUri, redirectUris, audiences } = client;
  const kind = kindOf(client);
  const rules = RULES[kind];
  const isWrong = grantTypes.length > 0 && !rules.grantTypes(new Set(grantTypes));
  const findings: readonly (Fault | false)[] = [
    isWrong && { field: 'grantTypes', code: 'grant_type_combination', value: grantTypes.join(' ') },
    !rules.authMethods.includes(authMethod) && {
      field: 'authMethod',
      code: 'auth_method_combination',
      value: authMethod,
    },
    jwksUri !== null &&
      authMethod !== 'private_key_jwt' && { field: 'jwksUri', code: 'auth_method_combination' },
    // RFC 7591 §2: jwks and jwks_uri are never both there.
    jwksUri !== null && hasKeys && { field: 'jwksUri', code: 'keys_in_two_places' },
    kind !== 'backend' &&
      redirectUris.length === 0 && { field: 'redirectUris', code: 'redirect_uri_missing' },
    kind !== 'login' && audiences.length === 0 && { field: 'audiences', code: 'required' },
    ...rules.without.map((field) => !isEmpty(client[field]) && { field, code: rules.withoutCode }),
  ];
  return findings.filter((finding) => finding !== false);
}

const isEmpty = (value: ClientMetadata[keyof ClientMetadata]) =>
  Array.isArray(value) ? value.length === 0 : value === null || value === 0;

/** A ceiling that can be read, of scopes that such a client may hold and that patients can be asked for. */
export function scopeFaults(client: Kind & Pick<ClientMetadata, 'scopeCeiling'>): Fault[] {
  const kind = kindOf(client);
  const field = 'scopeCeiling';
  const { scopes, refused, tooLarge } = parseScopes(client.scopeCeiling);
  if (tooLarge) return [{ field, code: 'scope_unreadable' }];
  const isKnown = (scope: Scope) =>
    scope.kind !== 'resource' || scope.resourceType === '*' || isResourceType(scope.resourceType);
  const named = client.scopeCeiling.split(' ').filter((text) => text !== '');
  const identity = scopes.some((scope) => scope.kind === 'identity');
  const openid = scopes.some((scope) => scope.kind === 'identity' && scope.name === 'openid');
  const findings: readonly (Fault | false)[] = [
    named.length === 0 && { field, code: 'required' },
    ...refused.map(
      (value) =>
        !(kind === 'backend' && value === INTROSPECTION_SCOPE) &&
        ({ field, code: 'scope_unknown', value } as const),
    ),
    ...scopes.flatMap((scope): (Fault | false)[] => {
      const value = formatScope(scope);
      return [
        !isKnown(scope) && { field, code: 'scope_unknown', value },
        !RULES[kind].mayHold(scope) && { field, code: 'scope_level', value },
      ];
    }),
    (identity || kind === 'login') && !openid && { field, code: 'openid_missing' },
  ];
  return findings.filter((finding) => finding !== false);
}
