// The jti of assertions: of several uses of one the insert lets one pass (RFC 7523 §3). Nothing is looked up before it:
// what was not there a moment ago is no proof that a jti is new.
import { type Adapter, errors } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { recordUse } from '../store/oidc-payloads.ts';
import { refusing, unsupported } from './unsupported.ts';

export function replayAdapter(store: Store): Adapter {
  return {
    ...refusing,
    upsert: async (id, _payload, expiresIn) => {
      if (expiresIn === undefined) return unsupported();
      if (await recordUse(store, 'ReplayDetection', id, expiresIn)) return;
      throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
    find: async () => undefined,
  };
}
