// What the provider's session does not hold: which passkey it rests on, when its person was last here, and when she last
// showed it. NIST SP 800-63B-4 §2.2.3 (AAL2): at most 24 hours overall (SESSION_S says how long), one hour idle.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { keyOf, type Payload } from './oidc-payloads.ts';

const IDLE = "interval '1 hour'";
const SEEN_EVERY = "interval '1 minute'";
const FRESH = "interval '5 minutes'";

export interface SignIn {
  /** The session's; it stays when the id in the cookie changes. */
  readonly uid: string;
  readonly accountId: string;
  /** undefined: an EHR signed her in. */
  readonly passkeyId: string | undefined;
  /** Seconds since the epoch, as the provider keeps it. */
  readonly signedInAt: number;
  /** How long the session lives at most. */
  readonly seconds: number;
}

// The same sign-in is told again at each of its steps: only the first one counts. A passkey that is being removed is
// waited for: no session begins with it that its removal did not see.
const SIGN_IN = `
  WITH shown AS MATERIALIZED (SELECT 1 FROM passkey WHERE id = $3 AND removed_at IS NULL FOR SHARE)
  INSERT INTO account_session AS s (uid, account_id, passkey_id, signed_in_at, seen_at, verified_at, expires_at)
  SELECT $1, $2, $3, to_timestamp($4::float8), ${sqlNow(6)}, CASE WHEN $3::text IS NOT NULL THEN ${sqlNow(6)} END,
    ${sqlNow(6)} + $5::float8 * interval '1 second'
  WHERE $3::text IS NULL OR EXISTS (SELECT FROM shown)
  ON CONFLICT (uid) DO UPDATE SET
    passkey_id = CASE WHEN s.signed_in_at = excluded.signed_in_at THEN s.passkey_id ELSE excluded.passkey_id END,
    verified_at = CASE WHEN s.signed_in_at = excluded.signed_in_at THEN s.verified_at ELSE excluded.verified_at END,
    signed_in_at = excluded.signed_in_at, seen_at = excluded.seen_at, expires_at = excluded.expires_at
  WHERE s.ended_at IS NULL AND s.account_id = excluded.account_id
  RETURNING uid`;

/** False when the session was ended, or the passkey removed, meanwhile. */
export async function recordSignIn(store: Store, signIn: SignIn): Promise<boolean> {
  const { uid, accountId, passkeyId, signedInAt, seconds } = signIn;
  const parameters = [uid, accountId, passkeyId ?? null, signedInAt, seconds, store.clock.offsetMs];
  return (await store.sql(SIGN_IN, parameters)).length > 0;
}

export interface SessionUse {
  readonly passkeyId: string | null;
  /** Whether her passkey was shown in the last five minutes. */
  readonly fresh: boolean;
}

const live = (n: number) =>
  `s.uid = $1 AND s.account_id = $2 AND s.ended_at IS NULL AND s.expires_at > ${sqlNow(n)}
    AND s.seen_at > ${sqlNow(n)} - ${IDLE}`;

/** undefined: idle for too long, or over. Being asked about counts as being here, unless `present` is false. */
export async function findSessionUse(
  store: Store,
  { uid, accountId, present = true }: { uid: string; accountId: string; present?: boolean },
): Promise<SessionUse | undefined> {
  const now = sqlNow(3);
  const [row] = await store.read<SessionUse & { readonly stale: boolean }>(
    `SELECT s.passkey_id AS "passkeyId", coalesce(s.verified_at > ${now} - ${FRESH}, false) AS fresh,
       s.seen_at < ${now} - ${SEEN_EVERY} AS stale
     FROM account_session s WHERE ${live(3)}`,
    [uid, accountId, store.clock.offsetMs],
  );
  if (row === undefined) return undefined;
  if (row.stale && present) {
    await store.sql(`UPDATE account_session s SET seen_at = ${now} WHERE ${live(3)}`, [
      ...[uid, accountId, store.clock.offsetMs],
    ]);
  }
  return { passkeyId: row.passkeyId, fresh: row.fresh };
}

/** She has shown a passkey again: the session rests on that one from now on. False when it was over. */
export async function freshenSession(
  store: Store,
  { uid, accountId, passkeyId }: { uid: string; accountId: string; passkeyId: string },
): Promise<boolean> {
  const rows = await store.sql(
    `WITH shown AS MATERIALIZED (SELECT 1 FROM passkey WHERE id = $4 AND removed_at IS NULL FOR SHARE)
     UPDATE account_session s SET verified_at = ${sqlNow(3)}, seen_at = ${sqlNow(3)}, passkey_id = $4
     WHERE ${live(3)} AND EXISTS (SELECT FROM shown) RETURNING uid`,
    [uid, accountId, store.clock.offsetMs, passkeyId],
  );
  return rows.length > 0;
}

