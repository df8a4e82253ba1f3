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
  /** When the passkey was shown: seconds since the epoch, as the provider keeps it. */
  readonly signedInAt: number;
  /** How long the session lives at most. */
  readonly seconds: number;
}

// The same sign-in, or an earlier one, is told again at each of its steps: it shows that she is here, and nothing else. Who
// ends all her sessions and who removes a passkey is waited for: no session begins that they did not see. $4 is in whole
// seconds.
const SIGN_IN = `
  WITH person AS MATERIALIZED (SELECT sessions_ended_at FROM patient WHERE id = $2 FOR SHARE),
  shown AS MATERIALIZED (
    SELECT 1 FROM passkey WHERE id = $3 AND removed_at IS NULL AND (SELECT count(*) FROM person) >= 0 FOR SHARE)
  INSERT INTO account_session AS s (uid, account_id, passkey_id, signed_in_at, seen_at, verified_at, expires_at)
  SELECT $1, $2, $3, to_timestamp($4::float8), ${sqlNow(6)},
    CASE WHEN $3::text IS NOT NULL THEN to_timestamp($4::float8) END,
    ${sqlNow(6)} + $5::float8 * interval '1 second'
  WHERE ($3::text IS NULL OR EXISTS (SELECT FROM shown)) AND NOT EXISTS (
    SELECT FROM person WHERE to_timestamp($4::float8) < date_trunc('second', sessions_ended_at))
  ON CONFLICT (uid) DO UPDATE SET
    passkey_id = CASE WHEN excluded.signed_in_at > greatest(s.signed_in_at, s.verified_at)
      THEN excluded.passkey_id ELSE s.passkey_id END,
    verified_at = CASE WHEN excluded.signed_in_at > s.signed_in_at
      THEN greatest(s.verified_at, excluded.verified_at) ELSE s.verified_at END,
    expires_at = CASE WHEN excluded.signed_in_at > s.signed_in_at THEN excluded.expires_at ELSE s.expires_at END,
    signed_in_at = greatest(s.signed_in_at, excluded.signed_in_at), seen_at = excluded.seen_at
  WHERE s.ended_at IS NULL AND s.account_id = excluded.account_id
  RETURNING uid`;

/** Seconds since the epoch, by the database: what begins and what ends sessions goes by one clock. */
export async function signInTime(store: Store): Promise<number> {
  const now = `SELECT floor(extract(epoch FROM ${sqlNow(1)}))::float8 AS seconds`;
  const [row] = await store.read<{ readonly seconds: number }>(now, [store.clock.offsetMs]);
  if (row === undefined) throw new Error('the database told no time');
  return row.seconds;
}

/** False when the session was ended, all of hers were, or the passkey was removed, meanwhile. */
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

// She is held first, as by who takes a passkey of hers away.
const RESTS_ON = `
  SELECT k.id FROM account_session s JOIN passkey k ON k.id = s.passkey_id
  WHERE ${live(3)} AND k.removed_at IS NULL FOR SHARE OF s`;

/** The passkey that a live session rests on, which goes on until the transaction ends; undefined: it is over. */
export async function holdSignedIn(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { uid, accountId }: { readonly uid: string; readonly accountId: string },
): Promise<string | undefined> {
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(RESTS_ON, uid, accountId, clock.offsetMs);
  return row?.id;
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
