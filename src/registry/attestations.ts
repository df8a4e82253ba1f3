// What those who answer for an app say of it in a campaign, with a passkey, about one snapshot: nobody else, and once.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  ATTESTATION_DECISIONS,
  ATTESTED_ITEMS,
  answerFaults,
  changedSince,
  outcomeOf,
} from '../policy/attestation.ts';
import { daysAfter } from '../policy/days.ts';
import { type Actor, refusalOf } from '../policy/permissions.ts';
import { type AppRow, findAppRow, holdAppRow } from '../store/app-records.ts';
import { updateApp } from '../store/app-standing.ts';
import {
  type AttestationRow,
  findAttestationRow,
  findCampaignAppRow,
  insertAttestation,
  lastSnapshot,
  listAskedRows,
  type TakenSnapshot,
} from '../store/campaign-apps.ts';
import { findCampaignRow } from '../store/campaigns.ts';
import type { Transaction } from '../store/database.ts';
import type { CampaignApp } from './campaign-lists.ts';
import { boundOf } from './campaign-snapshots.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { list, maybe, prose, readInput, refuse, refuseFaults } from './input.ts';
import { RegistryRefusal } from './refusal.ts';
import { restrictApp } from './restrictions.ts';

export const newAttestation = z.strictObject({
  /** Which snapshot she saw. */
  snapshotHash: z.string(),
  decision: z.enum(ATTESTATION_DECISIONS),
  confirmed: list(z.enum(ATTESTED_ITEMS), ATTESTED_ITEMS.length).default([]),
  givenUpScopes: list(z.string().min(1), 100).default([]),
  note: maybe(prose(1_000)),
});

/** Input: {snapshotHash, decision, confirmed?, givenUpScopes?, note?}. `verifiedAt`: when she showed her passkey. */
export async function attestApp(
  deps: RegistryDeps,
  actor: Actor & { readonly verifiedAt: Date },
  { campaignId, appId }: { readonly campaignId: string; readonly appId: string },
  input: unknown,
): Promise<{ readonly attestationId: string }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    assertKnown(app);
    assertMay(actor, 'attestation.answer', accountableFor(app));
    const campaign = await findCampaignRow(tx, campaignId);
    const snapshot = await lastSnapshot(tx, campaignId, appId);
    assertKnown(campaign);
    assertKnown(snapshot);
    if (campaign.closedAt !== null || app.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
    const { snapshotHash, ...answer } = readInput(newAttestation, input);
    const changed = changedSince(snapshot.facts, await boundOf(tx, app));
    if (changed.length > 0) refuse('snapshotHash', 'snapshot_outdated', changed.join(', '));
    if (snapshotHash !== snapshot.hash) refuse('snapshotHash', 'snapshot_replaced');
    refuseFaults(answerFaults(snapshot.facts, answer));
    const [id, attestedAt, attestedBy] = [randomUUID(), new Date(), actor.personId];
    // `attestation.answer` is for people.
    if (attestedBy === null) throw new RegistryRefusal('not_allowed');
    const { organizationId } = app;
    const isConfirmed = answer.decision === 'confirm';
    const given = isConfirmed ? answer : { ...answer, confirmed: [], givenUpScopes: [] };
    const about = { campaignId, appId, organizationId, snapshotId: snapshot.id, snapshotHash };
    const by = { attestedAt, attestedBy, verifiedAt: actor.verifiedAt };
    assertChanged(await insertAttestation(tx, { id, ...about, ...given, ...by } as AttestationRow));
    const { decision, givenUpScopes, note } = given;
    const detail = { attestationId: id, campaignId, snapshotHash, decision, givenUpScopes, note };
    await record(tx, actor, { type: 'app.attested', appId, organizationId, detail });
    if (isConfirmed) await goOn(tx, { deps, actor, app, attestedAt, givenUpScopes });
    return { attestationId: id };
  });
}

interface Confirmed {
  readonly deps: RegistryDeps;
  readonly actor: Actor;
  readonly app: AppRow;
  readonly attestedAt: Date;
  readonly givenUpScopes: readonly string[];
}

async function goOn(tx: Transaction, { deps, actor, app, attestedAt, givenUpScopes }: Confirmed) {
  await updateApp(tx, app.id, { attestationDueAt: daysAfter(attestedAt, deps.settings.attestationDays) });
  if (givenUpScopes.length === 0) return;
  // Until a revision without them is in force, they stay closed by this.
  const reason = 'Given up by its owner in an attestation: submit a revision without these scopes.';
  const scopes = givenUpScopes.join(' ');
  await restrictApp(tx, deps, { appId: app.id, kind: 'narrow', scopes, reason, by: actor });
}

const accountableFor = ({ organizationId, ownerId, backupOwnerId }: AppRow) => ({
  ...{ organizationId, accountableIds: [ownerId, backupOwnerId].filter((id) => id !== null) },
});

/** What the own organization is asked in open campaigns: the unanswered first. */
export async function listAsked(deps: RegistryDeps, actor: Actor): Promise<readonly CampaignApp[]> {
  const { organizationId } = actor;
  assertMay(actor, 'app.read', { organizationId });
  if (organizationId === null) return [];
  return (await listAskedRows(deps.store, organizationId)).map((row) => ({
    ...row,
    outcome: outcomeOf(row),
  }));
}

export interface AttestationDetail {
  readonly asked: CampaignApp;
  readonly snapshot: TakenSnapshot;
  readonly attestation: AttestationRow | null;
  /** What has changed since the snapshot: until an operator asks anew, it cannot be answered. */
  readonly changed: readonly string[];
  /** Whether this actor may answer; then, unless it is answered, she is to. */
  readonly mayAnswer: boolean;
}

/** Of an app that moved, what the organization of before agreed and who answered there is not told to the one of now. */
function shownTo(actor: Actor, { organizationId }: AppRow, snapshot: TakenSnapshot): TakenSnapshot {
  const { facts } = snapshot;
  if (facts.organization.id === organizationId || refusalOf(actor, 'campaign.read') === undefined)
    return snapshot;
  const revision = { ...facts.revision, subprocessors: [] };
  return { ...snapshot, facts: { ...facts, owner: null, contract: null, revision } };
}

/** What is asked about an app, for its organization and for those who oversee. */
export async function findAsked(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
  appId: string,
): Promise<AttestationDetail> {
  const db = deps.store.prisma;
  const app = await findAppRow(db, appId);
  assertKnown(app);
  assertMay(actor, 'app.read', { organizationId: app.organizationId });
  const campaign = await findCampaignRow(db, campaignId);
  const asked = campaign === null ? undefined : await findCampaignAppRow(deps.store, campaignId, appId);
  assertKnown(asked);
  const snapshot = await lastSnapshot(db, campaignId, appId);
  assertKnown(snapshot);
  const attestation = await findAttestationRow(db, campaignId, appId);
  const isOpen = attestation === null && asked.closedAt === null && asked.offboardedAt === null;
  return {
    asked: { ...asked, outcome: outcomeOf(asked) },
    ...{ snapshot: shownTo(actor, app, snapshot), attestation },
    changed: isOpen ? changedSince(snapshot.facts, await boundOf(db, app)) : [],
    mayAnswer: isOpen && refusalOf(actor, 'attestation.answer', accountableFor(app)) === undefined,
  };
}
