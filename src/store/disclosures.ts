// Who reached what: decisions that permitted a request name the resource; introspections that answered "active" name a
// minute, and the scope of the token that was asked about. Read in the order of time, a page at a time.
import { wordsWithin } from '../policy/live-scope.ts';
import { scopeAmended } from './amended-scope.ts';
import type { Store } from './database.ts';

export interface Disclosure {
  readonly at: Date;
  /** `decision`: one request; `introspection`: whatever the scope opened in that minute. */
  readonly by: 'decision' | 'introspection';
  /** The audit event, or the token and its resource server. */
  readonly source: string;
  readonly appId: string | null;
  readonly organizationId: string | null;
  readonly contractId: string | null;
  readonly patientId: string | null;
  /** As the resource server named the patient, where it did. */
  readonly fhirPatient: string | null;
  readonly resource: string | null;
  readonly interaction: string | null;
  readonly scope: string | null;
  readonly purpose: string | null;
  readonly resourceServerId: string | null;
  readonly grantId: string | null;
  readonly requestId: string | null;
}

export type DisclosureSubject =
  | { readonly appId: string }
  | { readonly patientId: string }
  | { readonly organizationId: string };

export interface DisclosureQuery {
  readonly subject: DisclosureSubject;
  readonly from: Date;
  /** Excluded. */
  readonly to: Date;
}

interface Source {
  readonly sql: string;
  readonly subjects: Readonly<Record<'appId' | 'patientId' | 'organizationId', string>>;
}

/** What an organization opened is found by its apps, also those that have moved on. */
const THEIR_APPS = (app: string) => `${app} IN (SELECT id FROM app WHERE organization_id = $1
        UNION SELECT app_id FROM app_transfer WHERE from_organization_id = $1)`;

const DECISIONS: Source = {
  sql: `
    SELECT e.recorded_at AS at, 'decision' AS by, 'event ' || e.id AS source, e.app_id AS "appId",
      e.organization_id AS "organizationId", e.contract_id AS "contractId", e.patient_id AS "patientId",
      e.detail->>'patient' AS "fhirPatient", e.resource, e.detail->>'interaction' AS interaction, NULL AS scope, e.purpose,
      e.resource_server_id AS "resourceServerId", e.grant_id AS "grantId", e.request_id AS "requestId"
    FROM audit_event e
    WHERE e.type = 'decision.permitted' AND e.recorded_at >= $2 AND e.recorded_at < $3
      AND (e.recorded_at, 'event ' || e.id) > ($4::timestamptz, $5::text)`,
  subjects: {
    appId: 'e.app_id = $1',
    patientId: 'e.patient_id = $1',
    organizationId: `${THEIR_APPS('e.app_id')} AND e.organization_id = $1`,
  },
};

// The contract is that under which the token was issued: its event, at most as old as a token becomes.
const INTROSPECTIONS: Source = {
  sql: `
    SELECT r.minute AS at, 'introspection' AS by, r.token_id || ' ' || r.resource_server_id AS source, r.app_id AS "appId",
      coalesce(t.organization_id, a.organization_id) AS "organizationId", t.contract_id AS "contractId",
      r.patient_id AS "patientId", NULL AS "fhirPatient", NULL AS resource, NULL AS interaction, t.scope, r.purpose,
      ${scopeAmended('r.grant_id', 'r.minute')} AS "consentScope", r.resource_server_id AS "resourceServerId", r.grant_id AS "grantId", t.request_id AS "requestId"
    FROM access_record r
    LEFT JOIN app a ON a.id = r.app_id
    LEFT JOIN LATERAL (
      SELECT e.organization_id, e.contract_id, e.request_id, e.detail->>'scope' AS scope FROM audit_event e
      WHERE e.app_id = r.app_id AND e.type = 'token.issued' AND e.grant_id IS NOT DISTINCT FROM r.grant_id
        AND (r.patient_id IS NULL OR e.patient_id = r.patient_id)
        AND e.recorded_at > r.minute - interval '2 hours' AND e.recorded_at < r.minute + interval '1 minute'
      ORDER BY e.recorded_at DESC, e.id DESC LIMIT 1) t ON true
    WHERE r.minute >= date_trunc('minute', $2::timestamptz) AND r.minute < $3
      AND (r.minute, r.token_id || ' ' || r.resource_server_id) > ($4::timestamptz, $5::text)`,
  subjects: {
    appId: 'r.app_id = $1',
    patientId:
      'r.grant_id IN (SELECT c.grant_id FROM consent c WHERE c.patient_id = $1) AND r.patient_id = $1',
    organizationId: `${THEIR_APPS('r.app_id')}
      AND coalesce(t.organization_id, a.organization_id) = $1`,
  },
};

const START = new Date(0);

interface DisclosureRow extends Disclosure {
  /** What the patient shared then, by her last amendment. */
  readonly consentScope?: string | null;
}

/** Of its scope a token opened what she still shared. */
function asShared({ consentScope, ...disclosure }: DisclosureRow): Disclosure {
  const { scope } = disclosure;
  if (scope === null || consentScope == null) return disclosure;
  return { ...disclosure, scope: wordsWithin(scope, consentScope) };
}

async function* read(
  store: Store,
  { sql, subjects }: Source,
  { subject, from, to }: DisclosureQuery,
  limit: number,
): AsyncGenerator<Disclosure> {
  const [[name, value] = ['', '']] = Object.entries(subject);
  const condition = subjects[name as keyof typeof subjects];
  const statement = `${sql} AND ${condition} ORDER BY 1, 3 LIMIT ${limit}`;
  for (let after: readonly [Date, string] = [START, '']; ; ) {
    const page = await store.sql<DisclosureRow>(statement, [value, from, to, ...after]);
    for (const row of page) yield asShared(row);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    after = [last.at, last.source];
  }
}

/** All of them, the oldest first. */
export async function* readDisclosures(
  store: Store,
  query: DisclosureQuery,
  limit = 500,
): AsyncGenerator<Disclosure> {
  const decisions = read(store, DECISIONS, query, limit);
  const introspections = read(store, INTROSPECTIONS, query, limit);
  let [one, other] = [await decisions.next(), await introspections.next()];
  while (!one.done || !other.done) {
    const isOne = !one.done && (other.done || one.value.at <= other.value.at);
    if (isOne && !one.done) {
      yield one.value;
      one = await decisions.next();
    } else if (!other.done) {
      yield other.value;
      other = await introspections.next();
    }
  }
}
