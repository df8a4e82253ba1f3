// What the provider remembers, over our store. Bearer ids go in as hashes; single use is decided by the database.
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import { findAccessToken, revokeAccessToken } from '../store/access-tokens.ts';
import type { Store } from '../store/database.ts';
import { type IssuedToken, insertAccessToken } from '../store/issued-tokens.ts';
import { glassParties, refuseEndedGlass } from './break-glass.ts';
import { type ClientDeps, clientAdapter } from './client-adapter.ts';
import { type AppOf, readApp } from './clients.ts';
import { credentialOf } from './credential-use.ts';
import { scopeAtUserinfo, userinfoOf } from './login-only.ts';
import { payloadAdapter } from './payload-adapter.ts';
import { replayAdapter, replayed, takeUse } from './replay-adapter.ts';
import { runningRequestId } from './running-request.ts';
import { sessionAdapter } from './session-adapter.ts';
import { refusing } from './unsupported.ts';

export function createAdapter(store: Store, appOf: AppOf, clients: ClientDeps): (model: string) => Adapter {
  return (model) => {
    if (model === 'Client') return clientAdapter(store, clients);
    if (model === 'ReplayDetection') return replayAdapter(store);
    if (model === 'AccessToken' || model === 'ClientCredentials') {
      return accessTokens(store, model, clients);
    }
    const kept = payloadAdapter(store, appOf, model);
    return model === 'Session' ? sessionAdapter(store, kept) : kept;
  };
}

type TokenKind = 'AccessToken' | 'ClientCredentials';

function accessTokens(store: Store, kind: TokenKind, { issuer, networkOf }: ClientDeps): Adapter {
  const userinfo = userinfoOf(issuer);
  return {
    ...refusing,
    upsert: async (token, { jti: _, iat: _issued, exp: _expires, extra = {}, ...payload }, expiresIn) => {
      const { clientId, scope, accountId, grantId, sessionUid, expiresWithSession } = payload;
      // Without an audience the provider means its own userinfo; tokens.ts refuses one that should have had another.
      const aud = payload.aud ?? (kind === 'AccessToken' ? userinfo : undefined);
      const purpose = extra.purpose_of_use;
      if (!clientId || !scope || !expiresIn || typeof aud !== 'string' || typeof purpose !== 'string') {
        throw new Error('an access token must have a client, an audience, a scope, a purpose and an end');
      }
      const { ctx } = Provider;
      const app = await readApp(store, clientId);
      if (app === undefined) throw new Error('an access token is issued to a registered client');
      const keyId = ctx && credentialOf(ctx);
      const issued: IssuedToken = {
        token,
        kind,
        clientId,
        keyId,
        // Of who proves who it is alone: where people are is not kept.
        network: ctx && keyId !== undefined ? networkOf(ctx.req) : undefined,
        grantId,
        ...(kind === 'ClientCredentials' ? await glassParties(store, extra) : { accountId }),
        sessionUid: expiresWithSession ? sessionUid : undefined,
        audience: aud,
        scope,
        purpose,
        extra,
        payload,
        expiresIn,
        clock: app.clock,
      };
      const once = ctx && takeUse(ctx);
      if (!(await insertAccessToken(store, issued, runningRequestId(), once))) throw replayed();
      await refuseEndedGlass(store, extra, token);
    },
    find: async (token) => {
      const atUserinfo = Provider.ctx?.oidc.route === 'userinfo';
      const scope = atUserinfo ? await scopeAtUserinfo(store, token, userinfo) : undefined;
      if (atUserinfo && scope === undefined) return undefined;
      const payload = await findAccessToken(store, kind, token);
      if (payload === undefined) return undefined;
      return { ...payload, ...(atUserinfo ? { scope } : {}), jti: token } as AdapterPayload;
    },
    destroy: (token) => revokeAccessToken(store, token, runningRequestId()),
  };
}
