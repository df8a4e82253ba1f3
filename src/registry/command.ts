// What every command does: find out whether the actor may, change in one transaction, append the event to it.
import type { AuditEvent } from '../audit-event.ts';
import { type About, type Action, type Actor, refusalOf } from '../policy/permissions.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Transaction } from '../store/database.ts';
import { osUser } from '../web/os-user.ts';
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

/** What an instant of a record was and is, for the audit; null: it was not, or is not. */
export const turned = (field: string, before: Date | null, after: Date | null) => ({
  before: { [field]: before?.toISOString() ?? null },
  after: { [field]: after?.toISOString() ?? null },
});

/** The same of a state that has a name. */
export const fromTo = (before: string | null, after: string) => ({
  before: before === null ? null : { state: before },
  after: { state: after },
});

type Told = Extract<AuditEvent, { readonly detail?: { readonly via: string } }>;
type Untold<Event> = Event extends { readonly detail?: infer Detail }
  ? Omit<Event, 'detail' | 'accountId' | 'reason'> & { readonly detail: Omit<Detail, 'via'> }
  : never;

/** Appends the event of a change with who did it and through what. */
export async function record(tx: Transaction, actor: Actor, event: Untold<Told>): Promise<void> {
  const { personId: accountId, via } = actor;
  const user = osUser();
  const told = {
    ...{ ...event, accountId },
    detail: { ...event.detail, via, ...(user === undefined ? {} : { osUser: user }) },
  } as Told;
  await appendAuditEvent(tx, told, requestId());
}
