// The SMART document of each FHIR base, for its FHIR server to serve as its own (SMART conformance, "Well-Known URIs").
import Router from '@koa/router';
import { smartConfiguration } from '../smart/smart-configuration.ts';
import type { Store } from '../store/database.ts';
import { findFhirBase } from '../store/resource-servers.ts';
import { PATHS } from './endpoints.ts';

export function smartDiscoveryRoutes(store: Store, issuer: string): Router {
  const at = (path: string) => `${issuer}${path}`;
  const document = smartConfiguration({
    issuer,
    // Only what is true: each one is held by a test.
    capabilities: [
      'launch-standalone',
      'client-public',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
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
    },
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    tokenEndpointAuthMethods: ['private_key_jwt', 'none'],
    tokenEndpointAuthSigningAlgs: ['RS384', 'ES384'],
  });
  const router = new Router();
  router.get('/fhir-bases/:slug/.well-known/smart-configuration', async (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    if ((await findFhirBase(store, ctx.params.slug as string)) === null) {
      ctx.status = 404;
      ctx.body = { error: 'not_found', error_description: 'no FHIR base is registered under this name' };
      return;
    }
    ctx.set('Cache-Control', 'no-cache');
    // Whatever Accept says (SMART conformance, "Response").
    ctx.type = 'application/json';
    ctx.body = document;
  });
  return router;
}
