// oidc-provider as it comes with what the same apps need: resource indicators, a key for the backend service, and pages
// that ask a person no more than a form with one button. A contender in a process of its own.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { JWK } from 'jose';
import { type ClientMetadata, Provider } from 'oidc-provider';
import { runAsChild } from './child-process.ts';
import { FHIR_BASE, SCOPE } from './seed-registry.ts';
import { BACKEND, BACKEND_SCOPE, PATIENT_APP, REDIRECT_URI } from './token-seed.ts';
import { wholeMapAdapter, wholePgAdapter } from './token-stock-adapters.ts';

export interface TokenStockSettings {
  /** Undefined: in memory. */
  readonly url: string | undefined;
  /** That of ours, so that one assertion is meant for all of them. */
  readonly issuer: string;
  readonly publicJwk: JWK;
}

const clientsOf = (publicJwk: JWK): ClientMetadata[] => [
  {
    client_id: BACKEND,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicJwk] } as never,
    ...{ redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  },
  {
    client_id: PATIENT_APP,
    token_endpoint_auth_method: 'none',
    redirect_uris: [REDIRECT_URI],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  },
];

runAsChild(async ({ url, issuer, publicJwk }: TokenStockSettings) => {
  const adapter = url === undefined ? wholeMapAdapter() : await wholePgAdapter(url);
  const clients = clientsOf(publicJwk);
  // In memory its clients are static, as stock is fastest; over a database they are in it, with all the rest.
  for (const client of url === undefined ? [] : clients) {
    await new (adapter as never as new (model: string) => InstanceType<typeof adapter>)('Client').upsert(
      client.client_id,
      client as never,
      86_400,
    );
  }
  const provider = createProvider(issuer, adapter, url === undefined ? clients : []);
  const answer = provider.callback();
  const server = createServer((request, response) =>
    request.url?.startsWith('/interaction/')
      ? interact(provider, request, response)
      : answer(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
});

function createProvider(issuer: string, adapter: never | object, clients: ClientMetadata[]): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new Provider(issuer, {
    adapter: adapter as never,
    clients,
    jwks: {
      keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'stock' } as never],
    },
    cookies: { keys: ['a key of the benches'] },
    routes: { authorization: '/authorize', revocation: '/revoke' },
    scopes: ['openid', 'offline_access', 'fhirUser', 'launch/patient'],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    clientAuthMethods: ['private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    extraParams: ['aud'],
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, fhirUser: `${FHIR_BASE}/Patient/${id}` }),
    }),
    rotateRefreshToken: true,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: () => FHIR_BASE,
        getResourceServerInfo: () => ({
          scope: `${SCOPE} offline_access ${BACKEND_SCOPE}`,
          audience: FHIR_BASE,
          accessTokenFormat: 'opaque',
          accessTokenTTL: 300,
        }),
      },
    },
  });
}

/** Who she is at the first prompt, that she agrees at the second. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, session, uid } = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<form method="post" action="/interaction/${uid}"><p>${params.client_id} ${params.scope}</p></form>`,
    );
    return;
  }
  const form = new URLSearchParams(await text(request));
  if (prompt.name === 'login') {
    const login = { accountId: form.get('account') ?? '' };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  grant.addResourceScope(FHIR_BASE, String(params.scope));
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}
