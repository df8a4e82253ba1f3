// The end of sessions with what lives with them: of one, of those of a person, or of those that rest on one of her passkeys.
import { sqlNow } from './clock.ts';
import { endGrantsWithin } from './consents.ts';
import type { Store, Transaction } from './database.ts';
import { keyOf } from './oidc-payloads.ts';

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

// She is held first: a sign-in that is under way waits for it (SIGN_IN of account-sessions.ts).
const NO_SIGN_IN = `UPDATE patient SET sessions_ended_at = ${sqlNow(2)} WHERE id = $1`;

/** A passkey that she has shown until now begins no session any more. */
async function endSignIns(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  accountId: string,
): Promise<void> {
  await tx.$executeRawUnsafe(NO_SIGN_IN, accountId, clock.offsetMs);
}

/** One session; held until the transaction ends. */
async function holdSession(tx: Transaction, uid: string): Promise<readonly string[]> {
  await tx.$queryRawUnsafe('SELECT uid FROM account_session WHERE uid = $1 FOR UPDATE', uid);
  return [uid];
}

const OF_PERSON = `
  SELECT uid FROM account_session
  WHERE account_id = $1 AND ended_at IS NULL AND ($2::text IS NULL OR passkey_id = $2)
  ORDER BY uid COLLATE "C" FOR UPDATE`;

/** The sessions of a person that are not over, or those that rest on one of her passkeys; held until the transaction ends. */
async function holdSessions(
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
const storedSessions = (tx: Transaction, uids: readonly string[]): Promise<EndedSession[]> =>
  tx.$queryRawUnsafe<EndedSession[]>(STORED, uids);

// In the order of a batch of oidc-payloads.ts.
const END = `
  WITH due AS MATERIALIZED (
    SELECT model, id FROM oidc_payload WHERE model = 'Session' AND uid = ANY ($1) AND revoked_at IS NULL
    ORDER BY id COLLATE "C" FOR UPDATE),
  stopped AS (
    UPDATE oidc_payload p SET revoked_at = ${sqlNow(2)} FROM due WHERE p.model = due.model AND p.id = due.id)
  UPDATE account_session SET ended_at = ${sqlNow(2)} WHERE uid = ANY ($1) AND ended_at IS NULL`;

async function endSessions(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  uids: readonly string[],
): Promise<void> {
  await tx.$executeRawUnsafe(END, uids, clock.offsetMs);
}

export interface SessionsEnding {
  readonly accountId: string;
  readonly passkeyId?: string;
  /** Who ended them; null: the command line. */
  readonly endedBy: string | null;
}

/** Answers with those that ended, whose apps are to be told. */
export async function endSessionsWithin(
  tx: Transaction,
  store: Pick<Store, 'clock'>,
  { accountId, passkeyId, endedBy }: SessionsEnding,
  requestId?: string,
): Promise<readonly EndedSession[]> {
  if (passkeyId === undefined) await endSignIns(tx, store, accountId);
  return endWithin(tx, store, await holdSessions(tx, accountId, passkeyId), endedBy, requestId);
}

/** One session, whoever ends it. */
export const endOneWithin = async (
  tx: Transaction,
  store: Pick<Store, 'clock'>,
  uid: string,
  requestId?: string,
): Promise<readonly EndedSession[]> => endWithin(tx, store, await holdSession(tx, uid), null, requestId);

async function endWithin(
  tx: Transaction,
  store: Pick<Store, 'clock'>,
  uids: readonly string[],
  endedBy: string | null,
  requestId?: string,
): Promise<readonly EndedSession[]> {
  const sessions = await storedSessions(tx, uids);
  const by = { by: 'sign_out', ...(endedBy === null ? {} : { accountId: endedBy }) } as const;
  await endGrantsWithin(tx, store, sessions.flatMap(grantsWith), by, requestId);
  await endSessions(tx, store, uids);
  return sessions;
}

/** Offline access outlives a session. */
const grantsWith = ({ authorizations }: EndedSession): string[] =>
  Object.values(authorizations).flatMap(({ grantId, persistsLogout }) =>
    grantId === undefined || persistsLogout ? [] : [grantId],
  );
