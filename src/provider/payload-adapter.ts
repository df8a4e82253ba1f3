// The provider's codes, refresh tokens, sessions, interactions and grants over our table. Single use is decided by the
// database; reuse and standing are judged as soon as a code or refresh token is presented.
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Withdrawer } from '../audit-event.ts';
import type { Reason } from '../errors.ts';
import type { App } from '../store/apps.ts';
import { endGrants } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import {
  consumePayload,
  findPayload,
  findPayloadByUid,
  type Payload,
  revokePayload,
  type StoredPayload,
  savePayload,
} from '../store/oidc-payloads.ts';
import { readAccount } from './accounts.ts';
import { withBearers, withoutBearers } from './bearer-free-payload.ts';
import type { AppOf } from './clients.ts';
import { ownScope, stillHeld } from './held-scope.ts';
import { answerAgain, earlierAnswer } from './refresh-retry.ts';
import { PolicyRefusal } from './refusals.ts';
import { runningRequestId } from './running-request.ts';
import { readConsent } from './tokens.ts';
import { refusing, unsupported } from './unsupported.ts';

export function payloadAdapter(store: Store, appOf: AppOf, model: string): Adapter {
  const restore = (id: string, row: StoredPayload) => ({
    ...withBearers(id, row.payload),
    ...(row.consumedAt === null ? {} : { consumed: Math.floor(row.consumedAt.getTime() / 1_000) }),
  });
  return {
    ...refusing,
    upsert: async (id, payload, expiresIn) => {
      if (expiresIn === undefined) return unsupported();
      const kept = ownScope(model, withoutBearers(id, payload as Payload));
      // Neither the grammar of RFC 6749 appendix A nor jsonb has U+0000.
      if (JSON.stringify(kept).includes('\\u0000')) throw new errors.InvalidRequest('U+0000 is not accepted');
      return savePayload(store, model, id, kept, expiresIn);
    },
    find: async (id) => {
      const row = await findPayload(store, model, id);
      const app = model in replays ? await judgePresenter(store, appOf, { model, id, row }) : undefined;
      if (row === undefined) return undefined;
      const payload = restore(id, row);
      const own = app !== undefined && app.id === payload.clientId;
      if (!own) return payload as AdapterPayload;
      const consent = payload.grantId === undefined ? undefined : await readConsent(store, payload.grantId);
      return stillHeld(payload, app, consent) as AdapterPayload;
    },
    findByUid: async (uid) => {
      const row = await findPayloadByUid(store, model, uid);
      return row === undefined ? undefined : (row.payload as AdapterPayload);
    },
    consume: async (id) => {
      if (await consumePayload(store, model, id)) return;
      // A parallel loser: standing was judged when it presented the token.
      answerAgain(model === 'RefreshToken' ? await earlierAnswer(store, id, new Date()) : undefined);
    },
    destroy: async (id) => {
      if (model === 'Grant') {
        await endGrants(store, [id], { by: withdrawer() }, runningRequestId());
        return;
      }
      // RFC 7009 §2.1: the grant ends in the next step, and every refresh token with it.
      if (model === 'RefreshToken' && Provider.ctx?.oidc.route === 'revocation') return;
      // A form sent twice resumes one interaction twice: only the first goes on.
      if (!(await revokePayload(store, model, id)) && model === 'Interaction') {
        throw new errors.InvalidRequest('this step was already completed');
      }
    },
  };
}

interface Presented {
  readonly model: string;
  /** The code or refresh token. */
  readonly id: string;
  readonly row: StoredPayload | undefined;
}

const replays: Readonly<Record<string, Reason>> = {
  AuthorizationCode: 'code_replayed', // RFC 6749 §4.1.2
  RefreshToken: 'refresh_token_replayed', // RFC 9700 §4.14.2
};

// Reuse is found before anything else is judged, so that no other fault of the request hides it. Standing is judged
// before the code or token is consumed, so that an app or EHR whose standing is put right goes on where it was.
async function judgePresenter(
  store: Store,
  appOf: AppOf,
  { model, id, row }: Presented,
): Promise<App | undefined> {
  const { ctx } = Provider;
  const client = ctx?.oidc.client;
  if (ctx?.oidc.route !== 'token' || client === undefined) return undefined;
  const { grantId, clientId, accountId } = row?.payload ?? {};
  const reason = replays[model];
  const used = row?.consumedAt && clientId === client.clientId ? row.consumedAt : undefined;
  const answer = used && model === 'RefreshToken' ? await earlierAnswer(store, id, used) : undefined;
  if (used && reason && grantId && answer === undefined) {
    await endGrants(store, [grantId], { by: 'replay' }, runningRequestId());
    throw new PolicyRefusal(reason);
  }
  const app = await appOf(ctx, client);
  const account = accountId === undefined ? undefined : await readAccount(store, accountId);
  if ((account?.ehrUser?.ehrSuspendedAt ?? null) !== null) {
    throw new errors.InvalidGrant('the EHR that opened the app is suspended');
  }
  if (answer !== undefined) answerAgain(answer);
  return app;
}

function withdrawer(): Withdrawer {
  const route = Provider.ctx?.oidc.route;
  if (route === 'revocation') return 'app';
  return route === 'token' ? 'replay' : 'sign_out';
}
