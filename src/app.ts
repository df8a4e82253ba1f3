// Composition root: the only file that knows everything.
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import type { Config } from './config.ts';
import { consoleRoutes } from './console/routes.ts';
import { decisionConfiguration } from './decision/configuration.ts';
import { createDecisions } from './decision/endpoint.ts';
import { demoProviders, identityOrigin } from './demo/identity-registration.ts';
import { developerRoutes } from './developer/routes.ts';
import { createIntrospection, type Introspection } from './introspection/endpoint.ts';
import { apiRoutes } from './management/api-routes.ts';
import { REGISTER_PATH } from './management/client-information.ts';
import { registrationRoutes } from './management/registration-routes.ts';
import { scimRoutes } from './management/scim-routes.ts';
import { HEALTH_PATHS, healthRoutes } from './operations/health.ts';
import { contactKey, derivedKey, registryKey, signalKey } from './operations/secret.ts';
import { createSafeFetch } from './outside/safe-fetch.ts';
import { relyingParty } from './passkeys/relying-party.ts';
import { consentPreview } from './patient/consent-preview.ts';
import type { PatientDeps } from './patient/deps.ts';
import { invitationRoutes } from './patient/invitation-routes.ts';
import { launchContextRoutes } from './patient/launch-context-routes.ts';
import { logoRoutes } from './patient/logo-routes.ts';
import { patientRoutes } from './patient/routes.ts';
import { signOutPages } from './patient/sign-out-pages.ts';
import { createAssertionCheck } from './provider/assertion-check.ts';
import { renderRefusal } from './provider/authorize-refusal.ts';
import { brandRoutes, readBrands } from './provider/brands.ts';
import { smartDiscoveryRoutes } from './provider/discovery.ts';
import { PATHS } from './provider/endpoints.ts';
import { createFront } from './provider/front.ts';
import { createProvider } from './provider/index.ts';
import { createSigner, readSigningKeys } from './provider/keys.ts';
import { createPrompts } from './provider/prompts.ts';
import { createCallers } from './provider/resource-server-caller.ts';
import { createSessions } from './provider/sessions.ts';
import { statementKeyRoutes } from './provider/statement-keys.ts';
import type { RegistryDeps } from './registry/deps.ts';
import { receiverFetch } from './signals/receiver-fetch.ts';
import { signalRoutes } from './signals/routes.ts';
import type { StaffDeps } from './staff/deps.ts';
import { staffRoutes } from './staff/routes.ts';
import { createStaffSessions } from './staff/sessions.ts';
import type { Store } from './store/database.ts';
import { createSecrets } from './store/secrets.ts';
import { createTrust, identityProviders } from './trust/create-trust.ts';
import { createAssets } from './web/assets.ts';
import { createBrowserCookie } from './web/browser-cookie.ts';
import { clientNetworks } from './web/client-network.ts';
import { createForms } from './web/csrf.ts';
import { errorPages } from './web/error-page.ts';
import { type Log, logRequest } from './web/log.ts';
import { createMessages } from './web/messages.ts';
import { type Observer, observeRequests, observers } from './web/observer.ts';
import { ownHost } from './web/own-host.ts';
import { createPages } from './web/page.ts';
import { parseBody } from './web/parse-body.ts';
import { protocolErrors } from './web/protocol-errors.ts';
import { nameRequest, requestContext } from './web/request-context.ts';
import { securityHeaders } from './web/security-headers.ts';
import { createTemplates } from './web/templates.ts';

export interface AppOptions {
  readonly config: Config;
  readonly secret: string;
  readonly store: Store;
  readonly log: Log;
  readonly views: string;
  readonly isStopping?: () => boolean;
  /** Beside the log. */
  readonly observedBy?: readonly Partial<Observer>[];
}

