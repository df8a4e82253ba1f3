// Decides the evaluations of a call in their order, and records them before anybody hears of it.
import { type AccessDecision, type AccessSettings, decideAccess, type Obligation } from '../policy/access.ts';
import { patientNamed } from '../policy/patients-named.ts';
import { recordAccess } from '../store/access-records.ts';
import type { Store } from '../store/database.ts';
import type { BudgetLimits, Decided } from '../store/decided.ts';
import { recordDecisions } from '../store/decisions.ts';
import type { IntrospectedToken } from '../store/introspections.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { Observer } from '../web/observer.ts';
import { type Answer, type Denial, denyAnswer, permitAnswer } from './answer.ts';
import type { Evaluation, Evaluations } from './evaluation-request.ts';
import { fhirRequestOf, parameterNames, requestContextOf, resourceNamed } from './fhir-request.ts';
import { hashOf } from './subject.ts';

/** What was decided could not be written to the audit: nobody hears of it. */
export class UnrecordedError extends Error {
  override readonly name = 'UnrecordedError';
}

export interface DecisionSettings {
  readonly access: AccessSettings;
  readonly budget: BudgetLimits;
  readonly observer: Observer;
}

export interface Asking {
  readonly resourceServerId: string;
  /** Its FHIR bases. */
  readonly audiences: readonly string[];
  readonly requestId: string;
  /** Those on which each evaluation may rest. */
  readonly tokens: readonly (readonly IntrospectedToken[])[];
}

interface Judged {
  readonly decision: AccessDecision;
  readonly decided: Decided;
}

/** As many answers as the semantic reaches (AuthZEN §7.1.2.1). */
export async function evaluate(
  store: Store,
  { access, budget, observer }: DecisionSettings,
  asking: Asking,
  { evaluations, semantic }: Evaluations,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const isLast = (permitted: boolean) =>
    (semantic === 'deny_on_first_deny' && !permitted) || (semantic === 'permit_on_first_permit' && permitted);
  while (answers.length < evaluations.length && !answers.some(({ decision }) => isLast(decision))) {
    const judged: Judged[] = [];
    for (let at = answers.length; at < evaluations.length; at += 1) {
      const one = judge(evaluations[at] as Evaluation, asking.tokens[at] ?? [], { asking, settings: access });
      judged.push(one);
      if (isLast(one.decision.permitted)) break;
    }
    answers.push(
      ...(await recorded(store, {
        budget,
        observer,
        asking,
        judged,
        stops: semantic === 'deny_on_first_deny',
      })),
    );
  }
  return answers;
}

interface ToRecord {
  readonly budget: BudgetLimits;
  readonly observer: Observer;
  readonly asking: Asking;
  readonly judged: readonly Judged[];
  readonly stops: boolean;
}

async function recorded(
  store: Store,
  { budget, observer, asking, judged, stops }: ToRecord,
): Promise<Answer[]> {
  const { resourceServerId, requestId } = asking;
  const decisions = judged.map(({ decided }) => decided);
  const call = { resourceServerId, requestId, decisions, stops, limits: budget };
  const spent = await recordDecisions(store, call).catch((cause: unknown) => {
    throw isUnavailable(cause) ? cause : new UnrecordedError('decisions were not recorded', { cause });
  });
  const opened = spent.flatMap((overBudget, at) => {
    const { decision, decided } = judged[at] as Judged;
    return overBudget === undefined && decision.permitted ? (decided.token ?? []) : [];
  });
  // As after an introspection, people and operators see when an app was last used.
  const recording = [...new Set(opened)].flatMap(
    (token) => recordAccess(store, token, resourceServerId) ?? [],
  );
  if (recording.length > 0) await Promise.all(recording);
  return spent.map((overBudget, at) => {
    const { decision, decided } = judged[at] as Judged;
    observer.decided(overBudget ?? (decision.permitted ? undefined : decision.reason));
    if (overBudget !== undefined) return denyAnswer({ reason: overBudget, unlabelled: decision.unlabelled });
    return decision.permitted ? permitAnswer(decision, decided.token?.breakGlassId) : denyAnswer(decision);
  });
}

interface Surroundings {
  readonly asking: Asking;
  readonly settings: AccessSettings;
}

/** Of several tokens one that permits, or else the first. */
function judge(
  evaluation: Evaluation,
  tokens: readonly IntrospectedToken[],
  { asking, settings }: Surroundings,
): Judged {
  const request = fhirRequestOf(evaluation);
  const context = requestContextOf(evaluation);
  const deny = (reason: Denial['reason']): AccessDecision => ({
    permitted: false,
    reason,
    unlabelled: settings.unlabelled,
  });
  let best: { token: IntrospectedToken | undefined; decision: AccessDecision } | undefined;
  for (const token of tokens) {
    const facts = { token, app: token.app, fhirBases: asking.audiences, context, settings };
    const decision = request === undefined ? deny('request_unknown') : decideAccess({ ...facts, request });
    if (best === undefined || decision.permitted) best = { token, decision };
    if (decision.permitted) break;
  }
  const { token, decision } = best ?? { token: undefined, decision: deny('token_unknown') };
  const fhirPatient = request && patientNamed(request);
  const resources = evaluation.resource.properties?.count ?? 1;
  const detail = {
    subject: evaluation.subject.type,
    token: token?.id ?? hashOf(evaluation.subject),
    interaction: request?.operation ?? request?.interaction,
    parameters: request && parameterNames(request),
    patient: fhirPatient,
    labels: request?.labels,
    context,
    resources,
    unlabelled: decision.unlabelled,
    breakGlass: token?.breakGlassId,
    act: (token?.extra.act as { sub?: string } | undefined)?.sub,
    ...(decision.permitted
      ? { obligations: decision.obligations.map(inAudit) }
      : { stepUp: decision.stepUp }),
  };
  const reason = decision.permitted ? undefined : decision.reason;
  return {
    decision,
    decided: { token, reason, resource: resourceNamed(evaluation, request), fhirPatient, resources, detail },
  };
}

/** What was told, without the values of a search and without the list of labels that policy always has. */
function inAudit(obligation: Obligation): object {
  if (obligation.type === 'log') return obligation;
  if (obligation.type === 'redact') {
    const { type, labels, unlabelled } = obligation;
    return { type, labels: labels.length, unlabelled };
  }
  const { type, resourceType, alternatives } = obligation;
  return { type, resourceType, alternatives: alternatives.map((all) => all.map(([name]) => name)) };
}
