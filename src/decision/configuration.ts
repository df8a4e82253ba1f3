// AuthZEN §9: where decisions are asked for.
import Router from '@koa/router';
import { DECISION_PATHS } from './endpoint.ts';

export function decisionConfiguration(issuer: string): Router {
  const router = new Router();
  router.get('/.well-known/authzen-configuration', (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=3600');
    // Whatever Accept says (AuthZEN §9.2.2).
    ctx.type = 'application/json';
    ctx.body = {
      policy_decision_point: issuer,
      access_evaluation_endpoint: `${issuer}${DECISION_PATHS.evaluation}`,
      access_evaluations_endpoint: `${issuer}${DECISION_PATHS.evaluations}`,
    };
  });
  return router;
}
