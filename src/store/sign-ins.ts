// With which passkey a session began: how surely who signed in had proved who she is follows from the proofing in whose
// session that passkey was bound.
import { batched, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';

export interface SignIn {
  readonly accountId: string;
  readonly passkeyId: string;
  readonly proofing: { readonly level: string; readonly expiresAt: Date } | undefined;
  readonly now: Date;
}

interface Row {
  readonly sessionUid: string;
  readonly accountId: string;
  readonly passkeyId: string;
  readonly level: string | null;
  readonly expiresAt: Date | null;
  readonly now: Date;
}

// A removed passkey carries nothing any more.
const FIND = `
  SELECT s.uid AS "sessionUid", s.account_id AS "accountId", s.passkey_id AS "passkeyId", q.level,
    q.expires_at AS "expiresAt", ${sqlNow(2)} AS now
  FROM unnest($1::text[]) AS i (uid)
  CROSS JOIN LATERAL (SELECT * FROM account_session WHERE uid = i.uid LIMIT 1) s
  JOIN passkey k ON k.id = s.passkey_id AND k.removed_at IS NULL AND k.patient_id = s.account_id
  LEFT JOIN passkey_proofing b ON b.passkey_id = s.passkey_id
  LEFT JOIN identity_proofing q ON q.id = b.proofing_id AND q.patient_id = s.account_id`;

export const findSignIn = batched<string, SignIn | undefined>(async (store, uids) => {
  const asked = distinct(uids, (uid) => uid);
  const rows = await store.read<Row>(FIND, [asked, store.clock.offsetMs]);
  const found = new Map(rows.map((row) => [row.sessionUid, signInOf(row)]));
  return uids.map((uid) => found.get(uid));
});

function signInOf({ accountId, passkeyId, level, expiresAt, now }: Row): SignIn {
  const proofing = level === null || expiresAt === null ? undefined : { level, expiresAt };
  return { accountId, passkeyId, proofing, now };
}
