// Identity providers as a relying party sees them (OpenID Connect Core §3.1): code flow, PKCE, nonce, a signed id_token.
import { importJWK, type JWK } from 'jose';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  modifyAssertion,
  PrivateKeyJwt,
} from 'openid-client';
import type { SafeFetch } from '../outside/safe-fetch.ts';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import { type Identity, identityOf } from './identity.ts';
import { outgoing } from './outgoing.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { UpstreamFault, upstreamFaultOf } from './upstream-fault.ts';

export interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface Upstream {
  /** Where she is sent. */
  authorizationUrl(provider: ProviderSettings, secrets: Secrets, asked: Asked): Promise<URL>;
  /** Who came back; `callback` is the address with the answer. Throws UpstreamFault. */
  identify(provider: ProviderSettings, callback: URL, secrets: Secrets): Promise<Identity>;
}

interface Asked {
  /** Left out: of staff, who proved theirs to the organization. */
  readonly level?: IdentityLevel;
  readonly redirectUri: string;
  readonly locale: string;
}

export interface UpstreamOptions {
  readonly fetch: SafeFetch;
  /** The keys that we publish: the first one signs. */
  readonly signingKeys: readonly JWK[];
  /** For development and tests: what is reached on this machine is reached without TLS. */
  readonly allowInsecure: boolean;
}

/** What a provider announces may change; its keys are asked for anew by the library. */
const METADATA_MS = 3_600_000;

export function createUpstream({ fetch, signingKeys, allowInsecure }: UpstreamOptions): Upstream {
  const known = new Map<string, { readonly configuration: Configuration; readonly until: number }>();

  const discover = async (provider: ProviderSettings): Promise<Configuration> => {
    const { issuer, clientId, idTokenAlgorithm } = provider;
    const configuration: Configuration = await discovery(
      new URL(issuer),
      clientId,
      { id_token_signed_response_alg: idTokenAlgorithm },
      await authenticationOf(provider, signingKeys, () => configuration.serverMetadata().token_endpoint),
      { [customFetch]: outgoing(fetch), execute: allowInsecure ? [allowInsecureRequests] : [] },
    );
    // OpenID Connect Discovery §4.3: exactly the issuer that is configured.
    if (configuration.serverMetadata().issuer !== issuer)
      throw new UpstreamFault('refused', 'issuer_differs');
    // OpenID Connect Core §3.1.3.7: TLS would do; a signature that was checked can be relied on later, too.
    enableNonRepudiationChecks(configuration);
    return configuration;
  };

  const configurationOf = async (provider: ProviderSettings): Promise<Configuration> => {
    const earlier = known.get(provider.id);
    if (earlier !== undefined && Date.now() < earlier.until) return earlier.configuration;
    const configuration = await discover(provider);
    known.set(provider.id, { configuration, until: Date.now() + METADATA_MS });
    return configuration;
  };

  return {
    authorizationUrl: (provider, { state, nonce, codeVerifier }, { level, redirectUri, locale }) =>
      orFault(async () => {
        const { scope, acrValues, maxAge, parameters } = provider;
        const acr = level && acrValues[level];
        return buildAuthorizationUrl(await configurationOf(provider), {
          ...parameters,
          ...{ response_type: 'code', redirect_uri: redirectUri, scope, state, nonce },
          code_challenge: await calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
          ui_locales: locale,
          ...(acr === undefined ? {} : { acr_values: acr }),
          ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
        });
      }),
    identify: (provider, callback, { state, nonce, codeVerifier }) =>
      orFault(async () => {
        const configuration = await configurationOf(provider);
        const { maxAge } = provider;
        const tokens = await authorizationCodeGrant(configuration, callback, {
          ...{
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
          },
          ...(maxAge === undefined ? {} : { maxAge }),
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new UpstreamFault('refused', 'id_token_missing');
        const userinfo = provider.userinfo
          ? await fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : {};
        return identityOf(provider, claims, userinfo);
      }),
  };
}

async function authenticationOf(
  { authentication }: ProviderSettings,
  [jwk]: readonly JWK[],
  tokenEndpoint: () => string | undefined,
): Promise<ClientAuth> {
  if (authentication.method !== 'private_key_jwt') {
    const { method, secret } = authentication;
    return method === 'client_secret_basic' ? ClientSecretBasic(secret) : ClientSecretPost(secret);
  }
  if (jwk?.kid === undefined) throw new Error('there is no signing key');
  const key = await importJWK(jwk, jwk.alg ?? 'RS256');
  if (key instanceof Uint8Array) throw new Error('a signing key is not secret');
  if (authentication.audience === 'issuer') return PrivateKeyJwt({ key, kid: jwk.kid });
  return PrivateKeyJwt(
    { key, kid: jwk.kid },
    { [modifyAssertion]: (_header, payload) => Object.assign(payload, { aud: tokenEndpoint() }) },
  );
}

async function orFault<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw upstreamFaultOf(error);
  }
}
