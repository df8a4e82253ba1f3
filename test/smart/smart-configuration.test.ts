import { describe, expect, test } from '@jest/globals';
import { RESOURCE_TYPES } from '../../src/smart/resource-types.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { negotiate } from '../../src/smart/scope-negotiation.ts';
import {
  type Capability,
  type SmartConfigurationFacts,
  smartConfiguration,
} from '../../src/smart/smart-configuration.ts';

const standalone: Capability[] = [
  'launch-standalone',
  'client-public',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-standalone-patient',
  'permission-offline',
  'permission-patient',
  'permission-v2',
];

const facts: SmartConfigurationFacts = {
  issuer: 'https://as.example',
  capabilities: standalone,
  interactions: 'rs',
  endpoints: {
    authorization: 'https://as.example/authorize',
    token: 'https://as.example/token',
    jwks: 'https://as.example/jwks',
    introspection: 'https://as.example/introspect',
    revocation: 'https://as.example/revoke',
    management: 'https://as.example/my/apps',
  },
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethods: ['private_key_jwt', 'none'],
  tokenEndpointAuthSigningAlgs: ['RS384', 'ES384'],
};
const supported = (changed: Partial<SmartConfigurationFacts>) =>
  smartConfiguration({ ...facts, ...changed }).scopes_supported as string[];

describe('the SMART configuration document', () => {
  test('tells what is there, in the members of §metadata', () => {
    expect(smartConfiguration(facts)).toEqual({
      issuer: 'https://as.example',
      jwks_uri: 'https://as.example/jwks',
      authorization_endpoint: 'https://as.example/authorize',
      token_endpoint: 'https://as.example/token',
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      scopes_supported: [
        'openid',
        'fhirUser',
        'profile',
        'launch/patient',
        'offline_access',
        'patient/*.rs',
        ...RESOURCE_TYPES.map((type) => `patient/${type}.rs`),
      ],
      response_types_supported: ['code'],
      management_endpoint: 'https://as.example/my/apps',
      introspection_endpoint: 'https://as.example/introspect',
      revocation_endpoint: 'https://as.example/revoke',
      code_challenge_methods_supported: ['S256'],
      capabilities: standalone,
    });
  });

  test('has neither issuer nor keys without sso-openid-connect (SHALL be omitted)', () => {
    const document = smartConfiguration({ ...facts, capabilities: ['launch-ehr', 'permission-user'] });
    expect(document).not.toHaveProperty('issuer');
    expect(document).not.toHaveProperty('jwks_uri');
    expect(document).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported');
    expect(document).toHaveProperty('authorization_endpoint');
  });

  test('has no authorization endpoint where no app is launched', () => {
    const document = smartConfiguration({
      ...facts,
      capabilities: ['client-confidential-asymmetric'],
      grantTypes: ['client_credentials'],
    });
    expect(document).not.toHaveProperty('authorization_endpoint');
    expect(document).not.toHaveProperty('response_types_supported');
    expect(document.scopes_supported).toContain('system/*.rs');
  });

  test('has registration and brands only where they are', () => {
    expect(smartConfiguration(facts)).not.toHaveProperty('registration_endpoint');
    expect(smartConfiguration(facts)).not.toHaveProperty('user_access_brand_bundle');
    const document = smartConfiguration({
      ...facts,
      endpoints: { ...facts.endpoints, registration: 'https://as.example/register' },
      userAccessBrand: { bundle: 'https://as.example/brands.json', identifier: { value: 'a' } },
    });
    expect(document).toMatchObject({
      registration_endpoint: 'https://as.example/register',
      user_access_brand_bundle: 'https://as.example/brands.json',
      user_access_brand_identifier: { value: 'a' },
    });
  });
});

describe('scopes_supported', () => {
  test('follows the capabilities', () => {
    expect(supported({ capabilities: [] })).toEqual([]);
    expect(supported({ capabilities: ['launch-ehr', 'context-ehr-encounter', 'permission-online'] })).toEqual(
      ['launch', 'launch/encounter', 'online_access'],
    );
    expect(supported({ capabilities: ['permission-user', 'permission-v1'] })).toEqual(
      expect.arrayContaining(['user/*.rs', 'user/*.read']),
    );
    expect(supported({ capabilities: ['permission-user', 'permission-v1'] })).not.toContain('user/*.write');
    expect(supported({ capabilities: ['permission-user', 'permission-v1'], interactions: 'cruds' })).toEqual(
      expect.arrayContaining(['user/*.cruds', 'user/*.write', 'user/Goal.cruds']),
    );
  });

  test('every one of them can be asked for and granted (SHALL)', () => {
    const all = supported({
      capabilities: [
        ...standalone,
        ...([
          'launch-ehr',
          'context-ehr-encounter',
          'permission-online',
          'permission-user',
          'permission-v1',
        ] as const),
      ],
      interactions: 'cruds',
      grantTypes: ['authorization_code', 'client_credentials'],
    });
    const scopes = all.flatMap((text) => parseScopes(text).scopes);
    expect(scopes).toHaveLength(all.length);
    expect(negotiate(scopes, scopes)).toEqual({ accepted: scopes, refused: [] });
  });
});
