// What every command does: find out whether the actor may, change in one transaction, append the event to it.
import type { AuditEvent } from '../audit-event.ts';
import { type About, type Action, type Actor, refusalOf } from '../policy/permissions.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Transaction } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import { RegistryRefusal } from './refusal.ts';

export function assertMay(actor: Actor, action: Action, about?: About): void {
  const reason = refusalOf(actor, action, about);
  if (reason !== undefined) throw new RegistryRefusal(reason);
}

/** For records that may be absent: what does not exist and what the actor may not know of are one. */
export function assertKnown<Row>(row: Row | null | undefined): asserts row is Row {
  if (row === null || row === undefined) throw new RegistryRefusal('record_unknown');
}

/** A conditional update that found nothing to change: somebody was quicker, or it is not the time for it. */
export function assertChanged(changed: boolean): void {
  if (!changed) throw new RegistryRefusal('state_conflict');
}

type Told = Extract<AuditEvent, { readonly detail?: { readonly via: string } }>;
type Untold<Event> = Event extends { readonly detail?: infer Detail }
  ? Omit<Event, 'detail' | 'accountId' | 'reason'> & { readonly detail: Omit<Detail, 'via'> }
  : never;

/** Appends the event of a change with who did it and through what. */
export async function record(tx: Transaction, actor: Actor, event: Untold<Told>): Promise<void> {
  const { personId: accountId, via } = actor;
  const told = { ...event, accountId, detail: { ...event.detail, via } } as Told;
  await appendAuditEvent(tx, told, requestId());
}
