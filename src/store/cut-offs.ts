// Cut-offs: one write that ends everything issued before it, whatever its number. No clocks of machines are compared: a
// cut-off raises the revocation clock in its own transaction, and an issuer keeps with what it issues the value that it
// read before any fact that it relied on. They are only ever added; of those of a subject the last one counts.
import type { AuditEvent } from '../audit-event.ts';
import type { Store, Transaction } from './database.ts';
import { ACTED_FOR } from './delegations.ts';

/**
 * `patient`: over that person's record, and what she decided for others. `purpose`: of that code alone. `key`: issued to
 * a client that proved itself with it.
 */
export const CUT_OFF_KINDS = [
  ...(['client', 'organization', 'owner', 'patient', 'purpose', 'key'] as const),
] as const;
export type CutOffKind = (typeof CUT_OFF_KINDS)[number];
/** Also the FHIR base of a resource server that was offboarded. */
export type EndedKind = CutOffKind | 'audience';

export interface NewCutOff {
  readonly kind: EndedKind;
  /** At least one. */
  readonly subjectIds: readonly string[];
  /** Whether consents, and the codes and refresh tokens under them, end too, or wait. */
  readonly endsGrants: boolean;
  /** The type of the audit event of its cause. */
  readonly cause: AuditEvent['type'];
  /** Apps that were reached through it before it was changed, beside those that are now. */
  readonly behindIds?: readonly string[];
}

// The clock is read off the machine only for display, and only once the revocation clock is held: in its order. It is
// raised once, so that what was live before all of it is older than one value. Of the apps behind a platform the people
// decided about them, not about the platform: their consents wait.
const CUT = `
  WITH raised AS (UPDATE revocation_clock SET value = value + 1 RETURNING value),
  named AS (
    SELECT $1::text AS kind, id, $3::boolean AS ends_grants FROM unnest($2::text[]) AS s (id)
    UNION ALL SELECT 'client', id, false FROM unnest($6::text[]) AS b (id))
  INSERT INTO cut_off (kind, subject_id, tokens_before, grants_before, cut_at, cause)
  SELECT n.kind, n.id, r.value, CASE WHEN n.ends_grants THEN r.value END,
    clock_timestamp() + $5::bigint * interval '1 millisecond', $4
  FROM raised r, named n
  RETURNING cut_at AS at`;

// Of a platform that is cut off, the tokens of the apps that it acts for were issued to it, too.
const BEHIND = `
  SELECT DISTINCT b.id FROM (${ACTED_FOR(
    "CASE $1 WHEN 'client' THEN p.id WHEN 'organization' THEN p.organization_id WHEN 'owner' THEN p.owner_id END = ANY ($2)",
  )}
    UNION SELECT unnest($3::text[])) b (id)
  WHERE $1 <> 'client' OR NOT b.id = ANY ($2) ORDER BY 1`;

/**
 * True on commit. The clock is one row, so that cut-offs follow one another: it is the last that a transaction locks,
 * after the records that it is about. Answers with the instant.
 */
export async function cutOff(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { kind, subjectIds, endsGrants, cause, behindIds = [] }: NewCutOff,
): Promise<Date> {
  const behind = await tx.$queryRawUnsafe<{ id: string }[]>(BEHIND, kind, [...subjectIds], [...behindIds]);
  const parameters = [kind, [...subjectIds], endsGrants, cause, clock.offsetMs, behind.map(({ id }) => id)];
  const [cut] = await tx.$queryRawUnsafe<{ at: Date }[]>(CUT, ...parameters);
  if (cut === undefined) throw new Error('the revocation clock is gone, or nothing was named');
  return cut.at;
}

/** The revocation clock now; read before the facts that what is issued relies on, or in the same statement. */
export const CLOCK = '(SELECT value::float8 FROM revocation_clock)';

type Subjects = readonly (readonly [kind: EndedKind, id: string])[];

const OF_APP: Subjects = [
  ['client', 'a.id'],
  ['organization', 'a.organization_id'],
  ['owner', 'a.owner_id'],
];
/** All that the tokens of t (access_token) with m (token_terms) and a (app) rest on. */
const OF_TOKENS: Subjects = [
  ...OF_APP,
  ['patient', 'm.patient_id'],
  ['patient', 'm.account_id'],
  ['purpose', 'm.purpose'],
  ['key', 'm.key_id'],
  ['audience', 'm.audience'],
];
/** What d (consent), under which codes and refresh tokens stand, rests on by itself. */
const OF_CONSENT: Subjects = [
  ['patient', 'd.patient_id'],
  ['patient', 'd.account_id'],
  ['purpose', 'd.purpose'],
  ['audience', 'd.audience'],
];
/** All of it, with a (app). */
const OF_GRANTS: Subjects = [...OF_APP, ...OF_CONSENT];

