// The only importer of oidc-provider: configuration by concern, adapter, prompts, keys, sessions.
// This file assembles: each concern is a function of its own that answers with its part of the configuration.
import type { IncomingMessage } from 'node:http';
import type { JWK } from 'jose';
import type { Middleware } from 'koa';
import { type Configuration, Provider } from 'oidc-provider';
import type { SafeFetch } from '../outside/safe-fetch.ts';
import type { Store } from '../store/database.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Observer } from '../web/observer.ts';
import { createAdapter } from './adapter.ts';
import { afterAnswer } from './after-answer.ts';
import { authorizePost } from './authorize-post.ts';
import { keepFromAppsThatAreOff } from './authorize-refusal.ts';
import { createGlassOf } from './break-glass.ts';
import { createClientKeys } from './client-keys.ts';
import { clientProof } from './client-proof.ts';
import { compareHashedSecrets } from './client-secrets.ts';
import { createAppOf, EXTRA_CLIENT_METADATA } from './clients.ts';
import { burnGuessedCodes } from './code-guesses.ts';
import { cookies } from './cookies.ts';
import { clientBasedCORS, corsForRegistered } from './cors.ts';
import { recordCredentialUse } from './credential-use.ts';
import { acceptLaunch } from './ehr-launch.ts';
import { endpoints, truthfulDiscovery } from './endpoints.ts';
import { recordRefusals } from './events.ts';
import { tellRoute } from './front.ts';
import { interactions } from './interactions.ts';
import { logoutFeatures, logoutRedirects, type SignOutPages } from './logout.ts';
import { askForOfflineAccess } from './offline-access.ts';
import { tellOutcomes } from './outcomes.ts';
import { outgoing } from './outgoing.ts';
import type { PromptRules } from './prompt-policy.ts';
import { refreshRetries } from './refresh-retry.ts';
import { confirmRepeated } from './repeated-revocation.ts';
import { recordUnusedAssertion } from './replay-adapter.ts';
import { resources } from './resources.ts';
import { tellPartition } from './token-ids.ts';
import { launchParametersInResponse, tokens } from './tokens.ts';
import { answerUnavailable } from './unavailable.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly secure: boolean;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly fetch: SafeFetch;
  readonly cookieKey: string;
  /** Lifetime of access tokens for people's apps. */
  readonly accessTokenSeconds: number;
  /** How long a key may be used that its client publishes itself. */
  readonly keyDays: number;
  readonly signingKeys: readonly JWK[];
  readonly rules: PromptRules;
  /** RFC 7591, where it is on. */
  readonly registrationEndpoint?: string | undefined;
  /** What stands around every request. */
  readonly around: readonly Middleware[];
  readonly observer: Observer;
  /** Which block of addresses a request comes from. */
  readonly networkOf: (request: IncomingMessage) => string;
  readonly renderError: Configuration['renderError'];
  readonly signOutPages: SignOutPages;
}

export function createProvider({
  issuer,
  secure,
  store,
  secrets,
  fetch,
  cookieKey,
  accessTokenSeconds,
  keyDays,
  signingKeys,
  rules,
  registrationEndpoint,
  around,
  observer,
  networkOf,
  renderError,
  signOutPages,
}: ProviderOptions): Provider {
  const appOf = createAppOf(store);
  const glassOf = createGlassOf(store);
  const { features: offered, ...rest } = endpoints(issuer, {
    registrationEndpoint,
    levels: rules.identity.available,
  });
  const { features: resourceFeatures, ...resourceParameters } = resources(
    appOf,
    accessTokenSeconds,
    acceptLaunch(store),
    glassOf,
  );
  const provider = new Provider(issuer, {
    adapter: createAdapter(store, appOf, { issuer, secrets, keys: createClientKeys(fetch), networkOf }),
    jwks: { keys: signingKeys.map((key) => ({ ...key })) as never },
    clientBasedCORS,
    fetch: outgoing(fetch),
    extraClientMetadata: { properties: EXTRA_CLIENT_METADATA },
    renderError,
    ...rest,
    ...resourceParameters,
    ...cookies(secure, cookieKey),
    ...clientProof({ issuer, store, keyDays }),
    ...interactions(store, appOf, rules),
    ...tokens(store, appOf, rules, glassOf),
    features: { ...offered, ...resourceFeatures, ...logoutFeatures(signOutPages) },
  });
  // The scheme and host of each request are the issuer's: app.ts sees to it before anything else.
  provider.proxy = true;
  compareHashedSecrets(provider, secrets);
  tellPartition(provider);
  keepFromAppsThatAreOff(provider);
  for (const middleware of [...around, tellRoute]) provider.use(middleware);
  provider.use(tellOutcomes(provider));
  provider.use(answerUnavailable(provider));
  provider.use(corsForRegistered(store));
  provider.use(authorizePost(store));
  provider.use(askForOfflineAccess);
  provider.use(truthfulDiscovery);
  provider.use(recordRefusals(provider, store, { observer, networkOf }));
  provider.use(
    afterAnswer(
      recordUnusedAssertion(store, provider),
      confirmRepeated(store),
      launchParametersInResponse,
      refreshRetries(store),
      burnGuessedCodes(store),
      recordCredentialUse(store),
    ),
  );
  provider.use(logoutRedirects(store));
  return provider;
}
