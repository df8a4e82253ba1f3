// Staff on the way to the OpenID provider of their organization and back, and who its subjects are.
import { randomUUID } from 'node:crypto';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';
import type { StaffDeparture } from './generated/client.ts';
import { sha256Hex } from './hash.ts';
import { type ActorFacts, findActorFacts, findByAddress } from './people.ts';

const LIFETIME = "interval '10 minutes'";

type Departure = Pick<StaffDeparture, 'browserHash' | 'providerId' | 'nonce' | 'codeVerifier' | 'next'> & {
  readonly state: string;
};

export async function insertDeparture(store: Store, departure: Departure): Promise<void> {
  const { state, browserHash, providerId, nonce, codeVerifier, next } = departure;
  await store.sql(
    `INSERT INTO staff_departure (state_hash, browser_hash, provider_id, nonce, code_verifier, next, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, ${sqlNow(7)} + ${LIFETIME})`,
    [sha256Hex(state), browserHash, providerId, nonce, codeVerifier, next, store.clock.offsetMs],
  );
}

/** Takes the answer of a provider, for one caller only: whatever it is worth, it does not count again. */
export async function takeDeparture(
  store: Store,
  { state, browserHash, providerId }: Pick<Departure, 'state' | 'browserHash' | 'providerId'>,
): Promise<Pick<Departure, 'nonce' | 'codeVerifier' | 'next'> | undefined> {
  const now = sqlNow(4);
  const [taken] = await store.sql<Pick<Departure, 'nonce' | 'codeVerifier' | 'next'>>(
    `UPDATE staff_departure SET called_back_at = ${now}
     WHERE state_hash = $1 AND browser_hash = $2 AND provider_id = $3 AND called_back_at IS NULL
       AND expires_at > ${now}
     RETURNING nonce, code_verifier AS "codeVerifier", next`,
    [sha256Hex(state), browserHash, providerId, store.clock.offsetMs],
  );
  return taken;
}

export interface Subject {
  readonly organizationId: string;
  readonly issuer: string;
  readonly subject: string;
}

export interface KnownSubject {
  readonly bound: ActorFacts | null;
  readonly named: ActorFacts | null;
  readonly namedIsBound: boolean;
}

/** Who she is by an earlier binding, and who has that address at the organization. */
export async function findSubject(
  db: Db,
  { organizationId, issuer, subject }: Subject,
  email: string | undefined,
): Promise<KnownSubject> {
  const binding = await db.staffIdentity.findFirst({
    where: { organizationId, issuer, subject, endedAt: null },
    select: { personId: true },
  });
  if (binding !== null)
    return { bound: await findActorFacts(db, binding.personId), named: null, namedIsBound: false };
  const namedId = email === undefined ? null : await findByAddress(db, organizationId, email);
  if (namedId === null) return { bound: null, named: null, namedIsBound: false };
  const others = await db.staffIdentity.count({ where: { personId: namedId, issuer, endedAt: null } });
  return { bound: null, named: await findActorFacts(db, namedId), namedIsBound: others > 0 };
}

/** Of two that bind one subject, or one person, at once only one does: the unique indexes decide. */
export async function bindSubject(
  tx: Transaction,
  { organizationId, issuer, subject }: Subject,
  personId: string,
  requestId?: string,
): Promise<boolean> {
  const { count } = await tx.staffIdentity.createMany({
    data: [{ id: randomUUID(), organizationId, issuer, subject, personId }],
    skipDuplicates: true,
  });
  if (count === 0) return false;
  const about = { accountId: personId, organizationId, detail: { personId, issuer } };
  await appendAuditEvent(tx, { type: 'person.identity_bound', ...about }, requestId);
  return true;
}

/** Who leaves is bound to nothing any more: whoever has her address next is somebody else. */
export async function endBindings(tx: Transaction, personId: string, endedAt: Date): Promise<number> {
  const { count } = await tx.staffIdentity.updateMany({
    where: { personId, endedAt: null },
    data: { endedAt },
  });
  return count;
}
