// The apps of a campaign: what was frozen of each, and what was said of it.
import { randomUUID } from 'node:crypto';
import type { Snapshot } from '../policy/attestation.ts';
import type { Db, Store, Transaction } from './database.ts';
import type { Attestation, CampaignSnapshot } from './generated/client.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface TakenSnapshot {
  readonly id: string;
  readonly number: number;
  readonly takenAt: Date;
  readonly takenBy: string;
  readonly hash: string;
  readonly facts: Snapshot;
}

type NewSnapshot = Omit<TakenSnapshot, 'id'> & { readonly campaignId: string; readonly appId: string };

export async function insertCampaignApps(
  tx: Transaction,
  campaignId: string,
  appIds: readonly string[],
): Promise<void> {
  await tx.campaignApp.createMany({ data: appIds.map((appId) => ({ campaignId, appId })) });
}

export async function insertSnapshots(tx: Transaction, snapshots: readonly NewSnapshot[]): Promise<void> {
  await tx.campaignSnapshot.createMany({
    data: snapshots.map(({ facts, ...row }) => ({ id: randomUUID(), ...row, facts: facts as object })),
  });
}

export async function lastSnapshot(db: Db, campaignId: string, appId: string): Promise<TakenSnapshot | null> {
  const where = { campaignId, appId };
  const row = await db.campaignSnapshot.findFirst({ where, orderBy: { number: 'desc' } });
  return row === null ? null : taken(row);
}

export async function findSnapshotRow(db: Db, id: string): Promise<TakenSnapshot | null> {
  const row = await db.campaignSnapshot.findUnique({ where: { id } });
  return row === null ? null : taken(row);
}

const taken = ({ campaignId: _, appId: __, facts, ...row }: CampaignSnapshot): TakenSnapshot => ({
  ...row,
  facts: facts as unknown as Snapshot,
});

export type AttestationRow = Attestation;

/** False: somebody answered for it before. */
export async function insertAttestation(tx: Transaction, attestation: Attestation): Promise<boolean> {
  return (await tx.attestation.createMany({ data: [attestation], skipDuplicates: true })).count === 1;
}

export async function findAttestationRow(
  db: Db,
  campaignId: string,
  appId: string,
): Promise<AttestationRow | null> {
  return db.attestation.findUnique({ where: { campaignId_appId: { campaignId, appId } } });
}

export interface CampaignAppRow {
  readonly campaignId: string;
  readonly appId: string;
  readonly appName: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly ownerName: string | null;
  readonly suspendedAt: Date | null;
  readonly offboardedAt: Date | null;
  readonly openedAt: Date;
  readonly dueAt: Date;
  readonly closedAt: Date | null;
  readonly onSilence: string;
  readonly reason: string;
  readonly silentAt: Date | null;
  readonly silence: string | null;
  readonly decision: string | null;
  readonly givenUpScopes: readonly string[] | null;
  readonly attestedAt: Date | null;
  readonly attestedBy: string | null;
  readonly attestedByName: string | null;
  readonly note: string | null;
}

export const ROW = `
  SELECT p.campaign_id AS "campaignId", p.app_id AS "appId", v.name AS "appName",
    a.organization_id AS "organizationId", o.legal_name AS "organizationName", w.name AS "ownerName",
    a.suspended_at AS "suspendedAt", a.offboarded_at AS "offboardedAt", c.opened_at AS "openedAt",
    c.due_at AS "dueAt", c.closed_at AS "closedAt", c.on_silence AS "onSilence", c.reason,
    p.silent_at AS "silentAt", p.silence, t.decision, t.given_up_scopes AS "givenUpScopes",
    t.attested_at AS "attestedAt", t.attested_by AS "attestedBy", b.name AS "attestedByName", t.note
  FROM campaign_app p JOIN attestation_campaign c ON c.id = p.campaign_id
    JOIN app a ON a.id = p.app_id JOIN app_revision v ON v.id = a.revision_id
    JOIN organization o ON o.id = a.organization_id LEFT JOIN person w ON w.id = a.owner_id
    LEFT JOIN attestation t ON t.campaign_id = p.campaign_id AND t.app_id = p.app_id
    LEFT JOIN person b ON b.id = t.attested_by`;

export interface CampaignAppFilter {
  /** Those that nobody answered for. */
  readonly unanswered?: boolean | undefined;
  readonly organizationId?: string | undefined;
}

const UNANSWERED = 't.id IS NULL AND a.offboarded_at IS NULL';
const LIST = (unanswered: boolean) => `${ROW}
  WHERE p.campaign_id = $1 AND ($2::text IS NULL OR a.organization_id = $2) ${unanswered ? `AND ${UNANSWERED}` : ''}
    AND ($3::text IS NULL OR (o.legal_name, p.app_id) > ($3, $4::text))
  ORDER BY o.legal_name, p.app_id LIMIT $5`;

/** In the order of the names of their organizations. */
export async function listCampaignAppRows(
  store: Store,
  campaignId: string,
  { unanswered = false, organizationId }: CampaignAppFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<CampaignAppRow>> {
  const limit = limitOf(paging);
  const [name, id] = place ?? [null, null];
  const parameters = [campaignId, organizationId ?? null, name, id, limit + 1];
  const rows = await store.sql<CampaignAppRow>(LIST(unanswered), parameters);
  return pageOf(rows, limit, (row) => [row.organizationName, row.appId]);
}

export async function findCampaignAppRow(
  store: Store,
  campaignId: string,
  appId: string,
): Promise<CampaignAppRow | undefined> {
  const rows = await store.sql<CampaignAppRow>(`${ROW} WHERE p.campaign_id = $1 AND p.app_id = $2`, [
    campaignId,
    appId,
  ]);
  return rows[0];
}

// Of the organization that answers for the app now.
const ASKED = `${ROW}
  WHERE a.organization_id = $1 AND c.closed_at IS NULL AND a.offboarded_at IS NULL
  ORDER BY t.id IS NOT NULL, c.due_at, p.app_id LIMIT 200`;

/** What an organization is asked to confirm in open campaigns: the unanswered first. */
export function listAskedRows(store: Store, organizationId: string): Promise<CampaignAppRow[]> {
  return store.sql<CampaignAppRow>(ASKED, [organizationId]);
}
