import Router from '@koa/router';
import { sendSignInOptions } from '../passkeys/page-ceremony.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';
import { signalsFor } from './device-signals.ts';
import { ownPath } from './own-path.ts';
import { afterSignIn } from './passkey-offers.ts';
import { whoSignsIn } from './passkey-sign-in.ts';

/** Signing in on our own pages, and out again. */
export function signInRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, sessions } = deps;
  const router = new Router();

  router.post('/my/passkey/options', (ctx) => sendSignInOptions(deps, ctx));

  router.post('/my/passkey', async (ctx) => {
    const { patientId, shown } = await whoSignsIn(deps, ctx);
    await sessions.signIn(ctx, patientId, shown);
    const asked = ownPath(ctx.query.next);
    const next = asked === '/my' ? await afterSignIn(deps, ctx, { patientId, ...shown }) : asked;
    ctx.body = { next, device: await signalsFor(deps, patientId) };
  });

  router.post('/my/sign-out', async (ctx) => {
    forms.assertForm(ctx);
    const patientId = await sessions.accountOf(ctx);
    await sessions.signOut(ctx);
    if (patientId !== undefined) {
      await appendAuditEvent(
        store.prisma,
        { type: 'patient.signed_out', accountId: patientId, patientId },
        requestId(),
      );
    }
    pages.renderPage(ctx, 'signed-out', { signInUrl: '/my' });
  });

  return router;
}
