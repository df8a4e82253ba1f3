// An organization's OpenID provider as the relying party that we are for patients' providers, too, sees it.
import type { KnownProvider } from '../store/staff-providers.ts';
import type { ProviderSettings } from './provider-settings.ts';

export const staffCallbackUrl = (issuer: string, providerId: string): string =>
  `${issuer}/staff/sign-in/callback/${encodeURIComponent(providerId)}`;

export function settingsOf(provider: KnownProvider & { readonly secret: string }): ProviderSettings {
  const { id, organizationName, issuer, clientId, method, secret, acr } = provider;
  return {
    ...{ id: `staff ${id}`, name: organizationName, issuer, clientId },
    authentication: { method: method === 'client_secret_post' ? method : 'client_secret_basic', secret },
    ...{ scope: 'openid email', acrValues: {}, parameters: acr === null ? {} : { acr_values: acr } },
    ...{ maxAge: undefined, idTokenAlgorithm: 'RS256', userinfo: true, claims: CLAIMS, verifies: [] },
    ...{ level: { claim: 'acr', IAL1: [], IAL2: [] }, evidenceClass: 'none', validDays: 1 },
  };
}

const CLAIMS = {
  ...{ givenName: 'given_name', familyName: 'family_name', birthDate: 'birthdate' },
  ...{ postalCode: 'postal_code', phone: 'phone_number', email: 'email' },
};
