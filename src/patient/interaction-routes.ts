import Router from '@koa/router';
import type { Context } from 'koa';
import { findApp } from '../store/apps.ts';
import { PageError } from '../web/page-error.ts';
import { decideConsent, showConsent } from './consent.ts';
import type { PatientDeps } from './deps.ts';
import { sendSignInOptions, whoSignsIn } from './passkey-sign-in.ts';

/** What the patient sees next is decided here, from the name of the prompt; steps never route to one another. */
export function interactionRoutes(deps: PatientDeps): Router {
  const { prompts, pages, forms, sessions, store } = deps;
  const router = new Router();

  // Before anything can fail: a refusal, too, is in the language of its request (OpenID Connect Core §3.1.2.1).
  const read = async (ctx: Context) => {
    const prompt = await prompts.read(ctx);
    pages.localeOf(ctx, prompt.uiLocales);
    return prompt;
  };

  router.get('/interaction/:uid', async (ctx) => {
    const prompt = await read(ctx);
    if (prompt.name === 'consent') return showConsent(deps, ctx, prompt);
    if (prompt.name !== 'login') throw new PageError(400, 'bad-request');
    const base = `/interaction/${prompt.uid}/passkey`;
    const appName = (await findApp(store, prompt.clientId))?.name ?? null;
    pages.renderPage(ctx, 'sign-in', { appName, optionsUrl: `${base}/options`, verifyUrl: base });
  });

  router.post('/interaction/:uid/passkey/options', async (ctx) => {
    await read(ctx);
    await sendSignInOptions(deps, ctx);
  });

  router.post('/interaction/:uid/passkey', async (ctx) => {
    await read(ctx);
    const { patientId, amr } = await whoSignsIn(deps, ctx);
    ctx.body = { next: await prompts.signedIn(ctx, patientId, amr) };
  });

  router.post('/interaction/:uid/consent', async (ctx) => {
    const prompt = await read(ctx);
    if (prompt.name !== 'consent') throw new PageError(400, 'expired');
    const next = await decideConsent(deps, ctx, prompt);
    if (next === undefined) return;
    // RFC 9700 §4.12: 303, so that the form is not sent on.
    ctx.status = 303;
    ctx.redirect(next);
  });

  router.post('/interaction/:uid/switch', async (ctx) => {
    await read(ctx);
    forms.assertForm(ctx);
    const next = await prompts.forgotten(ctx);
    await sessions.signOut(ctx);
    ctx.status = 303;
    ctx.redirect(next);
  });

  return router;
}