const ofSubjects = (subjects: Subjects) => `
    (VALUES ${subjects.map(([kind, id]) => `('${kind}', ${id})`).join(', ')}) s (kind, id)
    JOIN cut_off x ON x.kind = s.kind AND x.subject_id = s.id`;

// Nothing can have ended it, as long as the clock stands where it stood.
const last = (clock: string, before: string, subjects: Subjects) => `
  CASE WHEN ${clock} >= (SELECT value FROM revocation_clock) THEN NULL ELSE (
    SELECT max(x.${before})::float8 FROM ${ofSubjects(subjects)}) END`;

/** The last cut-off of all that a token rests on; null: none, or none since its issue. */
export const TOKENS_CUT_OFF = last('t.clock', 'tokens_before', OF_TOKENS);
/** The same for a consent. */
export const GRANTS_CUT_OFF = last('d.clock', 'grants_before', OF_GRANTS);

// For many rows at once: each a hash join over the few cut-offs there are.
const notSince = (clock: string, before: string, subjects: Subjects) =>
  subjects
    .map(
      ([kind, id]) => `NOT EXISTS (SELECT FROM cut_off x
      WHERE x.kind = '${kind}' AND x.subject_id = ${id} AND x.${before} > ${clock})`,
    )
    .join(' AND ');

/** Whether no cut-off ended a token since its issue. */
export const TOKEN_GOES_ON = notSince('t.clock', 'tokens_before', OF_TOKENS);
/** Whether no cut-off ended a consent since it was given. */
export const GRANT_GOES_ON = notSince('d.clock', 'grants_before', OF_GRANTS);

// For tens of thousands of consents of a few apps: what they rest on with their app is looked up once for each app; the
// rest is compared with the last cut-off of its kind, and what is older is looked up in an object, which costs the same
// whatever the planner thinks that there is.
/** The last cut-off of consents of each kind, and of each of its subjects. */
export const LAST_OF_KINDS = `last_cut AS MATERIALIZED (
    SELECT kind, max(before) AS newest, jsonb_object_agg(subject_id, before) AS of FROM (
      SELECT kind, subject_id, max(grants_before) AS before FROM cut_off
      WHERE grants_before IS NOT NULL AND kind IN (${[...new Set(OF_CONSENT.map(([kind]) => `'${kind}'`))].join(', ')})
      GROUP BY kind, subject_id) x
    GROUP BY kind)`;
/** The last one of all that consents rest on with a (app). NULL: there was none. */
export const APP_CUT_OFF = `(SELECT max(x.grants_before) FROM ${ofSubjects(OF_APP)})`;
/** Whether none ended a consent for what it rests on by itself. */
export const OLDER_THAN_NONE = OF_CONSENT.map(([kind, id]) => {
  const last = (column: string) => `(SELECT ${column} FROM last_cut WHERE kind = '${kind}')`;
  return `(coalesce(d.clock >= ${last('newest')}, true) OR coalesce(d.clock >= (${last('of')} -> ${id})::bigint, true))`;
}).join(' AND ');

const joined = (last: string, subjects: Subjects) => ({
  joins: subjects
    .map(([kind, id], n) => `LEFT JOIN cut x${n} ON x${n}.kind = '${kind}' AND x${n}.subject_id = ${id}`)
    .join('\n    '),
  last: `greatest(0, ${subjects.map((_, n) => `x${n}.${last}`).join(', ')})`,
});

/** The last cut-offs until the revocation clock was raised to `until`, for many rows at once: a hash join for each subject. */
export const cutOffsUntil = (until: string): string => `cut AS MATERIALIZED (
    SELECT kind, subject_id, max(tokens_before) AS tokens, max(grants_before) AS grants FROM cut_off
    WHERE tokens_before < ${until} GROUP BY kind, subject_id)`;
export const LAST_OF_TERMS = joined('tokens', OF_TOKENS);
export const LAST_OF_CONSENT = joined('grants', OF_GRANTS);

/** When a consent was first cut off; NULL: it was not. */
export const GRANT_CUT_AT = `(SELECT min(x.cut_at) FROM ${ofSubjects(OF_GRANTS)} WHERE x.grants_before > d.clock)`;

const ENDED = `
  SELECT d.grant_id AS "grantId", min(x.cut_at) AS at
  FROM consent d JOIN app a ON a.id = d.app_id
  CROSS JOIN LATERAL (SELECT x.* FROM ${ofSubjects(OF_GRANTS)}) x
  WHERE d.grant_id = ANY ($1) AND x.grants_before > d.clock
  GROUP BY d.grant_id`;

/** Of these grants those that were cut off, and when. */
export async function grantsCutOff(
  store: Store,
  grantIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await store.sql<{ grantId: string; at: Date }>(ENDED, [[...grantIds]]);
  return new Map(rows.map(({ grantId, at }) => [grantId, at]));
}
