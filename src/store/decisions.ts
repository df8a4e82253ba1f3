// Decisions about FHIR requests: their audit events and what they use up of the budgets of their apps, in one statement of
// many calls, committed before the answers (function record_decisions of migration add_decisions).
import type { Reason } from '../errors.ts';
import { batched } from './batched.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';
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

/** Of each decision that was reached: why the budget denied it, if it did. */
export type Recorded = readonly (Reason | undefined)[];

type Row = readonly [n: number, fault: Reason | null, reached: boolean];

const RECORD = `
  SELECT n, fault, reached FROM record_decisions($1::json, $2::text[], $3::bigint, $4::integer, $5::bigint,
    'budget_patients', 'budget_resources')`;

async function record(store: Store, calls: readonly DecidedCall[]): Promise<Recorded[]> {
  const items: object[] = [];
  const apps = new Set<string>();
  const starts: number[] = [];
  for (const [call, decided] of calls.entries()) {
    starts.push(items.length);
    for (const decision of decided.decisions) {
      const item = itemOf(decided, decision);
      items.push({ n: items.length, call, stops: decided.stops, ...item });
      if (item.cost > 0 && decision.token !== undefined) apps.add(decision.token.clientId);
    }
  }
  const [{ limits } = { limits: { patients: 0, resources: 0 } }] = calls;
  const rows = await store.hot<Row>(RECORD, [
    JSON.stringify(items),
    [...apps].sort(),
    store.clock.offsetMs,
    limits.patients,
    limits.resources,
  ]);
  if (rows.length !== items.length) throw new Error('each decision is recorded');
  const found: (Reason | undefined | null)[] = [];
  for (const [n, fault, reached] of rows) found[n] = reached ? (fault ?? undefined) : null;
  return starts.map((start, at) => {
    const own = found.slice(start, starts[at + 1]);
    const end = own.indexOf(null);
    return (end < 0 ? own : own.slice(0, end)) as Recorded;
  });
}

function itemOf({ resourceServerId, requestId }: DecidedCall, decision: Decided) {
  const { token, reason, fhirPatient, resource, detail } = decision;
  const common = { request_id: requestId, resource_server_id: resourceServerId, resource, reason, detail };
  if (token === undefined) return { cost: 0, ...common };
  // Of a token that opens one record that record is known; any other is found by what the resource server says.
  const own = token.extra.patient;
  const isOwn = fhirPatient === undefined || fhirPatient === own;
  const opened = fhirPatient ?? (typeof own === 'string' ? own : undefined);
  const cost = reason === undefined ? decision.resources : 0;
  return {
    ...{ cost, ...common },
    ...{ patient: cost === 0 || opened === undefined ? null : uuidOf(`${token.audience} ${opened}`) },
    ...{ app_id: token.clientId, organization_id: token.organizationId, contract_id: token.contractId },
    ...{ account_id: token.accountId, grant_id: token.grantId, purpose: token.purpose },
    ...{ patient_id: isOwn ? token.patientId : null, fhir_base: token.audience },
    ...{ fhir_patient: isOwn ? null : fhirPatient },
  };
}

/** What comes together is one statement, and one commit. */
const recordTogether = batched<DecidedCall, Recorded>(record, { minBeside: 16 });

/** Calls of many decisions fill a statement by themselves. */
const MANY = 50;
const recordAlone = batched<DecidedCall, Recorded>(record, { maxItems: 1 });

/** Appends the audit events of a call, and answers with what its decisions came to. */
export function recordDecisions(store: Store, call: DecidedCall): Promise<Recorded> {
  return (call.decisions.length < MANY ? recordTogether : recordAlone)(store, call);
}
