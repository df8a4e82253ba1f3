// What was decided about FHIR requests, and what the audit has of it.
import type { Reason } from '../errors.ts';
import type { IntrospectedToken } from './introspection-facts.ts';

export interface Decided {
  /** undefined: none of ours. */
  readonly token: IntrospectedToken | undefined;
  /** undefined: permitted, unless that is more than the budget of the app. */
  readonly reason: Reason | undefined;
  /** `Observation/123`, `Observation?category,patient`. */
  readonly resource: string;
  /** The Patient that the resource server says it is about. */
  readonly fhirPatient: string | undefined;
  /** How many resources it may open: at least one. */
  readonly resources: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What one app may open in an hour. */
export interface BudgetLimits {
  readonly patients: number;
  readonly resources: number;
}

export interface DecidedCall {
  readonly resourceServerId: string;
  readonly requestId: string;
  readonly decisions: readonly Decided[];
  /** It ends at the first one that the budget denies. */
  readonly stops: boolean;
  readonly limits: BudgetLimits;
}

/** One decision, as it is counted and recorded. */
export interface Item {
  readonly call: DecidedCall;
  /** Its place among the calls. */
  readonly at: number;
  readonly decision: Decided;
  /** 0: it is denied already. */
  readonly cost: number;
  /** Who may be new in this hour. */
  readonly patient: string | null;
}

/** Each by its name: put together from parts it would take several times as long. What is not so of most is left out. */
export function eventOf({ call, decision }: Item) {
  const { token, reason, fhirPatient, resource, detail } = decision;
  const isOwn = fhirPatient === undefined || fhirPatient === token?.extra.patient;
  return {
    request_id: call.requestId,
    app_id: token?.clientId,
    organization_id: token?.organizationId,
    contract_id: token?.contractId,
    account_id: token?.accountId,
    patient_id: isOwn ? token?.patientId : undefined,
    fhir_base: isOwn ? undefined : token?.audience,
    fhir_patient: isOwn ? undefined : fhirPatient,
    grant_id: token?.grantId,
    resource_server_id: call.resourceServerId,
    resource,
    purpose: token?.purpose,
    // Without a reason it is permitted.
    reason: token === undefined ? (reason ?? 'token_unknown') : reason,
    detail,
  };
}

/** The same with what tells which of them are more than the budget. */
export const placedEventOf = (item: Item, n: number) => {
  const { call, at, cost, patient } = item;
  return { ...eventOf(item), n, call: at, stops: call.stops, cost, patient };
};
