// The end of the sessions of a person, or of those that rest on one of her passkeys, with what lives with them.
import { type EndedSession, endSessions, holdSessions, storedSessions } from './account-sessions.ts';
import { endGrantsWithin } from './consents.ts';
import type { Store, Transaction } from './database.ts';

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
  const uids = await holdSessions(tx, accountId, passkeyId);
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
