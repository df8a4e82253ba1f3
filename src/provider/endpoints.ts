// What is offered at which path. Every feature that we want is listed; every default-on one that we do not want is off.
import type { Middleware } from 'koa';
import type { ClientAuthMethod, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { levelAcrValues } from '../policy/identity-assurance.ts';
import { locales } from '../web/locale.ts';
import { SIGNING_ALGORITHM } from './keys.ts';

export const PATHS = {
  authorization: '/authorize',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  jwks: '/jwks',
  end_session: '/session/end',
  userinfo: '/userinfo',
} as const;

/** The code comes back in the query (SMART App Launch, "Obtain authorization code"), and in no other way. */
export const RESPONSE_MODES = ['query'] as const;

/** How clients say who they are (RFC 8414 §2): with a key, better than with a secret, or not at all. */
export const CLIENT_AUTH_METHODS: ClientAuthMethod[] = [
  'private_key_jwt',
  'client_secret_basic',
  'client_secret_post',
  'none',
];

/** SMART client-confidential-asymmetric, "Registering a client": both that clients must be able to use. */
export const CLIENT_AUTH_ALGORITHMS: ('RS384' | 'ES384')[] = ['RS384', 'ES384'];

/** OpenID EAP ACR Values 1.0: a sign-in that cannot be passed on to another site, as with a passkey. */
export const PHISHING_RESISTANT = 'phr';

/** Scopes that are not scopes of FHIR resources. */
const SCOPES = [
  ...['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'],
  ...['launch', 'launch/patient', 'launch/encounter'],
];

interface Offered {
  readonly registrationEndpoint?: string | undefined;
  /** Whether who she is can be proved more surely. */
  readonly levels: boolean;
}

export function endpoints(issuer: string, { registrationEndpoint, levels }: Offered) {
  const { introspection: _, ...routes } = PATHS;
  return {
    routes,
    scopes: SCOPES,
    // How, when and how surely she signed in is told each time, not only when it is asked for.
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time', 'ial'], fhirUser: ['fhirUser'], profile: ['name'] },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: CLIENT_AUTH_METHODS,
    // OpenID Connect clients that prove who they are may go without (OpenID Connect Core §3.1.2.1).
    pkce: {
      required: (_ctx, client) => client.profile !== 'oidc' || client.clientAuthMethod === 'none',
    },
    // OpenID Connect Core §5.4: what `profile` asks for is told at userinfo.
    conformIdTokenClaims: true,
    acrValues: [PHISHING_RESISTANT, ...(levels ? levelAcrValues : [])],
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,
    clockTolerance: 0,
    discovery: {
      introspection_endpoint: `${issuer}${PATHS.introspection}`,
      // RFC 8414 §2: token types of the registry are allowed here.
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'Bearer'],
      introspection_endpoint_auth_signing_alg_values_supported: CLIENT_AUTH_ALGORITHMS,
      // draft-ietf-oauth-refresh-token-expiration
      refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
      introspection_signing_alg_values_supported: [SIGNING_ALGORITHM],
      ui_locales_supported: locales,
      revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
      revocation_endpoint_auth_signing_alg_values_supported: CLIENT_AUTH_ALGORITHMS,
      ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
    },
    features: {
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      claimsParameter: { enabled: false },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      introspection: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      registration: { enabled: false },
      requestObjects: { enabled: false },
      userinfo: { enabled: true },
    },
  } satisfies Configuration;
}

/** The provider lists every response mode that it knows; the document says which are ours. */
export const truthfulDiscovery: Middleware = (ctx, next) => {
  const tell = () => {
    const { oidc, body } = ctx as unknown as KoaContextWithOIDC & { body: unknown };
    if (oidc?.route === 'discovery' && typeof body === 'object') {
      ctx.body = { ...body, response_modes_supported: RESPONSE_MODES };
    }
  };
  return ctx.path.startsWith('/.well-known/') ? next().then(tell) : next();
};
