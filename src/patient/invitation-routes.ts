import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { registrationOptions, verifyRegistration } from '../passkeys/registration.ts';
import { findOpenInvitation, openInvitation, redeemInvitation } from '../store/invitations.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';
import { browserHash, pageErrorOf } from './passkey-sign-in.ts';

const codeJson = z.object({ code: z.string().min(1).max(200) });

/** An invitation opens by a POST only: link previews, which GET, cannot use it up. The code stays out of every URL. */
export function invitationRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, relyingParty, sessions } = deps;
  const router = new Router();

  const opened = async (ctx: Context) => {
    forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    const invitation = await findOpenInvitation(store, browserHash(deps, ctx));
    if (invitation === null) throw new PageError(410, 'invitation-ended');
    return invitation;
  };

  router.get('/invitation', (ctx) => pages.renderPage(ctx, 'invitation', {}));

  router.post('/invitation/open', async (ctx) => {
    forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    const body = codeJson.safeParse((ctx.request as { body?: unknown }).body);
    if (!body.success) throw new PageError(400, 'bad-request');
    const invitation = await openInvitation(store, body.data.code, browserHash(deps, ctx), requestId());
    if (invitation === undefined) throw new PageError(410, 'invitation-ended');
    ctx.body = { name: invitation.patient.name };
  });

  router.post('/invitation/options', async (ctx) => {
    const { patient } = await opened(ctx);
    ctx.body = await registrationOptions(store, relyingParty, patient, browserHash(deps, ctx));
  });

  router.post('/invitation/verify', async (ctx) => {
    const { id, patient } = await opened(ctx);
    const { body } = ctx.request as { body?: unknown };
    const passkey = await verifyRegistration(
      store,
      relyingParty,
      patient.id,
      browserHash(deps, ctx),
      body,
    ).catch((error: unknown) => {
      throw pageErrorOf(error);
    });
    if (!(await redeemInvitation(store, id, passkey, requestId())))
      throw new PageError(410, 'invitation-ended');
    await sessions.signIn(ctx, patient.id, ['user', 'pop', passkey.backedUp ? 'swk' : 'hwk']);
    ctx.body = { next: '/enrolled' };
  });

  router.get('/enrolled', (ctx) => pages.renderPage(ctx, 'enrolled', { myAppsUrl: '/my' }));

  return router;
}
