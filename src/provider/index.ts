// Assembles the provider: each concern is a function of its own that answers with its part of the configuration.

import type { JWK } from 'jose';
import { type Configuration, Provider } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { createAdapter } from './adapter.ts';
import { clientAssertion } from './client-assertion.ts';
import { clientBasedCORS, createAppOf, EXTRA_CLIENT_METADATA } from './clients.ts';
import { burnGuessedCodes } from './code-guesses.ts';
import { cookies } from './cookies.ts';
import { endpoints, truthfulDiscovery } from './endpoints.ts';
import { recordRefusals } from './events.ts';
import { interactions } from './interactions.ts';
import { askForOfflineAccess } from './offline-access.ts';
import { refreshRetries } from './refresh-retry.ts';
import { resources } from './resources.ts';
import { launchParametersInResponse, tokens } from './tokens.ts';
import { answerUnavailable } from './unavailable.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly store: Store;
  readonly cookieKey: string;
  /** Lifetime of access tokens for people's apps. */
  readonly accessTokenSeconds: number;
  readonly signingKeys: readonly JWK[];
  readonly renderError: Configuration['renderError'];
}

export function createProvider({
  issuer,
  store,
  cookieKey,
  accessTokenSeconds,
  signingKeys,
  renderError,
}: ProviderOptions): Provider {
  const appOf = createAppOf(store);
  const { features: offered, ...rest } = endpoints(issuer);
  const { features: resourceFeatures, ...resourceParameters } = resources(appOf, accessTokenSeconds);
  const provider = new Provider(issuer, {
    adapter: createAdapter(store, appOf, issuer),
    jwks: { keys: signingKeys.map((key) => ({ ...key })) as never },
    clientBasedCORS,
    extraClientMetadata: { properties: EXTRA_CLIENT_METADATA },
    renderError,
    ...rest,
    ...resourceParameters,
    ...cookies(issuer, cookieKey),
    ...clientAssertion(issuer),
    ...interactions(store, appOf),
    ...tokens(store, appOf),
    features: { ...offered, ...resourceFeatures },
  });
  // The scheme and host of each request are the issuer's: app.ts sees to it before anything else.
  provider.proxy = true;
  provider.use(answerUnavailable(provider));
  provider.use(askForOfflineAccess);
  provider.use(truthfulDiscovery);
  provider.use(recordRefusals(provider, store));
  provider.use(burnGuessedCodes(store));
  provider.use(refreshRetries(store));
  provider.use(launchParametersInResponse);
  return provider;
}
