import Router from '@koa/router';
import type { PatientDeps } from './deps.ts';
import { ADD_URL } from './passkey-offers.ts';
import { SECURITY_URL } from './security-view.ts';

/** W3C "A Well-Known URL for Relying Party Passkey Endpoints": where password managers lead people to. */
export function passkeyEndpoints({ relyingParty: { origin } }: PatientDeps): Router {
  const router = new Router();
  router.get('/.well-known/passkey-endpoints', (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=3600');
    ctx.body = { enroll: `${origin}${ADD_URL}`, manage: `${origin}${SECURITY_URL}` };
  });
  return router;
}
