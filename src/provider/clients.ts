// Our app records as the provider's client metadata (RFC 7591 §2), and once a request the whole record.
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { decide } from '../policy/rules.ts';
import { standing } from '../policy/standing.ts';
import { type App, findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { RESPONSE_MODES } from './endpoints.ts';
import { PolicyRefusal, refuseIf } from './refusals.ts';

/** Client metadata of ours that the provider carries along. */
export const EXTRA_CLIENT_METADATA = ['origins', 'profile'];

export function clientMetadata(app: App) {
  const interactive = app.grantTypes.includes('authorization_code');
  return {
    client_id: app.id,
    client_name: app.name,
    application_type: 'web',
    redirect_uris: [...app.redirectUris],
    grant_types: [...app.grantTypes],
    response_types: interactive ? ['code'] : [],
    response_modes: [...RESPONSE_MODES],
    token_endpoint_auth_method: app.authMethod,
    id_token_signed_response_alg: 'RS256',
    ...(app.jwks === null ? {} : { jwks: app.jwks }),
    post_logout_redirect_uris: [...app.postLogoutRedirectUris],
    // OpenID Connect Back-Channel Logout 1.0 §2.4: the logout token names the session, too.
    ...(app.backchannelLogoutUri === null
      ? {}
      : { backchannel_logout_uri: app.backchannelLogoutUri, backchannel_logout_session_required: true }),
    origins: [...app.origins],
    profile: app.profile,
  };
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

/** CORS: a client's registered origins may call the token endpoint (SMART app-launch, "CORS support"). */
export function clientBasedCORS(_ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  return Array.isArray(client.origins) && client.origins.includes(origin);
}
