// What must be looked into: a patient says that it was not her, or a rule found something. Operators and security officers
// hear of it, see it on a list, and close it with a reason.
import { type Actor, authorOf, may } from '../policy/permissions.ts';
import { findAppRow } from '../store/app-records.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store, Transaction } from '../store/database.ts';
import {
  type FindingFilter,
  type FindingRow,
  findFindingRow,
  findSameOpen,
  hasOtherOpenFinding,
  insertFinding,
  listFindingRows,
  type NewFinding,
  updateFindingClosed,
} from '../store/findings.ts';
import { mayName } from '../store/identifier.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertChanged, assertKnown, assertMay, fromTo, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, because, readInput, timePlaceAfter } from './input.ts';
import { announce, tellOverseers } from './notices.ts';

export type { FindingRow } from '../store/findings.ts';

export const FINDING_KINDS = [
  ...(['patient_report', 'dormant_app', 'dormant_key', 'unused_scope', 'dormant_consent'] as const),
  'break_glass_unreviewed',
  ...(['jwks_unreachable', 'contract_over', 'integration_opaque'] as const),
  'attestation_missed',
  ...(['anomaly_volume', 'anomaly_off_hours', 'anomaly_new_network', 'anomaly_new_kinds'] as const),
  ...(['anomaly_many_patients', 'anomaly_refusals', 'anomaly_replays', 'anomaly_shared_credential'] as const),
] as const;
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
  await tellOverseers(tx, { type: 'finding.opened', values: { finding: findingId } });
  return true;
}

/** What a rule measured; it was found because the value reached the threshold, where it has one. */
export interface Figure {
  readonly name: string;
  readonly value: number | string;
  readonly threshold?: number | string;
}

export interface RuleFound {
  readonly kind: FindingKind;
  readonly appId?: string;
  readonly patientId?: string;
  readonly organizationId?: string;
  readonly resourceServerId?: string;
  /** What it is about beside these, so that it is found once: a key, a scope. */
  readonly event?: string;
  readonly rule: string;
  readonly figures: readonly Figure[];
  /** What it was found in: `app`, `app_key`, `consent`, `audit_event`, `access_record` ... */
  readonly records?: readonly { readonly type: string; readonly id: string }[];
  readonly score?: number;
  /** Operators see it on the list: no mail for each. */
  readonly isRoutine?: boolean;
}

/** In the transaction of what is done about it at once. Those who answer for it are told with the figures, and how to answer. */
export async function openRuleFinding(
  tx: Transaction,
  store: Pick<Store, 'clock'>,
  found: RuleFound,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { kind, rule, figures, records = [], score, isRoutine = false, ...subject } = found;
  const { appId = null, patientId = null, organizationId = null, resourceServerId = null } = subject;
  const event = subject.event ?? null;
  const same = { kind, appId, patientId, organizationId, resourceServerId, event, openedBy: `rule:${rule}` };
  const detail = { rule, figures, records, ...(score === undefined ? {} : { score }) };
  const id = await insertFinding(tx, store, { ...same, detail });
  if (id === undefined) {
    const open = await findSameOpen(tx, same);
    if (open === undefined) throw new Error('the finding was closed meanwhile');
    return { id: open, isNew: false };
  }
  const vendorId =
    organizationId ?? (appId === null ? null : ((await findAppRow(tx, appId))?.organizationId ?? null));
  const about = {
    ...(appId === null ? {} : { appId }),
    ...(vendorId === null ? {} : { organizationId: vendorId }),
    ...(resourceServerId === null ? {} : { resourceServerId }),
  };
  const told = { findingId: id, kind, ...(event === null ? {} : { event }) };
  await appendAuditEvent(tx, { type: 'finding.opened', ...about, patientId, detail: told }, undefined);
  const values = { finding: id, kind, figures: figuresText(figures) };
  if (vendorId !== null) {
    const named = appId === null ? {} : { appId };
    await announce(tx, { type: 'finding.raised', organizationId: vendorId, ...named, values });
  }
  if (isRoutine || (await hasOtherOpenFinding(tx, id, { kind, appId, patientId })))
    return { id, isNew: true };
  await tellOverseers(tx, { type: 'finding.found', values });
  return { id, isNew: true };
}

const figuresText = (figures: readonly Figure[]) =>
  figures
    .map(
      ({ name, value, threshold }) => `${name}: ${value}${threshold === undefined ? '' : ` (${threshold})`}`,
    )
    .join(', ');

/** For pages: whether to offer the list. */
export const maySeeFindings = (actor: Actor): boolean => may(actor, 'finding.read');

/** The last one first. */
export async function listFindings(
  { store }: RegistryDeps,
  actor: Actor,
  { state = 'open', kind, appId, ...paging }: Paging & Partial<FindingFilter> = {},
): Promise<Page<FindingRow>> {
  assertMay(actor, 'finding.read');
  assertFindable({ kind, appId });
  return listFindingRows(store, { state, kind, appId }, timePlaceAfter(paging), paging);
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
  const { appId } = await findFinding(deps, actor, id);
  const app = appId === null ? null : await findAppRow(deps.store.prisma, appId);
  const accountableIds = [app?.ownerId, app?.backupOwnerId].filter((person) => typeof person === 'string');
  assertMay(actor, 'finding.close', { accountableIds });
  await deps.store.prisma.$transaction(async (tx) => {
    assertChanged(await closeFindingIn(tx, deps, actor, { id, reason }));
  });
}

/** In the transaction of what settled it. False: it was closed before. */
export async function closeFindingIn(
  tx: Transaction,
  { store }: Pick<RegistryDeps, 'store'>,
  actor: Actor,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<boolean> {
  const closed = await updateFindingClosed(tx, store, { id, by: authorOf(actor), reason });
  if (closed === undefined) return false;
  const { appId, patientId } = closed;
  const about = { ...(appId === null ? {} : { appId }), patientId };
  const detail = { findingId: id, ...fromTo('open', 'closed'), reason };
  await record(tx, actor, { type: 'finding.closed', ...about, detail });
  return true;
}
