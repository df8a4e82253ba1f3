// Mail and webhooks on their way out: written in the transaction of their cause, sent later, at least once.
import { randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

export type Channel = 'mail' | 'webhook';

/** What happened, free of PHI and secrets: the mail's text and the webhook's body are made of it when they leave. */
export interface MessageContent {
  readonly type: string;
  /** Of a notice to those who answer for apps. */
  readonly organizationId?: string;
  readonly appId?: string;
  /** Of a notice to a patient. */
  readonly patientId?: string;
  /** The language that is known to be hers. */
  readonly locale?: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface NewMessage {
  readonly channel: Channel;
  /** A mail address, or the id of the organization whose webhook it is. */
  readonly destination: string;
  readonly content: MessageContent;
}

export interface ClaimedMessage extends NewMessage {
  readonly id: string;
  readonly createdAt: Date;
  /** The one that follows from the claim included. */
  readonly tries: number;
}

/** From one try to the next; after the last of them there is one more try. */
const WAITS_S = [60, 300, 1_800, 7_200, 43_200];
const MOST_TRIES = WAITS_S.length + 1;

export async function enqueue(tx: Transaction, messages: readonly NewMessage[]): Promise<void> {
  await tx.outboxMessage.createMany({
    data: messages.map(({ content, ...to }) => ({
      ...to,
      id: randomUUID(),
      content: JSON.parse(JSON.stringify(content)),
    })),
  });
}

// A claim puts the next try off before this one begins: no other instance takes the message meanwhile, and one that a
// stop cut short comes back by itself.
const CLAIM = `
WITH due AS MATERIALIZED (
  SELECT id FROM outbox_message
  WHERE sent_at IS NULL AND failed_at IS NULL AND next_try_at <= ${sqlNow(1)}
  ORDER BY next_try_at
  LIMIT $3
  FOR UPDATE SKIP LOCKED
)
UPDATE outbox_message message
SET tries = tries + 1,
  next_try_at = ${sqlNow(1)} + ($2::int[])[least(tries + 1, cardinality($2::int[]))] * interval '1 second'
FROM due WHERE message.id = due.id
RETURNING message.id, channel, destination, content, created_at AS "createdAt", tries`;

export function claimMessages(store: Store, limit: number): Promise<ClaimedMessage[]> {
  return store.sql<ClaimedMessage>(CLAIM, [store.clock.offsetMs, WAITS_S, limit]);
}

export async function markSent(store: Store, id: string): Promise<void> {
  await store.sql(
    `UPDATE outbox_message SET sent_at = ${sqlNow(1)}, last_fault = NULL WHERE id = $2 AND sent_at IS NULL`,
    [store.clock.offsetMs, id],
  );
}

/** Keeps the fault; answers whether it was given up. */
export async function markFault(
  store: Store,
  { id, tries }: ClaimedMessage,
  fault: string,
): Promise<{ readonly givenUp: boolean }> {
  const givenUp = tries >= MOST_TRIES;
  await store.sql(
    `UPDATE outbox_message SET last_fault = $3, failed_at = CASE WHEN $4 THEN ${sqlNow(1)} END
    WHERE id = $2 AND sent_at IS NULL`,
    [store.clock.offsetMs, id, fault.slice(0, 200), givenUp],
  );
  return { givenUp };
}
