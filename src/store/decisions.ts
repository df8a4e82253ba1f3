// Decisions about FHIR requests: their audit events and what they use up of the budgets of their apps, in one statement of
// many calls, committed before the answers (function record_decisions of migration limit_contracts).
import type { Reason } from '../errors.ts';
import { volumeAgreed } from '../policy/contract-limits.ts';
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
  SELECT n, fault, reached FROM record_decisions($1::json, $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::uuid[],
    $7::bigint, $8::integer[], $9::bigint[], 'budget_patients', 'budget_resources')`;

async function record(store: Store, calls: readonly DecidedCall[]): Promise<Recorded[]> {
  const items: object[] = [];
  const uses = new Map<string, Use>();
  const starts: number[] = [];
  for (const [call, decided] of calls.entries()) {
    starts.push(items.length);
    for (const decision of decided.decisions) {
      const item = itemOf(decided, decision, { n: items.length, call, stops: decided.stops });
      items.push(item);
      if (item.cost > 0)
        use(uses, item, volumeAgreed(decided.limits, decision.token?.contractLimits ?? null));
    }
  }
  const apps = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
  const opened = apps.flatMap(([app, { patients }]) => [...patients].map((patient) => [app, patient]));
  const rows = await store.hot<Row>(RECORD, [
    JSON.stringify(items),
    apps.map(([app]) => app),
    apps.map(([, { resources }]) => resources),
    apps.map(([, { patients }]) => patients.size),
    opened.map(([app]) => app),
    opened.map(([, patient]) => patient),
    store.clock.offsetMs,
    apps.map(([, { limits }]) => limits.patients),
    apps.map(([, { limits }]) => limits.resources),
  ]);
  const found: (Reason | undefined | null)[] = items.map(() => undefined);
  // No rows: all of them are within the limits.
  if (rows.length !== items.length && rows.length > 0) throw new Error('each decision is recorded');
  for (const [n, fault, reached] of rows) found[n] = reached ? (fault ?? undefined) : null;
  return starts.map((start, at) => {
    const own = found.slice(start, starts[at + 1]);
    const end = own.indexOf(null);
    return (end < 0 ? own : own.slice(0, end)) as Recorded;
  });
}

/** What an app would use if all of it were permitted. */
interface Use {
  resources: number;
  readonly patients: Set<string>;
  /** The operator's, met with those of its contract. */
  limits: BudgetLimits;
}

interface Item {
  readonly app_id: string | null;
  readonly patient: string | null;
  readonly cost: number;
}

function use(uses: Map<string, Use>, item: Item, limits: BudgetLimits) {
  const app = item.app_id ?? '';
  const known = uses.get(app) ?? { resources: 0, patients: new Set(), limits };
  known.limits = {
    patients: Math.min(known.limits.patients, limits.patients),
    resources: Math.min(known.limits.resources, limits.resources),
  };
  known.resources += item.cost;
  if (item.patient !== null) known.patients.add(item.patient);
  uses.set(app, known);
}

/** Each by its name: put together from parts it would take several times as long. */
function itemOf(call: DecidedCall, decided: Decided, { n, call: at, stops }: Place) {
  const { token, reason, fhirPatient, resource, detail } = decided;
  // Of a token that opens one record that record is known; any other is found by what the resource server says.
  const own = token?.extra.patient;
  const isOwn = fhirPatient === undefined || fhirPatient === own;
  const opened = fhirPatient ?? (typeof own === 'string' ? own : undefined);
  const cost = reason === undefined && token !== undefined ? decided.resources : 0;
  return {
    n,
    call: at,
    stops,
    cost,
    patient: cost === 0 || opened === undefined ? null : uuidOf(`${token?.audience} ${opened}`),
    request_id: call.requestId,
    app_id: token?.clientId ?? null,
    organization_id: token?.organizationId,
    contract_id: token?.contractId,
    account_id: token?.accountId,
    patient_id: isOwn ? token?.patientId : null,
    fhir_base: isOwn ? null : token?.audience,
    fhir_patient: isOwn ? null : fhirPatient,
    grant_id: token?.grantId,
    resource_server_id: call.resourceServerId,
    resource,
    purpose: token?.purpose,
    reason,
    detail,
  };
}

interface Place {
  /** Among all that are recorded together. */
  readonly n: number;
  /** Its call. */
  readonly call: number;
  readonly stops: boolean;
}

/** What comes together is one statement, and one commit. */
const recordTogether = batched<DecidedCall, Recorded>(record, { name: 'decision', minBeside: 32 });

/** Calls of many decisions fill a statement by themselves. */
const MANY = 50;
const recordAlone = batched<DecidedCall, Recorded>(record, { name: 'decision', maxItems: 1 });

/** Appends the audit events of a call, and answers with what its decisions came to. */
export function recordDecisions(store: Store, call: DecidedCall): Promise<Recorded> {
  return (call.decisions.length < MANY ? recordTogether : recordAlone)(store, call);
}
