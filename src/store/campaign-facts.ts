// What a snapshot says of the use of apps, read for a few at a time; what it counts has an upper bound, so that it costs
// the same however busy an app is.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { STANDING, standingOf } from './standing-consents.ts';

/** Of the newest accesses and decisions of an app no more are looked at. */
export const COUNTED = 1_000;

const CONSENTS = `
  WITH ${standingOf('a.id = ANY ($2)')}
  SELECT a.id, count(*)::int AS "liveConsents", count(DISTINCT d.patient_id)::int AS "livePatients",
    array_agg(DISTINCT coalesce(d.live_scope, d.granted_scope)) AS scopes
  FROM ${STANDING} GROUP BY a.id`;

const ACCESSES = `
  SELECT a.id, count(r.minute)::int AS accesses, count(DISTINCT r.patient_id)::int AS patients,
    (SELECT max(x.minute) FROM access_record x WHERE x.app_id = a.id) AS "lastUsedAt"
  FROM unnest($2::text[]) AS a (id) LEFT JOIN LATERAL (
    SELECT r.minute, r.patient_id FROM access_record r
    WHERE r.app_id = a.id AND r.minute >= ${sqlNow(1)} - $3::int * interval '1 day'
    ORDER BY r.minute DESC LIMIT ${COUNTED}) r ON true
  GROUP BY a.id`;

const REQUESTS = `
  SELECT a.id, e.type AS "resourceType", e.interaction, count(*)::int AS count
  FROM unnest($2::text[]) AS a (id) CROSS JOIN LATERAL (
    SELECT split_part(split_part(e.resource, '?', 1), '/', 1) AS type, e.detail->>'interaction' AS interaction
    FROM audit_event e
    WHERE e.app_id = a.id AND e.type = 'decision.permitted' AND e.resource IS NOT NULL
      AND e.recorded_at >= ${sqlNow(1)} - $3::int * interval '1 day'
    ORDER BY e.recorded_at DESC LIMIT ${COUNTED}) e
  GROUP BY a.id, e.type, e.interaction`;

export interface AppUse {
  readonly liveConsents: number;
  readonly livePatients: number;
  /** Texts of the scopes that live consents hold. */
  readonly granted: readonly string[];
  readonly lastUsedAt: Date | null;
  readonly accesses: number;
  /** Patients whom these accesses concern. */
  readonly patients: number;
  readonly requests: readonly { readonly resourceType: string; readonly interaction: string }[];
  /** Whether no decision of the time was left out. */
  readonly isComplete: boolean;
}

export async function readAppUse(
  store: Store,
  ids: readonly string[],
  days: number,
): Promise<ReadonlyMap<string, AppUse>> {
  type Held = Pick<AppUse, 'liveConsents' | 'livePatients'> & { id: string; scopes: string[] };
  type Accessed = Pick<AppUse, 'lastUsedAt' | 'accesses' | 'patients'> & { id: string };
  type Request = { id: string; resourceType: string; interaction: string | null; count: number };
  const [now, list] = [store.clock.offsetMs, [...ids]];
  const consents = await store.sql<Held>(CONSENTS, [now, list]);
  const accesses = await store.sql<Accessed>(ACCESSES, [now, list, days]);
  const requests = await store.sql<Request>(REQUESTS, [now, list, days]);
  return new Map(
    accesses.map(({ id, ...accessed }) => {
      const { liveConsents = 0, livePatients = 0, scopes = [] } = consents.find((one) => one.id === id) ?? {};
      const own = requests.filter((one) => one.id === id);
      const use = {
        ...{ liveConsents, livePatients, ...accessed },
        granted: [...new Set(scopes.flatMap((scope) => scope.split(' ')))],
        requests: own.map(({ resourceType, interaction }) => ({
          resourceType,
          interaction: interaction ?? '',
        })),
        isComplete: own.reduce((sum, { count }) => sum + count, 0) < COUNTED,
      };
      return [id, use];
    }),
  );
}

const PEERS = `
  SELECT a.id, v.purposes, v.use_case->>'exchangeProfile' AS "exchangeProfile", v.scope_ceiling AS "scopeCeiling"
  FROM app a JOIN app_revision v ON v.id = a.revision_id
  WHERE a.environment = 'production' AND a.reviewed_at IS NOT NULL AND a.offboarded_at IS NULL`;

export interface PeerRow {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly exchangeProfile: string | null;
  readonly scopeCeiling: string;
}

/** All apps in production: what they say of themselves. */
export const listPeerRows = (store: Store): Promise<PeerRow[]> => store.sql<PeerRow>(PEERS, []);
