/** What an app is as an OAuth client (RFC 7591 §2, SMART App Launch 2.2 "Registration"). */
export interface ClientMetadata {
  readonly name: string;
  /** `oidc`: it only signs people in. */
  readonly profile: 'smart' | 'oidc';
  readonly applicationType: 'web' | 'native';
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
  readonly grantTypes: readonly string[];
  readonly authMethod: string;
  readonly jwksUri: string | null;
  readonly audiences: readonly string[];
  /** SMART scopes, separated by spaces. */
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  readonly maxConsentDays: number;
}

export const PROFILES = ['smart', 'oidc'] as const;
export const APPLICATION_TYPES = ['web', 'native'] as const;
export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
export const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
