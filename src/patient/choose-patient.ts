import type { Context } from 'koa';
import type { Prompt } from '../provider/prompts.ts';
import { findApp } from '../store/apps.ts';
import { findPatient, findRecordId } from '../store/patients.ts';
import { listRepresented } from '../store/representations.ts';
import { PageError } from '../web/page-error.ts';
import { allowFormAction } from '../web/security-headers.ts';
import { textField } from '../web/text-field.ts';
import { type ChoosePatientFacts, choosePatientView, SELF } from './choose-patient-view.ts';
import type { PatientDeps } from './deps.ts';

export async function showPatientChoice(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<void> {
  render(deps, ctx, prompt, await facts(deps, prompt));
}

/** Whose record the request is about. Answers with the address to go on to. */
export async function choosePatient(
  deps: PatientDeps,
  ctx: Context,
  prompt: Prompt,
): Promise<string | undefined> {
  deps.forms.assertForm(ctx);
  const [record, decision] = [textField(ctx, 'record'), textField(ctx, 'decision')];
  const asked = await facts(deps, prompt);
  if (decision === 'deny') return deps.prompts.declined(ctx, prompt, { accountId: prompt.accountId });
  if (decision !== 'continue') throw new PageError(400, 'bad-request');
  if (record === SELF && asked.hasRecord) return deps.prompts.chosePatient(ctx, null);
  const chosen = asked.represented.find(({ representationId }) => representationId === record);
  if (chosen !== undefined) return deps.prompts.chosePatient(ctx, chosen.representationId);
  if (record !== '') throw new PageError(400, 'bad-request');
  render(deps, ctx, prompt, { ...asked, problem: true }, 422);
  return undefined;
}

function render(
  deps: PatientDeps,
  ctx: Context,
  prompt: Prompt,
  asked: ChoosePatientFacts,
  status = 200,
): void {
  allowFormAction(ctx, prompt.redirectUri);
  const { pages } = deps;
  const view = choosePatientView(asked, pages.translate(ctx), pages.localeOf(ctx, prompt.uiLocales));
  pages.renderPage(ctx, 'choose-patient', view, status);
}

async function facts({ store, ageRules }: PatientDeps, prompt: Prompt): Promise<ChoosePatientFacts> {
  const { accountId, clientId, audience, uid } = prompt;
  if (accountId === undefined) throw new PageError(400, 'expired');
  const [app, account, recordId, represented] = await Promise.all([
    findApp(store, clientId),
    findPatient(store, accountId),
    findRecordId(store, accountId, audience),
    listRepresented(store, accountId, audience, ageRules),
  ]);
  if (app === undefined) throw new PageError(403, 'app-refused');
  if (account === null) throw new PageError(403, 'no-record');
  return {
    accountName: account.name,
    hasRecord: recordId !== undefined,
    represented,
    appName: app.name,
    actionUrl: `/interaction/${uid}/patient`,
    switchUrl: `/interaction/${uid}/switch`,
    problem: false,
  };
}
