import Router from '@koa/router';
import type { Context } from 'koa';
import { browserHash } from '../passkeys/page-ceremony.ts';
import { findAttempt } from '../store/proofing-attempts.ts';
import { PageError } from '../web/page-error.ts';
import { receiveCallback } from './callback.ts';
import { depart } from './departure.ts';
import type { TrustDeps } from './deps.ts';
import { enrol, sendEnrolmentOptions, showEnrolment } from './enrolment.ts';
import { createProofing } from './proofing.ts';

export function trustRoutes(deps: TrustDeps): Router {
  const { store, pages, providers } = deps;
  const proofing = createProofing(deps);
  const router = new Router();

  const here = async (ctx: Context) => {
    const attempt = await findAttempt(store, String(ctx.params.id), browserHash(deps, ctx));
    if (attempt === null) throw new PageError(410, 'proofing-ended');
    return attempt;
  };

  router.get('/proofing/callback/:provider', (ctx) => receiveCallback(deps, ctx));

  router.get('/proofing/:id', async (ctx) => {
    const { id, reason, next } = await here(ctx);
    const choices = providers.map(({ id: providerId, name }) => ({
      name,
      url: `/proofing/${id}/to/${providerId}`,
    }));
    pages.renderPage(ctx, 'prove-identity', { reason, choices, backUrl: next });
  });

  router.get('/proofing/:id/to/:provider', async (ctx) => {
    await depart(deps, ctx, await here(ctx), String(ctx.params.provider));
  });

  router.get('/proofing/:id/again', async (ctx) => {
    const { reason, level, patientId, next } = await here(ctx);
    const asked = { reason: reason as 'enrol', level: level as 'IAL2', next };
    await proofing.begin(ctx, { ...asked, ...(patientId === null ? {} : { patientId }) });
  });

  router.get('/proofing/:id/passkey', (ctx) => showEnrolment(deps, ctx));
  router.post('/proofing/:id/passkey/options', (ctx) => sendEnrolmentOptions(deps, ctx));
  router.post('/proofing/:id/passkey', (ctx) => enrol(deps, ctx));

  return router;
}
