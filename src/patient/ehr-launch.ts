import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import { choosePurpose } from '../policy/authorization.ts';
import type { Prompt } from '../provider/prompts.ts';
import { consentRequest } from '../smart/consent-choices.ts';
import type { LaunchContext } from '../smart/launch-context.ts';
import { formatScopes, parseScopes, type Scope } from '../smart/scope.ts';
import { findApp } from '../store/apps.ts';
import { findUsedLaunch } from '../store/launch-contexts.ts';
import { findPatientOfRecord } from '../store/patients.ts';
import { PageError } from '../web/page-error.ts';
import { allowFormAction } from '../web/security-headers.ts';
import { textField } from '../web/text-field.ts';
import { type Duration, offeredDurations } from './consent-durations.ts';
import type { PatientDeps } from './deps.ts';
import { type EhrLaunchFacts, ehrLaunchView } from './ehr-launch-view.ts';

interface Launch {
  /** Who answers for the app. */
  readonly organizationId: string;
  readonly clock: number;
  /** The EHR's user: whom the tokens are for. */
  readonly accountId: string;
  /** The patient in context, where she has an account here. */
  readonly patientId: string | null;
  readonly context: LaunchContext;
  readonly purpose: string;
  readonly granted: readonly Scope[];
  readonly duration: Duration;
  readonly facts: EhrLaunchFacts;
}

export async function showEhrLaunch(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<void> {
  const { facts } = await launchOf(deps, prompt);
  const locale = deps.pages.localeOf(ctx, prompt.uiLocales);
  allowFormAction(ctx, prompt.redirectUri);
  deps.pages.renderPage(ctx, 'ehr-launch', ehrLaunchView(facts, deps.pages.translate(ctx), locale));
}

/** The user whom the EHR handed over goes on, or not. Answers with the address to go on to. */
export async function decideEhrLaunch(deps: PatientDeps, ctx: Context, prompt: Prompt): Promise<string> {
  deps.forms.assertForm(ctx);
  const decision = textField(ctx, 'decision');
  const launch = await launchOf(deps, prompt);
  const { accountId, patientId, purpose, facts } = launch;
  if (decision === 'deny') return deps.prompts.declined(ctx, prompt, { accountId, patientId, purpose });
  if (decision !== 'continue') throw new PageError(400, 'bad-request');
  return deps.prompts.launched(ctx, prompt, accountId, {
    id: randomUUID(),
    organizationId: launch.organizationId,
    ...{ patientId, representationId: null, purpose },
    grantedScope: formatScopes(launch.granted),
    choices: [],
    launchContext: launch.context,
    locale: deps.pages.localeOf(ctx),
    decidedAt: facts.now,
    clock: launch.clock,
    expiresAt: launch.duration.endsAt,
  });
}

async function launchOf({ store, operatorName }: PatientDeps, prompt: Prompt): Promise<Launch> {
  const { clientId, launchId = '', uid } = prompt;
  // Before all else that is asked for: its revocation clock is kept with the decision.
  const app = await findApp(store, clientId);
  const launch = await findUsedLaunch(store, launchId);
  if (app === undefined || launch === null || launch.appId !== clientId) throw new PageError(400, 'expired');
  const { ehr, ehrUser, fhirBaseUrl } = launch;
  const purpose = choosePurpose(prompt.purpose, app.purposes);
  // What an EHR that is no longer trusted says of its user says nothing.
  if (ehr.suspendedAt !== null || 'reason' in purpose) throw new PageError(403, 'app-refused');
  const context = launch.context as LaunchContext;
  const patient = context.patient && (await findPatientOfRecord(store, fhirBaseUrl, context.patient));
  const asked = consentRequest(parseScopes(prompt.scope).scopes);
  // Nobody is asked how long here: as long as the app was registered for.
  const duration = offeredDurations({ ...app, offline: asked.offline }).at(-1) as Duration;
  const granted = asked.scopes.filter(
    (scope) => duration.id !== 'once' || scope.kind !== 'refresh' || scope.name === 'online_access',
  );
  const facts: EhrLaunchFacts = {
    ...{ userName: ehrUser.name, ehrName: ehr.name, operatorName, now: app.now },
    app: { ...app, websiteHost: new URL(app.websiteUrl).host },
    purposeOfUse: purpose.value,
    request: consentRequest(granted),
    hasPatient: context.patient !== undefined,
    endsAt: duration.endsAt,
    actionUrl: `/interaction/${uid}/ehr-launch`,
  };
  const patientId = patient ? patient.id : null;
  const { organizationId, clock } = app;
  const about = { organizationId, clock, accountId: ehrUser.id, patientId };
  return { ...about, context, purpose: purpose.value, granted, duration, facts };
}
