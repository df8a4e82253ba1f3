// Sessions as the provider keeps them. It saves one with each request; what is as it was found is not written again.
import { isDeepStrictEqual } from 'node:util';
import { type Adapter, Provider } from 'oidc-provider';

/** As JSON, since what was found is changed in place. */
const found = new WeakMap<object, { readonly id: string; readonly text: string }>();

export function sessionAdapter(kept: Adapter): Adapter {
  return {
    ...kept,
    find: async (id) => {
      const payload = await kept.find(id);
      const { ctx } = Provider;
      if (payload && ctx !== undefined) found.set(ctx.req, { id, text: JSON.stringify(payload) });
      return payload;
    },
    upsert: async (id, payload, expiresIn) => {
      const before = Provider.ctx && found.get(Provider.ctx.req);
      // Its end is a member of it.
      const same = before?.id === id && isDeepStrictEqual(plain(payload), JSON.parse(before.text));
      if (!same) await kept.upsert(id, payload, expiresIn);
    },
  };
}

const plain = (payload: object): unknown => JSON.parse(JSON.stringify(payload));
