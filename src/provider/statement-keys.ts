// The public keys with which statements of ours were ever signed: receipts of offboardings, evidence of campaigns,
// checkpoints of the audit. /jwks names those that sign tokens now; what is kept for years is checked with these. No token
// is: whoever accepts tokens reads /jwks alone.
import Router from '@koa/router';
import type { Store } from '../store/database.ts';
import { type KeptSigningKey, listSigningKeys } from '../store/signing-keys.ts';
import { anyOriginPreflight } from './cors.ts';

export const STATEMENT_KEYS_PATH = '/statement-keys';

/** Anybody may ask, and to read them opens every key that there was. */
const KEPT_MS = 60_000;

/** RFC 7517 §4: nothing but what is public, and `exp`, a member of ours: what was signed later was not signed by us. */
const published = ({ jwk: { kty, kid, alg, n, e }, retiredAt }: KeptSigningKey) => ({
  ...{ kty, kid, alg, n, e, key_ops: ['verify'] },
  ...(retiredAt === null ? {} : { exp: Math.floor(retiredAt.getTime() / 1_000) }),
});

export function statementKeyRoutes(store: Store, secret: string): Router {
  const read = async () => {
    const keys = await listSigningKeys(store, secret, { retired: true });
    return JSON.stringify({ keys: keys.map(published) });
  };
  let kept: { readonly set: Promise<string>; readonly until: number } | undefined;
  const recent = () => {
    if (kept !== undefined && Date.now() < kept.until) return kept.set;
    const fresh = { set: read(), until: Date.now() + KEPT_MS };
    kept = fresh;
    fresh.set.catch(() => {
      // What failed is asked for again.
      if (kept === fresh) kept = undefined;
    });
    return fresh.set;
  };
  const router = new Router();
  router.options(STATEMENT_KEYS_PATH, anyOriginPreflight);
  router.get(STATEMENT_KEYS_PATH, async (ctx) => {
    ctx.set({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-cache' });
    // RFC 7517 §8.5.2.
    ctx.type = 'application/jwk-set+json';
    ctx.body = await recent();
  });
  return router;
}