export async function createApp(options: AppOptions): Promise<{ callback(): RequestListener }> {
  const { config, secret, store, log, views, isStopping, observedBy = [] } = options;
  const { issuer, secure, operatorName, helpContact } = config;
  const browser = createBrowserCookie(secure);
  const forms = createForms({ secret: derivedKey(secret, 'forms'), issuer, cookie: browser });
  const assets = createAssets(views);
  const [templates, messages] = [createTemplates(views), createMessages(views)];
  const pages = createPages({ templates, messages, assets, forms, secure, operatorName, helpContact });
  const headers = securityHeaders(secure);

  const { registrationEnabled } = config.registry;
  const registrationEndpoint = registrationEnabled ? `${issuer}${REGISTER_PATH}` : undefined;
  const secrets = createSecrets();
  const fetch = createSafeFetch({ allowLoopback: config.allowLoopbackFetch });
  const signingKeys = await readSigningKeys(store, secret);
  const observer = observers([{ answered: (request) => logRequest(log, request) }, ...observedBy]);
  const providers = await identityProviders(config.trust, demoProviders(config.demo));
  const identity = { required: config.trust.required, available: providers.length > 0 };
  const around = [
    nameRequest,
    observeRequests(observer),
    ownHost(issuer, HEALTH_PATHS),
    protocolErrors((error) => log.error({ err: error as Error }, 'a request failed')),
  ];
  const networkOf = clientNetworks(config.trustedProxies);
  const provider = createProvider({
    issuer,
    secure,
    store,
    secrets,
    fetch,
    cookieKey: derivedKey(secret, 'cookies'),
    accessTokenSeconds: config.accessTokenSeconds,
    keyDays: config.registry.keyDays,
    ...{ signingKeys, registrationEndpoint, around, observer, networkOf },
    rules: { ageRules: config.registry.ageRules, identity },
    renderError: renderRefusal(store, pages, headers),
    signOutPages: signOutPages(pages, headers),
  });
  provider.on('backchannel.error', (_ctx, error, client) =>
    log.warn({ err: error, client: client.clientId }, 'a logout token was not delivered'),
  );
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'the provider failed'));

  const sign = createSigner(signingKeys);
  const sessions = createSessions(provider, store, secure);
  const prompts = createPrompts(provider, store);
  const shown = {
    ...{ store, pages, forms, browser, networkOf },
    ...{ operatorName, ageRules: config.registry.ageRules, counting: config.consent },
    relyingParty: relyingParty(issuer, operatorName),
  };
  const staffSessions = createStaffSessions(store, secure);
  const trust = createTrust({
    ...{ ...shown, issuer, log, sessions, providers, signingKeys, staffSessions },
    sealKey: registryKey(secret),
    fetch: receiverFetch(config, config.demo && identityOrigin(config.demo)),
    allowInsecure: config.allowLoopbackFetch || config.demo !== undefined,
  });
  const signing = { issuer, sign, contactKey: contactKey(secret) };
  const deps: PatientDeps = { ...shown, ...signing, prompts, sessions, proofing: trust.proofing };
  const settings = { issuer, operatorName, ...config.registry };
  const registry: RegistryDeps = { store, fetch, settings, sealKey: registryKey(secret), sign };
  const staff: StaffDeps = { ...shown, sessions: staffSessions, registry, issuer };

  const app = new Koa({ proxy: true });
  app.silent = true;
  app.on('error', (error) => log.error({ err: error }, 'a request failed'));
  for (const middleware of around) app.use(middleware);
  const ask = createCallers({ store, secrets, audiences: [issuer], observer });
  const signals = {
    ...{ store, issuer, sign, sealKey: signalKey(secret), isStopping: isStopping ?? (() => false) },
    allowLoopback: config.allowLoopbackFetch || config.demo !== undefined,
    authenticate: async (header: string, requestId: string) => {
      const asked = /^Basic /i.test(header)
        ? await ask({ header, assertion: '', token: '', requestId })
        : 'resource_server_unknown';
      return typeof asked === 'string' ? undefined : asked.caller.id;
    },
  };
  // Before the context of requests: polls that wait would keep it on, and with it everything slower.
  for (const routes of signalRoutes(signals)) app.use(routes.routes());
  app.use(requestContext);
  app.use(healthRoutes(store, isStopping ?? (() => false)).routes());
  app.use(assets.middleware);
  const brands = config.brandsFile === undefined ? undefined : await readBrands(config.brandsFile);
  app.use(smartDiscoveryRoutes(store, { issuer, brands, registrationEndpoint }).routes());
  if (brands !== undefined) app.use(brandRoutes(brands).routes());
  app.use(statementKeyRoutes(store, secret).routes());
  app.use(decisionConfiguration(issuer).routes());
  app.use(launchContextRoutes(store, { issuer }).routes());
  const machines = { registry, secrets, t: messages.translator('en') };
  if (registrationEnabled) app.use(registrationRoutes(machines).routes());
  for (const routes of [scimRoutes(registry), apiRoutes(machines)]) app.use(routes.routes());
  app.use(headers);
  app.use(errorPages(pages, (error) => log.error({ err: error as Error }, 'a page failed')));
  app.use(parseBody);
  app.use(logoRoutes(store).routes());
  for (const routes of patientRoutes(deps)) app.use(routes.routes());
  app.use(invitationRoutes(deps, staffSessions).routes());
  for (const routes of [trust.routes, trust.staffRoutes, staffRoutes(staff)]) app.use(routes.routes());
  const checkAssertion = createAssertionCheck({ issuer, store, fetch });
  app.use(developerRoutes({ ...staff, consentPreview, checkAssertion }).routes());
  app.use(consoleRoutes(staff).routes());
  app.use((ctx) => {
    if (ctx.path === '/' && ctx.method === 'GET') pages.renderPage(ctx, 'home', { myAppsUrl: '/my' });
  });
  const hot = { issuer, log, observer };
  const introspection = createIntrospection(store, { ...hot, path: PATHS.introspection, secrets, sign });
  const decisions = createDecisions(store, { ...hot, ask, ...config.decision });
  const others = () => before(createFront(provider), app.callback());
  return { callback: () => before(introspection, before(decisions, others())) };
}

/** What is asked most is answered first. */
const before =
  (first: Pick<Introspection, 'takes' | 'answer'>, others: RequestListener): RequestListener =>
  (request, response) =>
    first.takes(request) ? first.answer(request, response) : others(request, response);
