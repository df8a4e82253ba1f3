import { RESOURCE_TYPES } from './resource-types.ts';

/** SMART 2.2 §capabilities; an extension is a full URI. The caller lists what is true, nothing is assumed. */
export type Capability =
  | 'launch-ehr'
  | 'launch-standalone'
  | 'authorize-post'
  | 'client-public'
  | 'client-confidential-symmetric'
  | 'client-confidential-asymmetric'
  | 'sso-openid-connect'
  | 'context-banner'
  | 'context-style'
  | 'context-ehr-patient'
  | 'context-ehr-encounter'
  | 'context-standalone-patient'
  | 'context-standalone-encounter'
  | 'permission-offline'
  | 'permission-online'
  | 'permission-patient'
  | 'permission-user'
  | 'permission-v1'
  | 'permission-v2'
  | 'smart-app-state'
  | `${string}://${string}`;

export interface SmartConfigurationFacts {
  readonly issuer: string;
  readonly capabilities: readonly Capability[];
  /** What the FHIR server offers at this base: 'rs' for one that is read only. */
  readonly interactions: 'rs' | 'cruds';
  readonly endpoints: {
    readonly authorization: string;
    readonly token: string;
    readonly jwks: string;
    readonly introspection: string;
    readonly revocation: string;
    readonly management: string;
    readonly registration?: string;
  };
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethods: readonly string[];
  readonly tokenEndpointAuthSigningAlgs: readonly string[];
  readonly userAccessBrand?: {
    readonly bundle: string;
    readonly identifier?: { readonly system?: string; readonly value: string };
  };
}

/** The document at {fhirBase}/.well-known/smart-configuration; a member that does not apply is absent, never empty. */
export function smartConfiguration(facts: SmartConfigurationFacts): Record<string, unknown> {
  const { capabilities, endpoints, userAccessBrand: brand } = facts;
  const has = (...wanted: Capability[]) => wanted.some((capability) => capabilities.includes(capability));
  const interactive = has('launch-ehr', 'launch-standalone');
  return {
    ...(has('sso-openid-connect') ? { issuer: facts.issuer, jwks_uri: endpoints.jwks } : {}),
    ...(interactive ? { authorization_endpoint: endpoints.authorization } : {}),
    token_endpoint: endpoints.token,
    grant_types_supported: facts.grantTypes,
    token_endpoint_auth_methods_supported: facts.tokenEndpointAuthMethods,
    ...(has('client-confidential-asymmetric')
      ? { token_endpoint_auth_signing_alg_values_supported: facts.tokenEndpointAuthSigningAlgs }
      : {}),
    ...(endpoints.registration === undefined ? {} : { registration_endpoint: endpoints.registration }),
    scopes_supported: scopesSupported(facts),
    ...(interactive ? { response_types_supported: ['code'] } : {}),
    management_endpoint: endpoints.management,
    introspection_endpoint: endpoints.introspection,
    revocation_endpoint: endpoints.revocation,
    ...(brand === undefined ? {} : { user_access_brand_bundle: brand.bundle }),
    ...(brand?.identifier === undefined ? {} : { user_access_brand_identifier: brand.identifier }),
    code_challenge_methods_supported: ['S256'],
    capabilities,
  };
}

/** Not exhaustive (narrower letters and constraints work too), but everything listed is supported (SHALL). */
function scopesSupported(facts: SmartConfigurationFacts): string[] {
  const has = (...wanted: Capability[]) => wanted.some((one) => facts.capabilities.includes(one));
  const when = (condition: boolean, ...scopes: string[]) => (condition ? scopes : []);
  const resources = (level: string) => [
    ...['*', ...RESOURCE_TYPES].map((type) => `${level}/${type}.${facts.interactions}`),
    ...when(has('permission-v1'), `${level}/*.read`),
    ...when(has('permission-v1') && facts.interactions === 'cruds', `${level}/*.write`),
  ];
  return [
    ...when(has('sso-openid-connect'), 'openid', 'fhirUser', 'profile'),
    ...when(has('launch-ehr'), 'launch'),
    ...when(has('context-standalone-patient', 'context-ehr-patient'), 'launch/patient'),
    ...when(has('context-standalone-encounter', 'context-ehr-encounter'), 'launch/encounter'),
    ...when(has('permission-offline'), 'offline_access'),
    ...when(has('permission-online'), 'online_access'),
    ...when(has('permission-patient'), ...resources('patient')),
    ...when(has('permission-user'), ...resources('user')),
    ...when(facts.grantTypes.includes('client_credentials'), ...resources('system')),
  ];
}
