// What a patient decides later about what she agreed to: paused, resumed, amended. The consent stays as it was decided;
// beside it stands what holds now, in the row that every check of a token reads.
import { WORDING_EDITION } from '../smart/wording.ts';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

/** Who may change a consent: the patient, or who decided it for her. */
export interface ConsentChanger {
  readonly by: 'patient' | 'representative';
  readonly accountId: string;
}

/** The audit events are the receipt: none, and nothing was changed. */
export interface ConsentsChanged {
  readonly at: Date;
  readonly eventIds: readonly bigint[];
}

export interface SharingTurned extends ConsentsChanged {
  /** Who decided what was changed, as far as she may still act for the patient. */
  readonly deciders: readonly string[];
}

type Clocked = Pick<Store, 'clock'>;

// Rows are locked in the order of those who end grants: nobody waits in a circle.
const lock = (which: string) => `
  live AS MATERIALIZED (
    SELECT grant_id FROM consent
    WHERE grant_id = ANY ($1::text[]) AND withdrawn_at IS NULL AND live_until > ${sqlNow(5)} AND ${which}
    ORDER BY grant_id COLLATE "C" FOR NO KEY UPDATE)`;

const changing = (type: string, which: string, pause: string) => `
  WITH ${lock(which)},
  changed AS (
    UPDATE consent d SET ${pause} FROM live WHERE d.grant_id = live.grant_id
    RETURNING d.app_id, d.patient_id, d.grant_id, d.purpose, d.account_id AS decider, d.representation_id),
  event AS (
    INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
    SELECT '${type}', $4, app_id, $3, patient_id, grant_id, purpose, jsonb_build_object('by', $2::text)
    FROM changed RETURNING id)
  SELECT ${sqlNow(5)} AS at, ARRAY(SELECT id::text FROM event ORDER BY id) AS "eventIds",
    ARRAY(SELECT DISTINCT c.decider FROM changed c LEFT JOIN representation r ON r.id = c.representation_id
      WHERE c.representation_id IS NULL OR (r.ended_at IS NULL AND r.starts_at <= ${sqlNow(5)}
        AND (r.ends_at IS NULL OR ${sqlNow(5)} < r.ends_at)) ORDER BY 1) AS deciders`;

// What somebody else paused for her becomes her own pause, which nobody else ends.
const PAUSE = changing(
  'consent.paused',
  '(paused_at IS NULL OR (patient_id = $3 AND paused_by IS DISTINCT FROM $3))',
  `paused_at = coalesce(d.paused_at, ${sqlNow(5)}), paused_by = $3`,
);
const RESUME = changing(
  'consent.resumed',
  `paused_at IS NOT NULL
    AND (patient_id = $3 OR paused_by = $3 OR (paused_by IS NULL AND account_id = $3))`,
  'paused_at = NULL, paused_by = NULL',
);

interface Row {
  readonly at: Date;
  readonly eventIds: readonly string[];
}

const changedBy = ([row]: readonly Row[]): ConsentsChanged => {
  if (row === undefined) throw new Error('the database told nothing of the change of a consent');
  return { at: row.at, eventIds: row.eventIds.map(BigInt) };
};

interface Grants extends ConsentChanger {
  readonly grantIds: readonly string[];
  readonly requestId?: string | undefined;
}

const change =
  (statement: string) =>
  async (tx: Transaction, { clock }: Clocked, grants: Grants): Promise<SharingTurned> => {
    const { grantIds, by, accountId, requestId } = grants;
    const parameters = [[...grantIds], by, accountId, requestId ?? null, clock.offsetMs];
    type Turned = Row & Pick<SharingTurned, 'deciders'>;
    const rows = await tx.$queryRawUnsafe<Turned[]>(statement, ...parameters);
    return { ...changedBy(rows), deciders: rows[0]?.deciders ?? [] };
  };

/** From the commit on nothing is open under these grants: tokens, codes and refresh tokens wait. */
export const pauseGrants = change(PAUSE);

/** What waited goes on, as far as it has not ended meanwhile: of what is hers to resume (`mayResume` of policy/consent.ts). */
export const resumeGrants = change(RESUME);

export interface Amendment {
  readonly grantId: string;
  /** How many amendments the patient saw: another one since, and this one is not hers. */
  readonly after: number;
  readonly scope: string;
  readonly choices: readonly string[];
  readonly expiresAt: Date;
}

export interface Amending extends ConsentChanger {
  readonly amendments: readonly Amendment[];
  readonly locale: string;
  /** How long a refresh token may lie unused. */
  readonly refreshIdleSeconds: number;
  readonly requestId?: string | undefined;
}

