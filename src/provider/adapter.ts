// What the provider remembers, over our store. Bearer ids go in as hashes; single use is decided by the database.
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Withdrawer } from '../audit-event.ts';
import type { Reason } from '../errors.ts';
import { findAccessToken, insertAccessToken, revokeAccessToken } from '../store/access-tokens.ts';
import { findApp } from '../store/apps.ts';
import { endGrants } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import {
  consumePayload,
  findPayload,
  findPayloadByUid,
  insertPayload,
  type Payload,
  revokePayload,
  savePayload,
} from '../store/oidc-payloads.ts';
import { requestId } from '../web/request-context.ts';
import { type AppOf, clientMetadata } from './clients.ts';
import { PolicyRefusal } from './refusals.ts';
import { open, seal } from './sealed-payload.ts';

const unsupported = (): never => {
  throw new Error('the provider asked its adapter for something that Postern does not offer');
};

const refusing: Adapter = {
  upsert: unsupported,
  find: unsupported,
  findByUserCode: unsupported,
  findByUid: unsupported,
  consume: unsupported,
  destroy: unsupported,
  // Everything under a grant ends with the Grant itself, which the provider destroys in the same step.
  revokeByGrantId: async () => undefined,
};

export function createAdapter(store: Store, appOf: AppOf): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return clients(store);
    if (model === 'AccessToken' || model === 'ClientCredentials') return accessTokens(store, model);
    return payloads(store, appOf, model);
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

function payloads(store: Store, appOf: AppOf, model: string): Adapter {
  const restore = (id: string, row: FoundPayload) => ({
    ...open(id, row.payload),
    ...(row.consumedAt === null ? {} : { consumed: Math.floor(row.consumedAt.getTime() / 1_000) }),
  });
  return {
    ...refusing,
    upsert: async (id, payload, expiresIn) => {
      if (expiresIn === undefined) return unsupported();
      const sealed = seal(id, payload as Payload);
      // Neither the grammar of RFC 6749 appendix A nor jsonb has U+0000.
      if (JSON.stringify(sealed).includes('\\u0000'))
        throw new errors.InvalidRequest('U+0000 is not accepted');
      if (model !== 'ReplayDetection') return savePayload(store, model, id, sealed, expiresIn);
      // RFC 7523 §3: of several uses of one jti the insert lets one pass.
      if (!(await insertPayload(store, model, id, sealed, expiresIn))) {
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
      }
    },
    find: async (id) => {
      const row = await findPayload(store, model, id);
      if (model in replays) await judgePresenter(store, appOf, model, row);
      if (row === undefined) return undefined;
      return restore(id, row) as AdapterPayload;
    },
    findByUid: async (uid) => {
      const row = await findPayloadByUid(store, model, uid);
      return row === undefined ? undefined : (row.payload as AdapterPayload);
    },
    consume: async (id) => {
      if (!(await consumePayload(store, model, id))) throw new errors.InvalidGrant('already used');
    },
    destroy: async (id) => {
      if (model === 'Grant') {
        await endGrants(store, [id], withdrawer(), requestId());
        return;
      }
      // A form sent twice resumes one interaction twice: only the first goes on.
      if (!(await revokePayload(store, model, id)) && model === 'Interaction') {
        throw new errors.InvalidRequest('this step was already completed');
      }
    },
  };
}

interface FoundPayload {
  readonly payload: Payload;
  readonly consumedAt: Date | null;
}

const replays: Readonly<Record<string, Reason>> = {
  AuthorizationCode: 'code_replayed', // RFC 6749 §4.1.2
  RefreshToken: 'refresh_token_replayed', // RFC 9700 §4.14.2
};

// Reuse is found before anything else is judged, so that no other fault of the request hides it. Standing is judged
// before the code or token is consumed, so that an app whose standing is put right goes on where it was.
async function judgePresenter(store: Store, appOf: AppOf, model: string, row?: FoundPayload): Promise<void> {
  const { ctx } = Provider;
  const client = ctx?.oidc.client;
  if (ctx?.oidc.route !== 'token' || client === undefined) return;
  const { grantId, clientId } = row?.payload ?? {};
  const reason = replays[model];
  if (row?.consumedAt && reason && grantId && clientId === client.clientId) {
    await endGrants(store, [grantId], 'replay', requestId());
    throw new PolicyRefusal(reason);
  }
  await appOf(ctx, client);
}

function withdrawer(): Withdrawer {
  const route = Provider.ctx?.oidc.route;
  if (route === 'revocation') return 'app';
  return route === 'token' ? 'replay' : 'sign_out';
}
