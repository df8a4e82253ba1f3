// The SMART document of each FHIR base, for its FHIR server to serve as its own (SMART conformance, "Well-Known URIs").
import Router from '@koa/router';
import { type BrandBundle, brandOf } from '../smart/brands.ts';
import { type SmartConfigurationFacts, smartConfiguration } from '../smart/smart-configuration.ts';
import type { Store } from '../store/database.ts';
import { findFhirBase } from '../store/resource-servers.ts';
import { BRANDS_PATH } from './brands.ts';
import { anyOriginPreflight } from './cors.ts';
import { CLIENT_AUTH_ALGORITHMS, CLIENT_AUTH_METHODS, PATHS } from './endpoints.ts';

interface SmartDiscovery {
  readonly issuer: string;
  readonly brands?: BrandBundle | undefined;
  /** RFC 7591, where it is on. */
  readonly registrationEndpoint?: string | undefined;
}

export function smartDiscoveryRoutes(
  store: Store,
  { issuer, brands, registrationEndpoint }: SmartDiscovery,
): Router {
  const at = (path: string) => `${issuer}${path}`;
  const facts: SmartConfigurationFacts = {
    issuer,
    // Only what is true: each one is held by a test.
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-symmetric',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-style',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
    interactions: 'rs',
    endpoints: {
      authorization: at(PATHS.authorization),
      token: at(PATHS.token),
      jwks: at(PATHS.jwks),
      introspection: at(PATHS.introspection),
      revocation: at(PATHS.revocation),
      management: at('/my'),
      ...(registrationEndpoint === undefined ? {} : { registration: registrationEndpoint }),
    },
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    tokenEndpointAuthMethods: CLIENT_AUTH_METHODS,
    tokenEndpointAuthSigningAlgs: CLIENT_AUTH_ALGORITHMS,
  };
  // Each base has its own document: its brand is that of its endpoint.
  const documentOf = (fhirBase: string) => {
    const brand = brands && brandOf(brands, fhirBase);
    const userAccessBrand = brand && { bundle: at(BRANDS_PATH), ...brand };
    return smartConfiguration({ ...facts, ...(userAccessBrand && { userAccessBrand }) });
  };
  const router = new Router();
  const path = '/fhir-bases/:slug/.well-known/smart-configuration';
  // SMART app-launch, "Considerations for Cross-Origin Resource Sharing (CORS) support".
  router.options(path, anyOriginPreflight);
  router.get(path, async (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    const fhirBase = await findFhirBase(store, ctx.params.slug as string);
    if (fhirBase === null) {
      ctx.status = 404;
      ctx.body = { error: 'not_found', error_description: 'no FHIR base is registered under this name' };
      return;
    }
    ctx.set('Cache-Control', 'no-cache');
    // Whatever Accept says (SMART conformance, "Response").
    ctx.type = 'application/json';
    ctx.body = documentOf(fhirBase.url);
  });
  return router;
}
