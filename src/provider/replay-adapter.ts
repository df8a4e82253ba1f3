// The jti of assertions: of several uses of one the insert lets one pass (RFC 7523 §3). Nothing is looked up before it:
// what was not there a moment ago is no proof that a jti is new. A backend service's token is stored by the same statement.
import { type Adapter, errors, type Provider as OidcProvider, Provider } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import type { SingleUse } from '../store/issued-tokens.ts';
import { recordUse } from '../store/oidc-payloads.ts';
import type { Step } from './after-answer.ts';
import { refusing, unsupported } from './unsupported.ts';

const MODEL = 'ReplayDetection';

/** Uses that are to be recorded with the token that they are for. */
const pending = new WeakMap<object, SingleUse>();

export function replayAdapter(store: Store): Adapter {
  return {
    ...refusing,
    upsert: async (id, _payload, expiresIn) => {
      if (expiresIn === undefined) return unsupported();
      const { ctx } = Provider;
      // Between the assertion and the token of client_credentials nothing is written and nobody is asked.
      if (ctx?.oidc.route === 'token' && ctx.oidc.params?.grant_type === 'client_credentials') {
        pending.set(ctx.req, { model: MODEL, id, expiresIn });
        return;
      }
      if (!(await recordUse(store, MODEL, id, expiresIn))) throw replayed();
    },
    find: async () => undefined,
  };
}

/** The use that is to be recorded with the token that this request is given. */
export function takeUse({ req }: { readonly req: object }): SingleUse | undefined {
  const use = pending.get(req);
  pending.delete(req);
  return use;
}

export const replayed = () => new errors.InvalidClientAuth('client assertion tokens must only be used once');

/** An assertion is used whatever becomes of its request; and who repeats one hears of nothing else. */
export function recordUnusedAssertion(store: Store, provider: OidcProvider): Step {
  return (ctx) => {
    const use = takeUse(ctx);
    if (use === undefined) return undefined;
    return recordUse(store, use.model, use.id, use.expiresIn).then((first) => {
      if (first) return;
      const error = replayed();
      ctx.status = error.statusCode;
      ctx.body = { error: error.error, error_description: error.error_description };
      provider.emit('grant.error', ctx, error);
    });
  };
}
