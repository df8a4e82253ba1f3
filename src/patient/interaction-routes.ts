import Router from '@koa/router';
import type { Context } from 'koa';
import { sendSignInOptions } from '../passkeys/page-ceremony.ts';
import { findApp } from '../store/apps.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { choosePatient, showPatientChoice } from './choose-patient.ts';
import { decideConsent, showConsent } from './consent.ts';
import type { PatientDeps } from './deps.ts';
import { signalsFor } from './device-signals.ts';
import { decideEhrLaunch, showEhrLaunch } from './ehr-launch.ts';
import { decideIdentity, showIdentity } from './identity.ts';
import { whoSignsIn } from './passkey-sign-in.ts';
import { enrolOffer, showProofing } from './proofing-routes.ts';

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

  const posted = async (ctx: Context) => {
    const prompt = await read(ctx);
    forms.assertForm(ctx);
    return prompt;
  };

  /** A form answers its own question only: another one may stand there by now. */
  const answered = async (ctx: Context, name: string) => {
    const prompt = await posted(ctx);
    if (prompt.name !== name) throw new PageError(400, 'expired');
    return prompt;
  };

  router.get('/interaction/:uid', async (ctx) => {
    const prompt = await read(ctx);
    if (prompt.name === 'consent') {
      return prompt.loginOnly ? showIdentity(deps, ctx, prompt) : showConsent(deps, ctx, prompt);
    }
    if (prompt.name === 'ehr_launch') return showEhrLaunch(deps, ctx, prompt);
    if (prompt.name === 'launch_context') return showPatientChoice(deps, ctx, prompt);
    if (prompt.name === 'proofing') return showProofing(deps, ctx, prompt);
    if (prompt.name !== 'login') throw new PageError(400, 'bad-request');
    const next = await prompts.signedInMeanwhile(ctx);
    if (next !== undefined) return seeOther(ctx, next);
    const base = `/interaction/${prompt.uid}/passkey`;
    const appName = (await findApp(store, prompt.clientId))?.name ?? null;
    const enrol = enrolOffer(deps, `/interaction/${prompt.uid}/enrol`);
    pages.renderPage(ctx, 'sign-in', { appName, enrol, optionsUrl: `${base}/options`, verifyUrl: base });
  });

  router.post('/interaction/:uid/passkey/options', async (ctx) => {
    await answered(ctx, 'login');
    await sendSignInOptions(deps, ctx);
  });

  router.post('/interaction/:uid/passkey', async (ctx) => {
    await answered(ctx, 'login');
    const { patientId, shown } = await whoSignsIn(deps, ctx);
    const next = await prompts.signedIn(ctx, patientId, shown);
    ctx.body = { next, device: await signalsFor(deps, patientId) };
  });

  router.post('/interaction/:uid/consent', async (ctx) => {
    const prompt = await answered(ctx, 'consent');
    const decide = prompt.loginOnly ? decideIdentity : decideConsent;
    goOn(ctx, await decide(deps, ctx, prompt));
  });

  router.post('/interaction/:uid/patient', async (ctx) => {
    const prompt = await answered(ctx, 'launch_context');
    goOn(ctx, await choosePatient(deps, ctx, prompt));
  });

  router.post('/interaction/:uid/ehr-launch', async (ctx) => {
    const prompt = await answered(ctx, 'ehr_launch');
    goOn(ctx, await decideEhrLaunch(deps, ctx, prompt));
  });

  router.post('/interaction/:uid/switch', async (ctx) => {
    const { accountId, clientId: appId } = await posted(ctx);
    const next = await prompts.forgotten(ctx);
    await sessions.signOut(ctx);
    if (accountId !== undefined) {
      await appendAuditEvent(store.prisma, { type: 'patient.signed_out', accountId, appId }, requestId());
    }
    goOn(ctx, next);
  });

  return router;
}

/** Without an address the page itself is the answer. */
function goOn(ctx: Context, next: string | undefined): void {
  if (next !== undefined) seeOther(ctx, next);
}
