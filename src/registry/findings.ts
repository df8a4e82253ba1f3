// What must be looked into: a patient says that it was not her. Operators and security officers hear of it at once, see it
// on a list, and close it with a reason.
import { type Actor, authorOf, may } from '../policy/permissions.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store, Transaction } from '../store/database.ts';
import {
  type FindingRow,
  findFindingRow,
  findingRecipients,
  hasOtherOpenFinding,
  insertFinding,
  listFindingRows,
  type NewFinding,
  updateFindingClosed,
} from '../store/findings.ts';
import { mayName } from '../store/identifier.ts';
import { enqueue } from '../store/outbox.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput, timePlaceAfter } from './input.ts';

export type { FindingRow } from '../store/findings.ts';

export const FINDING_KINDS = ['patient_report'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const FINDING_STATES = ['open', 'closed'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

export interface Found extends Omit<NewFinding, 'kind' | 'openedBy'> {
  readonly kind: FindingKind;
  /** Who says so, where it is a patient or somebody for her. */
  readonly accountId: string;
  readonly requestId: string | undefined;
}

/**
 * In the transaction of what is done about it at once. Who sees to it is told of the first about an app and a patient;
 * the mail names neither. False: the same was said before, and is still open.
 */
export async function openFinding(
  tx: Transaction,
  store: Pick<Store, 'clock'>,
  found: Found,
): Promise<boolean> {
  const { accountId, requestId, ...finding } = found;
  const { kind, appId, patientId, event } = finding;
  const findingId = await insertFinding(tx, store, { ...finding, openedBy: accountId });
  if (findingId === undefined) return false;
  const about = { ...(appId === null ? {} : { appId }), accountId, patientId };
  const detail = { findingId, kind, ...(event === null ? {} : { event }) };
  await appendAuditEvent(tx, { type: 'finding.opened', ...about, detail }, requestId);
  if (await hasOtherOpenFinding(tx, findingId, { kind, appId, patientId })) return true;
  const content = { type: 'finding.opened', values: { finding: findingId } };
  const addresses = await findingRecipients(tx);
  await enqueue(
    tx,
    addresses.map((destination) => ({ channel: 'mail', destination, content })),
  );
  return true;
}

/** For pages: whether to offer the list. */
export const maySeeFindings = (actor: Actor): boolean => may(actor, 'finding.read');

/** The last one first. */
export async function listFindings(
  { store }: RegistryDeps,
  actor: Actor,
  { state = 'open', ...paging }: Paging & { readonly state?: FindingState | undefined } = {},
): Promise<Page<FindingRow>> {
  assertMay(actor, 'finding.read');
  return listFindingRows(store, state, timePlaceAfter(paging), paging);
}

export async function findFinding({ store }: RegistryDeps, actor: Actor, id: string): Promise<FindingRow> {
  assertMay(actor, 'finding.read');
  const row = mayName(id) ? await findFindingRow(store, id) : null;
  assertKnown(row);
  return row;
}

/** Input: {reason}. */
export async function closeFinding(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'finding.close');
  const { reason } = readInput(because, input);
  await findFinding(deps, actor, id);
  await deps.store.prisma.$transaction(async (tx) => {
    const closed = await updateFindingClosed(tx, deps.store, { id, by: authorOf(actor), reason });
    assertChanged(closed !== undefined);
    const { appId, patientId } = closed ?? { appId: null, patientId: null };
    const about = { ...(appId === null ? {} : { appId }), patientId };
    await record(tx, actor, { type: 'finding.closed', ...about, detail: { findingId: id, reason } });
  });
}
