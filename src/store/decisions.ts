// Decisions about FHIR requests: their audit events and what they use up of the budgets of their apps, in one statement of
// many calls, committed before the answers (functions of migrations record_within_budgets and quicken_decisions).
import type { Reason } from '../errors.ts';
import { volumeAgreed } from '../policy/contract-limits.ts';
import { batched } from './batched.ts';
import { type CountedHour, countedIn, hourOf, rememberOpened, startOfHour } from './counted-hour.ts';
import type { Store } from './database.ts';
import {
  type BudgetLimits,
  type Decided,
  type DecidedCall,
  eventOf,
  type Item,
  placedEventOf,
} from './decided.ts';
import { uuidOf } from './hash.ts';

/** Of each decision that was reached: why the budget denied it, if it did. */
export type Recorded = readonly (Reason | undefined)[];

// Before any counter is held: who holds some and makes others waits for those who do the same the other way round.
const COUNTERS = `
  INSERT INTO access_budget_use (hour, app_id, patients, resources)
  SELECT $1::timestamptz, a, 0, 0 FROM unnest($2::text[]) AS a ORDER BY a
  ON CONFLICT DO NOTHING`;
const WITHIN = `
  SELECT record_within_budgets($1::jsonb, $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::uuid[], $7::timestamptz,
    $8::integer[], $9::bigint[])`;
const RECORD = `
  SELECT n, fault, reached FROM record_decisions($1::jsonb, $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::uuid[],
    $7::timestamptz, $8::integer[], $9::bigint[], 'budget_patients', 'budget_resources')`;

type Row = readonly [n: number, fault: Reason | null, reached: boolean];

async function record(store: Store, calls: readonly DecidedCall[]): Promise<Recorded[]> {
  const items: Item[] = [];
  const uses = new Map<string, Use>();
  const starts: number[] = [];
  const hour = hourIn(calls);
  const counted = countedIn(store, hour);
  for (const [at, call] of calls.entries()) {
    starts.push(items.length);
    for (const decision of call.decisions) {
      const { token, resources, reason } = decision;
      if (reason !== undefined || token === undefined) {
        items.push({ at, call, decision, cost: 0, patient: null });
        continue;
      }
      const opened = openedBy(decision);
      const isNew = opened !== undefined && counted.patients.get(token.clientId)?.has(opened) !== true;
      const patient = use(uses, call, decision, isNew ? opened : undefined);
      items.push({ at, call, decision, cost: resources, patient });
    }
  }
  const apps = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
  const opened = apps.flatMap(([app, { patients }]) =>
    [...patients].map(([patient, id]) => ({ app, patient, id })),
  );
  const names = apps.map(([app]) => app);
  const budgets = [
    names,
    apps.map(([, { resources }]) => resources),
    apps.map(([, { patients }]) => patients.size),
    opened.map(({ app }) => app),
    opened.map(({ id }) => id),
    startOfHour(hour).toISOString(),
    apps.map(([, { limits }]) => limits.patients),
    apps.map(([, { limits }]) => limits.resources),
  ];
  await makeCounters(store, counted, names);
  const found: (Reason | undefined | null)[] = items.map(() => undefined);
  if (names.some((app) => counted.over.has(app)) || !(await isWithin(store, items, budgets))) {
    const rows = await store.hot<Row>(RECORD, [JSON.stringify(items.map(placedEventOf)), ...budgets]);
    // No rows: all of them are within the limits.
    if (rows.length > 0 && rows.length !== items.length) throw new Error('each decision is recorded');
    for (const [n, fault, reached] of rows) found[n] = reached ? (fault ?? undefined) : null;
  }
  const refused = new Set<string>();
  for (const [n, { decision, patient }] of items.entries()) {
    if (found[n] === undefined) continue;
    const app = decision.token?.clientId ?? '';
    if (found[n] !== null) counted.over.add(app);
    refused.add(`${app} ${patient}`);
  }
  rememberOpened(
    counted,
    opened.filter(({ app, id }) => !refused.has(`${app} ${id}`)),
  );
  return starts.map((start, at) => {
    const own = found.slice(start, starts[at + 1]);
    const end = own.indexOf(null);
    return (end < 0 ? own : own.slice(0, end)) as Recorded;
  });
}

async function makeCounters(store: Store, counted: CountedHour, apps: readonly string[]): Promise<void> {
  const missing = apps.filter((app) => !counted.counters.has(app));
  if (missing.length === 0) return;
  await store.hot(COUNTERS, [startOfHour(counted.hour).toISOString(), missing]);
  for (const app of missing) counted.counters.add(app);
}

async function isWithin(store: Store, items: readonly Item[], budgets: readonly unknown[]): Promise<boolean> {
  const events = JSON.stringify(items.map(eventOf));
  const [row] = await store.hot<readonly [boolean]>(WITHIN, [events, ...budgets]);
  return row?.[0] === true;
}

/** Where a batch meets the turn of an hour, it is of the new one. */
const hourIn = (calls: readonly DecidedCall[]): number =>
  calls.reduce(
    (latest, { decisions }) =>
      decisions.reduce((hour, { token }) => (token ? Math.max(hour, hourOf(token.now)) : hour), latest),
    0,
  );

/** What an app would use if all of it were permitted. */
interface Use {
  resources: number;
  /** Those who may be new in this hour: what the budget counts them by. */
  readonly patients: Map<string, string>;
  /** The operator's, met with those of its contract. */
  limits: BudgetLimits;
}

/** Answers with what the patient is counted by. */
function use(
  uses: Map<string, Use>,
  call: DecidedCall,
  { token, resources }: Decided,
  patient: string | undefined,
): string | null {
  const app = token?.clientId ?? '';
  const limits = volumeAgreed(call.limits, token?.contractLimits ?? null);
  let known = uses.get(app);
  if (known === undefined) {
    known = { resources: 0, patients: new Map(), limits };
    uses.set(app, known);
  }
  known.limits = {
    patients: Math.min(known.limits.patients, limits.patients),
    resources: Math.min(known.limits.resources, limits.resources),
  };
  known.resources += resources;
  if (patient === undefined) return null;
  const id = known.patients.get(patient) ?? uuidOf(patient);
  known.patients.set(patient, id);
  return id;
}

/** The Patient at its FHIR base. Of a token that opens one record that is known; any other is found by what the resource server says. */
function openedBy({ token, fhirPatient }: Decided): string | undefined {
  const own = token?.extra.patient;
  const opened = fhirPatient ?? (typeof own === 'string' ? own : undefined);
  return opened === undefined ? undefined : `${token?.audience} ${opened}`;
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
