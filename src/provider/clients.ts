// Our app records as the provider's client metadata (RFC 7591 §2), and once a request the whole record.
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Reason } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { standing } from '../policy/standing.ts';
import { type App, findApp, type LiveKey } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { RESPONSE_MODES } from './endpoints.ts';
import { type PublicKey, publicKeys } from './key-set.ts';
import { SIGNING_ALGORITHM } from './keys.ts';
import { onceARequest } from './once-a-request.ts';
import { isOff, PolicyRefusal, refuseIf } from './refusals.ts';

/** Client metadata of ours that the provider carries along. */
export const EXTRA_CLIENT_METADATA = ['origins', 'profile', 'registeredJwksUri', 'credentials', 'offReason'];

/** `keys`: those of a client that publishes them itself, when it has just shown an assertion. */
export function clientMetadata(app: App, keys?: readonly PublicKey[]) {
  const interactive = app.grantTypes.includes('authorization_code');
  const offReason = offReasonOf(app);
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
    ...proof(app, keys),
    post_logout_redirect_uris: offReason === 'client_not_reviewed' ? [] : [...app.postLogoutRedirectUris],
    // OpenID Connect Back-Channel Logout 1.0 §2.4: the logout token names the session, too.
    ...(app.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: app.backchannelLogoutUri, backchannel_logout_session_required: true }),
    origins: [...app.origins],
    profile: app.profile,
    ...(offReason === undefined ? {} : { offReason }),
  };
}

/** Why nobody is sent to the app, whatever else is wrong with a request. */
function offReasonOf(app: App): Reason | undefined {
  const reason = decide(standing, app);
  return reason !== undefined && isOff(reason) ? reason : undefined;
}

export const isSecretMethod = (method: string): boolean =>
  ['client_secret_basic', 'client_secret_post'].includes(method);

/** What the method of an app takes of its live credentials: none of those that it publishes itself, if it does. */
export function credentials({ authMethod, jwksUri, keys }: App): readonly LiveKey[] {
  if (isSecretMethod(authMethod)) return keys.filter(({ secretHash }) => secretHash !== null);
  return authMethod === 'private_key_jwt' && jwksUri === null ? keys.filter(({ jwk }) => jwk !== null) : [];
}

/** Its live registered keys, bare. */
export const registeredKeys = (app: App): PublicKey[] =>
  publicKeys({ keys: credentials(app).map(({ jwk }) => jwk) }) ?? [];

type Metadata = ReturnType<typeof clientMetadata>;
const registered = new WeakMap<App, Metadata>();

/** As it is registered, made once of a record: several requests may have read the same one. */
export function registeredMetadata(app: App): Metadata {
  const known = registered.get(app) ?? clientMetadata(app);
  registered.set(app, known);
  return known;
}

/** A live credential as the provider carries it along with the client. */
export interface CarriedCredential {
  readonly id: string;
  readonly kid: string | null;
  readonly kty: string | null;
  readonly secretHash: string | null;
}

export const credentialsOf = (client: Client): readonly CarriedCredential[] =>
  (client.credentials ?? []) as readonly CarriedCredential[];

// The provider asks for a secret where the method is one; what it is compared with are the hashes.
const HASHED = 'kept as hashes';

function proof(app: App, published: readonly PublicKey[] | undefined) {
  const live = credentials(app);
  const carried = live.map(({ id, kid, jwk, secretHash }): CarriedCredential => {
    return { id, kid, kty: jwk === null ? null : String(jwk.kty), secretHash };
  });
  if (isSecretMethod(app.authMethod)) return { client_secret: HASHED, credentials: carried };
  if (app.authMethod !== 'private_key_jwt') return {};
  if (app.jwksUri === null) {
    return { jwks: { keys: registeredKeys(app) }, credentials: carried };
  }
  const source = published === undefined ? { jwks_uri: app.jwksUri } : { jwks: { keys: published } };
  return { ...source, registeredJwksUri: app.jwksUri };
}

export type AppOf = (ctx: KoaContextWithOIDC, client: Client) => Promise<App>;

/** All that a request relies on is read with the record or later: its revocation clock is kept with what is issued. */
export const readApp = onceARequest<App | undefined>(findApp);

/** Refuses a client without standing: authorize and token share this door. */
export function createAppOf(store: Store): AppOf {
  return async (_ctx, client) => {
    const app = await readApp(store, client.clientId);
    if (app === undefined) throw new PolicyRefusal('client_unknown');
    refuseIf(decide(standing, app));
    // What was issued runs out; nothing follows it.
    if (app.quarantinedAt !== null) throw new PolicyRefusal('client_quarantined');
    return app;
  };
}
