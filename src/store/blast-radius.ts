// What can be reached through an app, a person, an organization or a resource server: counted by query, never estimated,
// at one instant, which may be that of a cut-off.
import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import { decide } from '../policy/rules.ts';
import { type ClientFacts, standing } from '../policy/standing.ts';
import { sqlNow } from './clock.ts';
import { cutOffsUntil, LAST_OF_CONSENT, LAST_OF_TERMS } from './cut-offs.ts';
import type { Db, Store } from './database.ts';
import { ACTED_FOR } from './delegations.ts';
import { standingAt } from './platforms.ts';
import { STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';
import { consentStands } from './standing-consents.ts';

export const OFFBOARDING_KINDS = ['app', 'person', 'organization', 'resource_server'] as const;
export type OffboardingKind = (typeof OFFBOARDING_KINDS)[number];

/** Whose access it is about. */
export interface Access {
  readonly appIds: readonly string[];
  /** Those of them that may act now. */
  readonly actingIds: readonly string[];
  /** FHIR bases; empty: wherever the apps may go. */
  readonly audiences: readonly string[];
}

export interface Reach extends Access {
  /** Of the apps those that are not its own: a platform that is acts for them. */
  readonly behind: readonly AppBehind[];
}

export interface AppBehind {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly mayAct: boolean;
}

export interface BlastRadius {
  readonly at: Date;
  readonly patients: number;
  readonly consents: number;
  readonly tokens: number;
  /** Of these the tokens of backend services, which no patient gave. */
  readonly backendTokens: number;
  /** When the last token, and the last consent, would have ended by itself. */
  readonly tokensUntil: Date | null;
  readonly consentsUntil: Date | null;
  /** All that differ. */
  readonly scopes: readonly string[];
  readonly resourceServers: readonly { readonly id: string; readonly name: string }[];
  /** Tokens that were used at a resource server, by the minute, in the 24 hours before. */
  readonly requestsADay: number;
}

const owned = (column: string) => ({
  own: `SELECT id FROM app WHERE ${column} = $1`,
  behind: ACTED_FOR(`p.${column} = $1`),
});
// Who reaches a resource server reaches it with a revision of its own, behind a platform or not.
const OF: Readonly<Record<OffboardingKind, { readonly own: string; readonly behind?: string }>> = {
  ...{ app: owned('id'), person: owned('owner_id'), organization: owned('organization_id') },
  resource_server: {
    own: `SELECT r.app_id FROM app_revision r
      JOIN fhir_base b ON b.url = ANY (r.audiences) WHERE b.resource_server_id = $1`,
  },
};
const APPS = ({ own, behind = own }: { readonly own: string; readonly behind?: string }) => `
  SELECT a.id, v.name, a.organization_id AS "organizationId", o.legal_name AS "organizationName",
    a.id NOT IN (${own}) AS "isBehind", ${sqlNow(2)} AS now, ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS} WHERE a.offboarded_at IS NULL AND a.id IN (${own} UNION ${behind}) ORDER BY a.id`;

type Found = ClientFacts &
  ContractPeriod &
  Omit<AppBehind, 'mayAct'> & {
    readonly isBehind: boolean;
    readonly now: Date;
    readonly nextContract: NextContract | null;
  };

export async function reachOf(
  db: Db,
  { clock }: Pick<Store, 'clock'>,
  kind: OffboardingKind,
  id: string,
): Promise<Reach> {
  const found = (await db.$queryRawUnsafe<Found[]>(APPS(OF[kind]), id, clock.offsetMs)).map((app) => ({
    ...app,
    mayAct: decide(standing, standingAt(app, app.now)) === undefined,
  }));
  const bases =
    kind === 'resource_server'
      ? await db.fhirBase.findMany({ where: { resourceServerId: id }, select: { url: true } })
      : [];
  return {
    appIds: found.map((app) => app.id),
    actingIds: found.filter(({ mayAct }) => mayAct).map((app) => app.id),
    audiences: bases.map(({ url }) => url).sort(),
    behind: found
      .filter(({ isBehind }) => isBehind)
      .map(({ name, organizationId, organizationName, mayAct, ...app }) => ({
        ...{ id: app.id, name, organizationId, organizationName, mayAct },
      })),
  };
}

// $1 the instant, $2 the revocation clock that what is counted is older than, $3 apps, $4 FHIR bases.
const STOOD = `${consentStands('$1')} AND d.clock < $2 AND d.clock >= ${LAST_OF_CONSENT.last}`;

/** Of the terms that many tokens share everything is looked up once. For a bench, which prints its plan. */
export const RADIUS = `
  WITH ${cutOffsUntil('$2')},
  consents AS MATERIALIZED (
    SELECT d.grant_id, d.patient_id, d.audience, coalesce(d.live_scope, d.granted_scope) AS scope, d.live_until
    FROM consent d JOIN app a ON a.id = d.app_id
    ${LAST_OF_CONSENT.joins}
    WHERE d.app_id = ANY ($3::text[]) AND (cardinality($4::text[]) = 0 OR d.audience = ANY ($4::text[]))
      AND ${STOOD}),
  terms AS MATERIALIZED (
    SELECT m.id, m.audience, m.grant_id IS NULL AS backend, CASE WHEN m.grant_id IS NULL THEN m.scope END AS scope,
      ${LAST_OF_TERMS.last} AS last
    FROM token_terms m JOIN app a ON a.id = m.client_id
    ${LAST_OF_TERMS.joins}
    WHERE m.client_id = ANY ($3::text[]) AND (cardinality($4::text[]) = 0 OR m.audience = ANY ($4::text[]))
      AND (m.grant_id IS NULL OR m.grant_id IN (SELECT grant_id FROM consents))),
  tokens AS MATERIALIZED (
    SELECT m.audience, m.scope, m.backend, count(*) AS count, max(t.expires_at) AS until
    FROM terms m JOIN access_token t ON t.terms_id = m.id
    WHERE (t.revoked_at IS NULL OR t.revoked_at > $1) AND t.expires_at > $1 AND t.clock < $2 AND t.clock >= m.last
    GROUP BY m.audience, m.scope, m.backend),
  used AS (SELECT audience, scope FROM consents UNION SELECT audience, scope FROM tokens)
  SELECT
    (SELECT count(DISTINCT patient_id)::int FROM consents) AS patients,
    (SELECT count(*)::int FROM consents) AS consents,
    (SELECT coalesce(sum(count), 0)::int FROM tokens) AS tokens,
    (SELECT coalesce(sum(count), 0)::int FROM tokens WHERE backend) AS "backendTokens",
    (SELECT max(until) FROM tokens) AS "tokensUntil",
    (SELECT max(live_until) FROM consents) AS "consentsUntil",
    ARRAY(SELECT DISTINCT scope FROM used WHERE scope IS NOT NULL) AS scopes,
    (SELECT coalesce(json_agg(json_build_object('id', z.id, 'name', z.name) ORDER BY z.name, z.id), '[]')
      FROM resource_server z WHERE EXISTS (
        SELECT FROM fhir_base b WHERE b.resource_server_id = z.id AND b.url IN (SELECT audience FROM used)))
      AS "resourceServers"`;

const USE = (where: string) => `
  SELECT count(*)::int AS count FROM access_record WHERE ${where} AND minute > $2::timestamptz - interval '1 day'
    AND minute <= $2::timestamptz`;
const WHERE_APPS = 'app_id = ANY ($1::text[])';
const WHERE_SERVERS = `resource_server_id IN (
    SELECT b.resource_server_id FROM fhir_base b WHERE b.url = ANY ($1::text[]))`;
const USE_OF_APPS = USE(WHERE_APPS);
const USE_OF_SERVERS = USE(WHERE_SERVERS);

/** Requests of these since the minute of an instant was over. */
export async function requestsAfter(store: Store, { appIds, audiences }: Access, at: Date): Promise<number> {
  const [where, of] =
    audiences.length === 0 ? ([WHERE_APPS, appIds] as const) : ([WHERE_SERVERS, audiences] as const);
  const after = `SELECT count(*)::int AS count FROM access_record WHERE ${where} AND minute > $2::timestamptz`;
  const rows = await store.atLength((ask) => ask<{ count: number }>(after, [[...of], at]));
  return rows[0]?.count ?? 0;
}

const NOW = `SELECT ${sqlNow(1)} AS now`;
/** Older than what is issued next, whatever that is. */
const ANY_CLOCK = '9223372036854775807';

/** Without a cut: as it is now. With one: as it stood when that was about to come, whatever was issued since. */
export async function blastRadius(
  store: Store,
  { appIds, actingIds, audiences }: Access,
  cut?: { readonly at: Date; readonly clock: bigint },
): Promise<BlastRadius> {
  const [{ now = new Date() } = {}] = await store.sql<{ now: Date }>(NOW, [store.clock.offsetMs]);
  const at = cut?.at ?? now;
  const asked = [at, String(cut?.clock ?? ANY_CLOCK), [...actingIds], [...audiences]];
  const use =
    audiences.length === 0
      ? ([USE_OF_APPS, [[...appIds], at]] as const)
      : ([USE_OF_SERVERS, [[...audiences], at]] as const);
  const [[found], [used]] = await store.atLength(async (ask) => [
    await ask<Omit<BlastRadius, 'at' | 'requestsADay'>>(typed(RADIUS), asked),
    await ask<{ count: number }>(...use),
  ]);
  if (found === undefined) throw new Error('a count without an answer');
  return { ...found, at, requestsADay: used?.count ?? 0 };
}

/** Both are compared with columns of these types. */
const typed = (statement: string) =>
  statement.replaceAll('$1', '$1::timestamptz').replaceAll('$2', '$2::bigint');
