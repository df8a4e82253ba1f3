import Router from '@koa/router';
import type { Context } from 'koa';
import { sendSignInOptions, verifySignIn } from '../passkeys/page-ceremony.ts';
import { PageError } from '../web/page-error.ts';
import type { PatientDeps } from './deps.ts';
import { signalsFor } from './device-signals.ts';
import { ownPath } from './own-path.ts';
import { nobodyBut } from './passkey-sign-in.ts';
import { signedInPatient, whoIsSignedIn } from './signed-in.ts';

const asked = (ctx: Context): string => ownPath(ctx.query.next);
const withNext = (path: string, ctx: Context) => `${path}?${new URLSearchParams({ next: asked(ctx) })}`;

/** Her passkey again, before something that counts; who is not signed in signs in here. */
export function verifyRoutes(deps: PatientDeps): Router {
  const { pages, sessions, forms } = deps;
  const router = new Router();

  router.get('/my/verify', async (ctx) => {
    const patient = await whoIsSignedIn(deps, ctx);
    if (patient === undefined) {
      const urls = { optionsUrl: '/my/passkey/options', verifyUrl: withNext('/my/passkey', ctx) };
      return pages.renderPage(ctx, 'sign-in', { appName: null, ...urls });
    }
    pages.renderPage(ctx, 'verify', {
      name: patient.name,
      optionsUrl: '/my/verify/options',
      verifyUrl: withNext('/my/verify', ctx),
      backUrl: '/my',
    });
  });

  router.post('/my/verify/options', async (ctx) => {
    const { id: patientId } = await signedInPatient(deps, ctx);
    await sendSignInOptions(deps, ctx, { patientId });
  });

  router.post('/my/verify', async (ctx) => {
    forms.assertForm(ctx);
    const { id } = await signedInPatient(deps, ctx);
    const shown = await verifySignIn(deps, ctx, nobodyBut(id));
    if (!(await sessions.freshen(ctx, id, shown))) throw new PageError(401, 'signed-out');
    ctx.body = { next: asked(ctx), device: await signalsFor(deps, id) };
  });

  return router;
}
