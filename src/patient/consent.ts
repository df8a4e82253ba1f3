import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { choosePurpose } from '../policy/authorization.ts';
import { underWatch, watchEndsAt } from '../policy/watch.ts';
import { watchedRequest } from '../policy/watched-request.ts';
import type { Prompt } from '../provider/prompts.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { type ConsentRequest, grantedScopes } from '../smart/consent-choices.ts';
import { formatScopes, parseScopes } from '../smart/scope.ts';
import { type App, findApp } from '../store/apps.ts';
import { findLiveConsent } from '../store/consents.ts';
import { sha256Hex } from '../store/hash.ts';
import { findPatient } from '../store/patients.ts';
import { findWatchFacts } from '../store/recoveries.ts';
import { PageError } from '../web/page-error.ts';
import { allowFormAction } from '../web/security-headers.ts';
import { textField, textFields } from '../web/text-field.ts';
import { type Duration, defaultDuration, offeredDurations } from './consent-durations.ts';
import { type ConsentFacts, consentView } from './consent-view.ts';
import type { PatientDeps } from './deps.ts';
import { countRecord } from './record-counts.ts';
import { type RecordMeant, recordMeant } from './record-meant.ts';

interface Question {
  readonly organizationId: string;
  readonly clock: number;
  readonly request: ConsentRequest;
  readonly purpose: string;
  readonly record: RecordMeant;
  readonly durations: readonly Duration[];
  readonly facts: ConsentFacts;
}

export async function showConsent(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<void> {
  const { facts, record, request } = await question(deps, prompt);
  const { accountId = '', audience } = prompt;
  const about = { audience, fhirId: record.fhirId, accountId, patientId: record.patientId };
  const counts = await countRecord(deps, { ...about, choices: request.choices });
  render(deps, ctx, prompt, { ...facts, counts });
}

/** One decision: agree to what was ticked, or decline. Answers with the address to go on to. */
export async function decideConsent(
  deps: PatientDeps,
  ctx: Context,
  prompt: Prompt,
): Promise<string | undefined> {
  deps.forms.assertForm(ctx);
  const asked = await question(deps, prompt);
  const { organizationId, clock, request, purpose, record, durations, facts } = asked;
  const { patientId, representationId } = record;
  const decision = textField(ctx, 'decision');
  if (decision === 'deny') {
    return deps.prompts.declined(ctx, prompt, { accountId: prompt.accountId, patientId, purpose });
  }
  if (decision !== 'share') throw new PageError(400, 'bad-request');
  const choiceIds = new Set(textFields(ctx, 'choice'));
  const askedDuration = textField(ctx, 'duration');
  const duration = durations.find(({ id }) => id === askedDuration);
  const granted = grantedScopes(request, choiceIds, duration?.id !== 'once');
  if (granted === undefined) throw new PageError(400, 'bad-request');
  if (duration === undefined || (choiceIds.size === 0 && request.choices.length > 0)) {
    const problem = duration === undefined ? 'no-duration' : 'nothing-chosen';
    const submitted = { choiceIds, duration: askedDuration, problem } as const;
    render(deps, ctx, prompt, { ...facts, submitted }, 422);
    return undefined;
  }
  // Another organization that asks, another purpose or record: she has not read that.
  if (textField(ctx, 'basis') !== facts.basis) {
    const submitted = { choiceIds, duration: duration.id, problem: 'changed' } as const;
    render(deps, ctx, prompt, { ...facts, submitted }, 409);
    return undefined;
  }
  return deps.prompts.agreed(ctx, prompt, {
    id: randomUUID(),
    organizationId,
    patientId,
    representationId,
    purpose,
    grantedScope: formatScopes(granted),
    choices: [...choiceIds],
    launchContext: { patient: record.fhirId },
    locale: deps.pages.localeOf(ctx),
    decidedAt: facts.now,
    clock,
    expiresAt: duration.endsAt,
    tell: async (tx, receipt) => {
      const values = { app: facts.app.name, receipt, endsOn: duration.endsAt.toISOString().slice(0, 10) };
      for (const told of new Set([patientId, prompt.accountId ?? patientId]))
        await tellPatient(tx, { type: 'patient.app_connected', patientId: told, values });
    },
  });
}

function render(deps: PatientDeps, ctx: Context, prompt: Prompt, facts: ConsentFacts, status = 200): void {
  const locale = deps.pages.localeOf(ctx, prompt.uiLocales);
  allowFormAction(ctx, prompt.redirectUri);
  deps.pages.renderPage(ctx, 'consent', consentView(facts, deps.pages.translate(ctx), locale), status);
}

async function question(deps: PatientDeps, prompt: Prompt): Promise<Question> {
  const { store, operatorName } = deps;
  const { accountId, clientId, uid } = prompt;
  if (accountId === undefined) throw new PageError(400, 'expired');
  // Before all else that is asked for: its revocation clock is kept with the decision.
  const app = await findApp(store, clientId);
  const [account, record, watch] = await Promise.all([
    findPatient(store, accountId),
    recordMeant(deps, prompt, accountId),
    findWatchFacts(store, accountId),
  ]);
  if (app === undefined) throw new PageError(403, 'app-refused');
  // SMART scopes-and-launch-context, "Patient-specific scopes": without a patient they mean nothing, so nobody is asked.
  if (account === null || record === undefined) throw new PageError(403, 'no-record');
  const purpose = choosePurpose(prompt.purpose, app.purposes);
  if ('reason' in purpose) throw new PageError(403, 'app-refused');
  const { now } = app;
  const until = watchEndsAt(watch);
  const isWatched = underWatch(watch, now);
  const asked = watchedRequest(parseScopes(prompt.scope).scopes, record.limit, isWatched);
  const { request, leftOut, heldBack } = asked;
  const durations = offeredDurations({
    ...app,
    ...{ offline: request.offline, representationEndsAt: record.limit?.endsAt ?? null },
  });
  const previous = await findLiveConsent(
    store,
    {
      ...{ accountId, patientId: record.patientId, appId: clientId, purpose: purpose.value },
      organizationId: app.organizationId,
    },
    now,
  );
  const facts: ConsentFacts = {
    accountName: account.name,
    patientName: record.name ?? account.name,
    self: record.representationId === null,
    app: { ...app, websiteHost: new URL(app.websiteUrl).host },
    operatorName,
    purposeOfUse: purpose.value,
    request,
    leftOut,
    ...(until === null ? {} : { watch: { heldBack, until } }),
    previous:
      previous === null ? null : { agreedAt: previous.decidedAt, choiceIds: new Set(previous.choices) },
    durations,
    defaultDuration: defaultDuration(durations),
    now,
    actionUrl: `/interaction/${uid}/consent`,
    basis: basisOf(prompt, app, { record, purpose: purpose.value }),
    switchUrl: `/interaction/${uid}/switch`,
  };
  const { organizationId, clock } = app;
  return { organizationId, clock, request, purpose: purpose.value, record, durations, facts };
}

interface About {
  readonly record: RecordMeant;
  readonly purpose: string;
}

/** What she reads above her choices, each of which is checked by itself. */
function basisOf({ accountId, audience }: Prompt, app: App, { record, purpose }: About): string {
  const { id, name, organizationId, organizationName, purposeStatement, websiteUrl, platform } = app;
  const who = [id, name, organizationId, organizationName, purposeStatement, websiteUrl, platform?.id];
  const { patientId, representationId } = record;
  return sha256Hex(JSON.stringify([accountId, patientId, representationId, audience, purpose, ...who]));
}
