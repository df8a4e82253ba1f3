// The public keys with which statements of ours were ever signed: receipts of offboardings, evidence of campaigns,
// checkpoints of the audit. /jwks names those that sign tokens now; what is kept for years is checked with these. No token
// is: whoever accepts tokens reads /jwks alone.
import Router from '@koa/router';
import type { JWK } from 'jose';
import type { Store } from '../store/database.ts';
import { anyOriginPreflight } from './cors.ts';
import { readEverySigningKey } from './keys.ts';

export const STATEMENT_KEYS_PATH = '/statement-keys';

/** RFC 7517 §4: nothing but what is public. */
const published = ({ kty, kid, alg, n, e }: JWK) => ({ kty, kid, alg, n, e, key_ops: ['verify'] });

export function statementKeyRoutes(store: Store, secret: string): Router {
  const router = new Router();
  router.options(STATEMENT_KEYS_PATH, anyOriginPreflight);
  router.get(STATEMENT_KEYS_PATH, async (ctx) => {
    ctx.set({ 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-cache' });
    const keys = await readEverySigningKey(store, secret);
    // RFC 7517 §8.5.2.
    ctx.type = 'application/jwk-set+json';
    ctx.body = JSON.stringify({ keys: keys.map(published) });
  });
  return router;
}
