import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { choosePurpose } from '../policy/authorization.ts';
import { isLoginOnly } from '../provider/login-only.ts';
import type { Prompt } from '../provider/prompts.ts';
import { SESSION_S } from '../provider/sessions.ts';
import { type App, findApp } from '../store/apps.ts';
import { findPatient, hasRecordIn } from '../store/patients.ts';
import { PageError } from '../web/page-error.ts';
import { allowFormAction } from '../web/security-headers.ts';
import { textField } from '../web/text-field.ts';
import type { PatientDeps } from './deps.ts';
import { type IdentityFacts, identityView } from './identity-view.ts';

/** The consent of a login-only app: there is nothing to choose, only to agree or not. */
export async function showIdentity(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<void> {
  const { facts } = await question(deps, prompt);
  const locale = deps.pages.localeOf(ctx, prompt.uiLocales);
  allowFormAction(ctx, prompt.redirectUri);
  deps.pages.renderPage(ctx, 'identity', identityView(facts, deps.pages.translate(ctx), locale));
}

/** Answers with the address to go on to. */
export async function decideIdentity(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<string> {
  deps.forms.assertForm(ctx);
  const decision = textField(ctx, 'decision');
  const { app, facts } = await question(deps, prompt);
  const { purposeOfUse: purpose, now: decidedAt, endsAt: expiresAt } = facts;
  const { accountId } = prompt;
  if (decision === 'deny') {
    return deps.prompts.declined(ctx, prompt, { accountId, patientId: accountId, purpose });
  }
  if (decision !== 'share') throw new PageError(400, 'bad-request');
  return deps.prompts.agreed(ctx, prompt, {
    id: randomUUID(),
    organizationId: app.organizationId,
    patientId: accountId ?? null,
    representationId: null,
    purpose,
    grantedScope: prompt.scope,
    choices: [],
    launchContext: {},
    locale: deps.pages.localeOf(ctx),
    decidedAt,
    clock: app.clock,
    expiresAt,
  });
}

async function question(
  { store, operatorName }: PatientDeps,
  prompt: Prompt,
): Promise<{ readonly app: App; readonly facts: IdentityFacts }> {
  const { accountId, clientId, uid } = prompt;
  // Before all else that is asked for: its revocation clock is kept with the decision.
  const app = await findApp(store, clientId);
  if (app === undefined || !isLoginOnly(app)) throw new PageError(400, 'expired');
  const patient = accountId === undefined ? null : await findPatient(store, accountId);
  if (patient === null) throw new PageError(400, 'expired');
  // An app that nobody reviewed learns of invented patients only: they have a record in the sandbox.
  if (app.environment === 'sandbox' && !(await hasRecordIn(store, patient.id, 'sandbox')))
    throw new PageError(403, 'app-refused');
  const purpose = choosePurpose(prompt.purpose, app.purposes);
  if ('reason' in purpose) throw new PageError(403, 'app-refused');
  const facts: IdentityFacts = {
    accountName: patient.name,
    app: { ...app, websiteHost: new URL(app.websiteUrl).host },
    operatorName,
    purposeOfUse: purpose.value,
    name: prompt.scope.split(' ').includes('profile'),
    now: app.now,
    endsAt: new Date(app.now.getTime() + SESSION_S * 1_000),
    actionUrl: `/interaction/${uid}/consent`,
    switchUrl: `/interaction/${uid}/switch`,
  };
  return { app, facts };
}
