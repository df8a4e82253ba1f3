// What was cut off, and what a cut-off would end: for those who decide about it.
import { sqlNow } from './clock.ts';
import { type CutOffKind, GRANT_GOES_ON, TOKEN_GOES_ON } from './cut-offs.ts';
import type { Db, Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface CutOffSubject {
  /** Who is a patient has no name here. */
  readonly name: string;
  readonly appId: string | null;
  readonly organizationId: string | null;
}

/** The record that a subject is, for a kind and an id; a purpose is none. */
const subject = (kind: string, id: string) => `
  SELECT COALESCE(v.name, a.id) AS name, a.id AS "appId", a.organization_id AS "organizationId"
  FROM app a LEFT JOIN app_revision v ON v.id = a.revision_id WHERE ${kind} = 'client' AND a.id = ${id}
  UNION ALL
  SELECT o.legal_name, NULL, o.id FROM organization o WHERE ${kind} = 'organization' AND o.id = ${id}
  UNION ALL
  SELECT p.name, NULL, p.organization_id FROM person p WHERE ${kind} = 'owner' AND p.id = ${id}
  UNION ALL
  SELECT p.id, NULL, NULL FROM patient p WHERE ${kind} = 'patient' AND p.id = ${id}
  UNION ALL
  SELECT COALESCE(k.kid, k.id), k.app_id, a.organization_id
  FROM app_key k JOIN app a ON a.id = k.app_id WHERE ${kind} = 'key' AND k.id = ${id}`;

const SUBJECT = subject('$1', '$2');

export async function findCutOffSubject(
  db: Db,
  kind: CutOffKind,
  id: string,
): Promise<CutOffSubject | undefined> {
  return (await db.$queryRawUnsafe<CutOffSubject[]>(SUBJECT, kind, id))[0];
}

export interface CutOffRow extends CutOffSubject {
  readonly kind: CutOffKind;
  readonly subjectId: string;
  readonly endsGrants: boolean;
  readonly at: Date;
  /** The type of the audit event of its cause. */
  readonly cause: string;
}

const LIST = `
  SELECT x.kind, x.subject_id AS "subjectId", x.grants_before IS NOT NULL AS "endsGrants", x.cut_at AS at, x.cause,
    x.tokens_before::text AS clock, COALESCE(n.name, x.subject_id) AS name, n."appId", n."organizationId"
  FROM cut_off x LEFT JOIN LATERAL (${subject('x.kind', 'x.subject_id')}) n ON true
  WHERE x.kind <> 'audience'
    AND ($1::bigint IS NULL OR (x.tokens_before, x.kind, x.subject_id) < ($1::bigint, $2, $3))
  ORDER BY x.tokens_before DESC, x.kind DESC, x.subject_id DESC
  LIMIT $4`;

/** The last ones first; that of a resource server is told with its offboarding. */
export async function listCutOffRows(
  store: Store,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<CutOffRow>> {
  const limit = limitOf(paging);
  const [after, kind, id] = place ?? [null, null, null];
  type Found = CutOffRow & { readonly clock: string };
  const found = await store.sql<Found>(LIST, [after, kind, id, limit + 1]);
  const { rows, next } = pageOf(found, limit, (row) => [row.clock, row.kind, row.subjectId]);
  return { rows: rows.map(({ clock: _, ...row }) => row), next };
}

/** What a cut-off would end now, each counted up to COUNTED. */
export interface CutOffReach {
  readonly apps: number;
  readonly consents: number;
  readonly tokens: number;
}

export const COUNTED = 10_000;

const OF_TOKENS: Readonly<Record<CutOffKind, string>> = {
  client: 'a.id = ANY ($2)',
  organization: 'a.organization_id = ANY ($2)',
  owner: 'a.owner_id = ANY ($2)',
  patient: '(m.patient_id = ANY ($2) OR m.account_id = ANY ($2))',
  purpose: 'm.purpose = ANY ($2)',
  key: 'm.key_id = ANY ($2)',
};
const OF_GRANTS: Readonly<Record<CutOffKind, string>> = {
  ...OF_TOKENS,
  patient: '(d.patient_id = ANY ($2) OR d.account_id = ANY ($2))',
  purpose: 'd.purpose = ANY ($2)',
  key: 'false AND $2::text[] IS NULL',
};

const REACH = (kind: CutOffKind) => `
  WITH grants AS MATERIALIZED (
    SELECT d.app_id FROM consent d JOIN app a ON a.id = d.app_id
    WHERE ${OF_GRANTS[kind]} AND d.withdrawn_at IS NULL AND d.live_until > ${sqlNow(1)}
      AND d.organization_id = a.organization_id AND ${GRANT_GOES_ON}
    LIMIT ${COUNTED}),
  tokens AS MATERIALIZED (
    SELECT m.client_id FROM token_terms m JOIN app a ON a.id = m.client_id JOIN access_token t ON t.terms_id = m.id
    WHERE ${OF_TOKENS[kind]} AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(1)} AND ${TOKEN_GOES_ON}
    LIMIT ${COUNTED})
  SELECT (SELECT count(*)::int FROM grants) AS consents, (SELECT count(*)::int FROM tokens) AS tokens,
    (SELECT count(*)::int FROM (SELECT app_id FROM grants UNION SELECT client_id FROM tokens) app) AS apps`;

export async function reachOfCutOff(
  store: Store,
  kind: CutOffKind,
  subjectIds: readonly string[],
): Promise<CutOffReach> {
  const [found] = await store.sql<CutOffReach>(REACH(kind), [store.clock.offsetMs, [...subjectIds]]);
  return found ?? { apps: 0, consents: 0, tokens: 0 };
}
