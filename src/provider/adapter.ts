// What the provider remembers, over our store. Bearer ids go in as hashes; single use is decided by the database.
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { findAccessToken, insertAccessToken, revokeAccessToken } from '../store/access-tokens.ts';
import { findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import { type AppOf, clientMetadata } from './clients.ts';
import { payloadAdapter } from './payload-adapter.ts';
import { refusing } from './unsupported.ts';

export function createAdapter(store: Store, appOf: AppOf): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return clients(store);
    if (model === 'AccessToken' || model === 'ClientCredentials') return accessTokens(store, model);
    return payloadAdapter(store, appOf, model);
  };
}

/** Our memory: read-only here, whatever the client's standing, so that it gets the right refusal. */
function clients(store: Store): Adapter {
  return {
    ...refusing,
    find: async (id) => {
      const app = await findApp(store, id);
      return app === undefined ? undefined : (clientMetadata(app) as unknown as AdapterPayload);
    },
  };
}

function accessTokens(store: Store, kind: 'AccessToken' | 'ClientCredentials'): Adapter {
  return {
    ...refusing,
    upsert: async (token, { jti: _, extra = {}, ...payload }, expiresIn) => {
      const { clientId, aud, scope, accountId, grantId, sessionUid, expiresWithSession } = payload;
      const purpose = extra.purpose_of_use;
      if (!clientId || !scope || !expiresIn || typeof aud !== 'string' || typeof purpose !== 'string') {
        throw new Error('an access token must have a client, an audience, a scope, a purpose and an end');
      }
      const bound = { clientId, accountId, grantId, sessionUid: expiresWithSession ? sessionUid : undefined };
      const about = { audience: aud, scope, purpose, extra, payload, expiresIn };
      await insertAccessToken(store, { token, kind, ...bound, ...about }, requestId());
    },
    find: async (token) => {
      const payload = await findAccessToken(store, kind, token);
      return payload === undefined ? undefined : ({ ...payload, jti: token } as AdapterPayload);
    },
    destroy: (token) => revokeAccessToken(store, token, requestId()),
  };
}
