// Sessions as the provider keeps them. It saves one with each request; what is as it was found is not written again, and
// a session gets its next id in one step.
import { isDeepStrictEqual } from 'node:util';
import { type Adapter, Provider } from 'oidc-provider';
import { moveSession } from '../store/account-sessions.ts';
import type { Store } from '../store/database.ts';
import { endSession } from '../store/ended-sessions.ts';
import type { Payload } from '../store/oidc-payloads.ts';
import { withoutBearers } from './bearer-free-payload.ts';

/** As JSON, since what was found is changed in place. */
const found = new WeakMap<object, { readonly id: string; readonly text: string }>();

/** The next id of a session, and the one that it leaves. */
const moves = new Map<string, string>();

/** The id under which the session is saved next. */
export function moveTo(session: { jti: string }, id: string): void {
  moves.set(id, session.jti);
  session.jti = id;
}

export function sessionAdapter(store: Store, kept: Adapter): Adapter {
  return {
    ...kept,
    find: async (id) => {
      const payload = await kept.find(id);
      const { ctx } = Provider;
      if (payload && ctx !== undefined) found.set(ctx.req, { id, text: JSON.stringify(payload) });
      return payload;
    },
    destroy: async (id) => {
      const session = Provider.ctx?.oidc.session as { jti: string; oldId?: string } | undefined;
      // The provider ends the id that it leaves before it saves the next one.
      if (session?.oldId === id) moves.set(session.jti, id);
      else await endSession(store, id);
    },
    upsert: async (id, payload, expiresIn) => {
      const from = moves.get(id);
      moves.delete(id);
      if (from !== undefined && expiresIn !== undefined) {
        const moved = { to: id, payload: withoutBearers(id, payload as Payload), expiresIn };
        await moveSession(store, from, moved);
        return;
      }
      const before = Provider.ctx && found.get(Provider.ctx.req);
      // Its end is a member of it.
      const same = before?.id === id && isDeepStrictEqual(plain(payload), JSON.parse(before.text));
      if (!same) await kept.upsert(id, payload, expiresIn);
    },
  };
}

const plain = (payload: object): unknown => JSON.parse(JSON.stringify(payload));
