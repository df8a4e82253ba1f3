// Where patients are led to an identity provider: without an invitation, and where an app or a purpose asks for more than
// their passkey proves.
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Prompt } from '../provider/prompts.ts';
import { findApp } from '../store/apps.ts';
import { PageError } from '../web/page-error.ts';
import { allowFormAction } from '../web/security-headers.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';

/** RFC 9470 §5. */
const UNMET = {
  error: 'unmet_authentication_requirements',
  error_description: 'the patient did not prove who she is',
};

/** What the sign-in page offers who comes for the first time; null: nothing. */
export function enrolOffer({ proofing }: PatientDeps, url: string) {
  if (!proofing.available) return null;
  const [first, ...more] = proofing.providers;
  return { url, provider: more.length === 0 ? (first?.name ?? null) : null };
}

export async function showProofing(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<void> {
  const { store, pages, prompts, proofing } = deps;
  const done = await proofing.proofed(ctx, 'raise');
  if (done !== undefined && done.patientId === prompt.accountId)
    return seeOther(ctx, await prompts.resumed(ctx));
  const base = `/interaction/${prompt.uid}/proofing`;
  const app = await findApp(store, prompt.clientId);
  allowFormAction(ctx, prompt.redirectUri);
  pages.renderPage(ctx, 'prove-for-app', {
    appName: app?.name ?? '',
    choices: proofing.providers.map(({ id, name }) => ({ name, url: `${base}/${id}` })),
    actionUrl: base,
  });
}

export function proofingRoutes(deps: PatientDeps): Router {
  const { prompts, pages, forms, proofing } = deps;
  const router = new Router();

  const asked = async (ctx: Context, name: string) => {
    const prompt = await prompts.read(ctx);
    pages.localeOf(ctx, prompt.uiLocales);
    if (prompt.name !== name) throw new PageError(400, 'expired');
    return prompt;
  };

  router.get('/my/enrol', (ctx) => proofing.begin(ctx, { reason: 'enrol', next: '/my' }));

  router.get('/interaction/:uid/enrol', async (ctx) => {
    const { uid } = await asked(ctx, 'login');
    await proofing.begin(ctx, { reason: 'enrol', next: `/interaction/${uid}` });
  });

  router.get('/interaction/:uid/proofing/:provider', async (ctx) => {
    const { uid, accountId: patientId, level } = await asked(ctx, 'proofing');
    if (patientId === undefined || level === undefined) throw new PageError(400, 'expired');
    const next = `/interaction/${uid}`;
    const providerId = String(ctx.params.provider);
    await proofing.begin(ctx, { reason: 'raise', patientId, level, next, providerId });
  });

  router.post('/interaction/:uid/proofing', async (ctx) => {
    forms.assertForm(ctx);
    const prompt = await asked(ctx, 'proofing');
    const { accountId, purpose } = prompt;
    const about = { accountId, ...(purpose === undefined ? {} : { purpose }) };
    seeOther(ctx, await prompts.declined(ctx, prompt, about, UNMET));
  });

  return router;
}