const STANDING = `
  SELECT grant_id AS "grantId" FROM consent
  WHERE grant_id = ANY ($1::text[]) AND withdrawn_at IS NULL AND live_until > ${sqlNow(2)}
  ORDER BY grant_id COLLATE "C" FOR NO KEY UPDATE`;

// Only once the consents are held: who waited for another amendment sees it.
const COUNTS = `
  SELECT d.grant_id AS "grantId", (SELECT count(*) FROM consent_amendment m WHERE m.grant_id = d.grant_id)::int AS count
  FROM consent d WHERE d.grant_id = ANY ($1::text[])`;

// The provider's grant says the same as the consent; refresh tokens live as if they had been issued under it.
const AMEND = `
  WITH asked AS MATERIALIZED (
    SELECT x.* FROM jsonb_to_recordset($1::jsonb)
      AS x ("grantId" text, "after" int, scope text, choices jsonb, "expiresAt" timestamptz)),
  amended AS (
    UPDATE consent d SET live_scope = i.scope, live_until = i."expiresAt" FROM asked i WHERE d.grant_id = i."grantId"
    RETURNING d.app_id, d.patient_id, d.grant_id, d.purpose, d.audience, i.scope, i."expiresAt" AS until),
  kept AS (
    INSERT INTO consent_amendment (number, grant_id, account_id, scope, choices, expires_at, amended_at, locale, wording)
    SELECT i."after" + 1, i."grantId", $2, i.scope, ARRAY(SELECT jsonb_array_elements_text(i.choices)), i."expiresAt",
      ${sqlNow(8)}, $3, $4
    FROM asked i),
  due AS MATERIALIZED (
    SELECT p.model, p.id, a.scope, a.audience,
      CASE p.model WHEN 'Grant' THEN a.until ELSE least(a.until, p.issued_at + $5::float8 * interval '1 second') END AS until
    FROM oidc_payload p JOIN amended a ON a.grant_id = p.grant_id
    WHERE p.model IN ('Grant', 'RefreshToken') AND p.consumed_at IS NULL AND p.revoked_at IS NULL
    ORDER BY p.model COLLATE "C", p.id COLLATE "C" FOR UPDATE OF p),
  moved AS (
    UPDATE oidc_payload p SET expires_at = due.until,
      payload = p.payload || jsonb_build_object('exp', floor(extract(epoch FROM due.until))::bigint)
        || CASE p.model WHEN 'Grant' THEN jsonb_build_object('openid', jsonb_build_object('scope', due.scope),
          'resources', jsonb_build_object(due.audience, due.scope)) ELSE '{}' END
    FROM due WHERE p.model = due.model AND p.id = due.id),
  terms AS (
    UPDATE token_terms m SET expires_at = a.until FROM amended a WHERE m.grant_id = a.grant_id AND m.expires_at < a.until),
  event AS (
    INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
    SELECT 'consent.amended', $6, app_id, $2, patient_id, grant_id, purpose, jsonb_build_object('by', $7::text,
      'scope', scope, 'expiresAt', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    FROM amended RETURNING id)
  SELECT ${sqlNow(8)} AS at, ARRAY(SELECT id::text FROM event ORDER BY id) AS "eventIds"`;

/**
 * All of them, or none: undefined when one of the consents is over, or was amended since it was looked at. What is less
 * holds from the commit on, what is more from the app's next refresh.
 */
export async function amendConsents(
  tx: Transaction,
  { clock }: Clocked,
  { amendments, by, accountId, locale, refreshIdleSeconds, requestId }: Amending,
): Promise<ConsentsChanged | undefined> {
  const grantIds = amendments.map(({ grantId }) => grantId);
  const standing = await tx.$queryRawUnsafe<{ grantId: string }[]>(STANDING, grantIds, clock.offsetMs);
  if (standing.length !== grantIds.length) return undefined;
  const counts = await tx.$queryRawUnsafe<{ grantId: string; count: number }[]>(COUNTS, grantIds);
  const isSame = ({ grantId, after }: Amendment) =>
    counts.some((one) => one.grantId === grantId && one.count === after);
  if (!amendments.every(isSame)) return undefined;
  const parameters = [JSON.stringify(amendments), accountId, locale, WORDING_EDITION, refreshIdleSeconds];
  return changedBy(
    await tx.$queryRawUnsafe<Row[]>(AMEND, ...parameters, requestId ?? null, by, clock.offsetMs),
  );
}