// In parallel steps of sign-ins a session may have got two ids: it ends under each of them.
const END_ONE = `
  WITH own AS MATERIALIZED (
    SELECT uid FROM oidc_payload WHERE model = 'Session' AND id = $1 AND uid IS NOT NULL),
  record AS (
    UPDATE account_session SET ended_at = ${sqlNow(2)}
    WHERE uid IN (SELECT uid FROM own) AND ended_at IS NULL RETURNING uid),
  due AS MATERIALIZED (
    SELECT model, id FROM oidc_payload
    WHERE model = 'Session' AND uid IN (SELECT uid FROM own) AND revoked_at IS NULL
      AND (SELECT count(*) FROM record) >= 0
    ORDER BY id COLLATE "C" FOR UPDATE)
  UPDATE oidc_payload p SET revoked_at = ${sqlNow(2)} FROM due WHERE p.model = due.model AND p.id = due.id`;

export async function endSession(store: Store, id: string): Promise<void> {
  await store.sql(END_ONE, [keyOf(id), store.clock.offsetMs]);
}

export interface EndedSession {
  readonly accountId: string;
  /** As the provider stored it. */
  readonly authorizations: Readonly<
    Record<string, { grantId?: string; sid?: string; persistsLogout?: boolean }>
  >;
}

const OF_PERSON = `
  SELECT uid FROM account_session
  WHERE account_id = $1 AND ended_at IS NULL AND ($2::text IS NULL OR passkey_id = $2)
  ORDER BY uid COLLATE "C" FOR UPDATE`;

/** The sessions of a person that are not over, or those that rest on one of her passkeys; held until the transaction ends. */
export async function holdSessions(
  tx: Transaction,
  accountId: string,
  passkeyId?: string,
): Promise<readonly string[]> {
  const rows = await tx.$queryRawUnsafe<{ uid: string }[]>(OF_PERSON, accountId, passkeyId ?? null);
  return rows.map(({ uid }) => uid);
}

const STORED = `
  SELECT p.account_id AS "accountId", coalesce(p.payload->'authorizations', '{}') AS authorizations
  FROM oidc_payload p WHERE p.model = 'Session' AND p.uid = ANY ($1) AND p.revoked_at IS NULL`;

/** What lives with sessions. */
export const storedSessions = (tx: Transaction, uids: readonly string[]): Promise<EndedSession[]> =>
  tx.$queryRawUnsafe<EndedSession[]>(STORED, uids);

// In the order of a batch of oidc-payloads.ts.
const END = `
  WITH due AS MATERIALIZED (
    SELECT model, id FROM oidc_payload WHERE model = 'Session' AND uid = ANY ($1) AND revoked_at IS NULL
    ORDER BY id COLLATE "C" FOR UPDATE),
  stopped AS (
    UPDATE oidc_payload p SET revoked_at = ${sqlNow(2)} FROM due WHERE p.model = due.model AND p.id = due.id)
  UPDATE account_session SET ended_at = ${sqlNow(2)} WHERE uid = ANY ($1)`;

export async function endSessions(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  uids: readonly string[],
): Promise<void> {
  await tx.$executeRawUnsafe(END, uids, clock.offsetMs);
}

// One statement: nobody sees the session without an id. Where it has a record, that decides whether it goes on, and is
// held first, as by who ends sessions: of two steps at once both go on, and none after its end.
const MOVE = `
  WITH record AS MATERIALIZED (
    SELECT uid FROM account_session WHERE uid = $4 AND ended_at IS NULL FOR SHARE),
  known AS MATERIALIZED (SELECT id FROM oidc_payload WHERE model = 'Session' AND id = $1),
  left_behind AS (
    UPDATE oidc_payload SET revoked_at = ${sqlNow(7)}
    WHERE model = 'Session' AND id = $1 AND revoked_at IS NULL AND (SELECT count(*) FROM record) >= 0
    RETURNING id)
  INSERT INTO oidc_payload (model, id, payload, uid, account_id, issued_at, expires_at)
  SELECT 'Session', $2, $3::jsonb, $4, $5, ${sqlNow(7)}, ${sqlNow(7)} + $6::float8 * interval '1 second'
  WHERE CASE WHEN EXISTS (SELECT FROM account_session WHERE uid = $4) THEN EXISTS (SELECT FROM record)
    ELSE EXISTS (SELECT FROM left_behind) OR NOT EXISTS (SELECT FROM known) END
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, uid = excluded.uid,
    account_id = excluded.account_id, expires_at = excluded.expires_at
  WHERE oidc_payload.revoked_at IS NULL`;

interface MovedSession {
  readonly to: string;
  readonly payload: Payload;
  readonly expiresIn: number;
}

/** The session goes on under another id; one that was ended meanwhile does not. */
export async function moveSession(
  store: Store,
  from: string,
  { to, payload, expiresIn }: MovedSession,
): Promise<void> {
  const { uid = null, accountId = null } = payload;
  const columns = [keyOf(from), keyOf(to), JSON.stringify(payload), uid, accountId, expiresIn];
  await store.sql(MOVE, [...columns, store.clock.offsetMs]);
}
