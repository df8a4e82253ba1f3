// Our app records as the provider's client metadata (RFC 7591 §2), and once a request the whole record.
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { decide } from '../policy/rules.ts';
import { standing } from '../policy/standing.ts';
import { type App, findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { SECRET_METHODS } from './client-secrets.ts';
import { RESPONSE_MODES } from './endpoints.ts';
import { type PublicKey, publicKeys } from './key-set.ts';
import { SIGNING_ALGORITHM } from './keys.ts';
import { PolicyRefusal, refuseIf } from './refusals.ts';

/** Client metadata of ours that the provider carries along. */
export const EXTRA_CLIENT_METADATA = ['origins', 'profile', 'registeredJwksUri'];

/** `keys`: those of a client that publishes them itself, when it has just shown an assertion. */
export function clientMetadata(app: App, keys?: readonly PublicKey[]) {
  const interactive = app.grantTypes.includes('authorization_code');
  return {
    client_id: app.id,
    client_name: app.name,
    application_type: app.applicationType,
    redirect_uris: [...app.redirectUris],
    grant_types: [...app.grantTypes],
    response_types: interactive ? ['code'] : [],
    response_modes: [...RESPONSE_MODES],
    token_endpoint_auth_method: app.authMethod,
    id_token_signed_response_alg: SIGNING_ALGORITHM,
    ...credentials(app, keys),
    post_logout_redirect_uris: [...app.postLogoutRedirectUris],
    // OpenID Connect Back-Channel Logout 1.0 §2.4: the logout token names the session, too.
    ...(app.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: app.backchannelLogoutUri, backchannel_logout_session_required: true }),
    origins: [...app.origins],
    profile: app.profile,
  };
}

/** argon2id hashes of its live secrets: none holds a space, and the provider carries one string. */
export const secretHashes = ({ keys }: Pick<App, 'keys'>): string[] =>
  keys.flatMap(({ secretHash }) => (secretHash === null ? [] : [secretHash]));

/** Its live registered keys, bare. */
export const registeredKeys = ({ keys }: Pick<App, 'keys'>): PublicKey[] =>
  publicKeys({ keys: keys.filter(({ kind }) => kind === 'jwk').map(({ jwk }) => jwk) }) ?? [];

function credentials(app: App, keys: readonly PublicKey[] | undefined) {
  if (SECRET_METHODS.includes(app.authMethod)) return { client_secret: secretHashes(app).join(' ') };
  if (app.authMethod !== 'private_key_jwt') return {};
  if (app.jwksUri === null) return { jwks: { keys: registeredKeys(app) } };
  const source = keys === undefined ? { jwks_uri: app.jwksUri } : { jwks: { keys } };
  return { ...source, registeredJwksUri: app.jwksUri };
}

export type AppOf = (ctx: KoaContextWithOIDC, client: Client) => Promise<App>;

/** Reads the record once a request and refuses a client without standing: authorize and token share this door. */
export function createAppOf(store: Store): AppOf {
  const seen = new WeakMap<KoaContextWithOIDC, Promise<App>>();
  const read = async (client: Client) => {
    const app = await findApp(store, client.clientId);
    if (app === undefined) throw new PolicyRefusal('client_unknown');
    refuseIf(decide(standing, app));
    return app;
  };
  return (ctx, client) => {
    const reading = seen.get(ctx) ?? read(client);
    seen.set(ctx, reading);
    return reading;
  };
}
