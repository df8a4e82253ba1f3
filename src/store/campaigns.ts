// Campaigns in which owners confirm what their access rests on.
import type { Db, Store, Transaction } from './database.ts';
import type { AttestationCampaign, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

/** Which apps are asked about; what is left out narrows nothing. */
export interface Selection {
  readonly organizationId?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly purpose?: string | undefined;
  /** Of which the attestation is due before this day. */
  readonly dueBefore?: string | undefined;
}

export type Campaign = Omit<AttestationCampaign, 'selection'> & { readonly selection: Selection };

export interface CampaignCounts {
  readonly apps: number;
  /** Nobody has answered yet. */
  readonly unanswered: number;
  /** Nobody had answered when it was due. */
  readonly silent: number;
}

export type CampaignRow = Campaign & CampaignCounts;

const SELECTED = `
  SELECT a.id FROM app a JOIN app_revision v ON v.id = a.revision_id
  WHERE a.environment = 'production' AND a.offboarded_at IS NULL AND a.reviewed_at IS NOT NULL
    AND ($1::text IS NULL OR a.organization_id = $1)
    AND ($2::text IS NULL OR a.owner_id = $2 OR a.backup_owner_id = $2)
    AND ($3::text IS NULL OR $3 = ANY (v.purposes))
    AND ($4::timestamptz IS NULL OR a.attestation_due_at < $4)
  ORDER BY a.id`;

/** Apps in production that are selected. */
export async function listSelectedApps(store: Store, selection: Selection): Promise<string[]> {
  const { organizationId = null, ownerId = null, purpose = null, dueBefore } = selection;
  const before = dueBefore === undefined ? null : new Date(dueBefore);
  const parameters = [organizationId, ownerId, purpose, before];
  return (await store.sql<{ id: string }>(SELECTED, parameters)).map(({ id }) => id);
}

export async function insertCampaign(tx: Transaction, campaign: Campaign): Promise<void> {
  const selection = campaign.selection as Prisma.InputJsonObject;
  await tx.attestationCampaign.create({ data: { ...campaign, selection }, select: { id: true } });
}

export async function findCampaignRow(db: Db, id: string): Promise<Campaign | null> {
  const row = mayName(id) ? await db.attestationCampaign.findUnique({ where: { id } }) : null;
  return row as Campaign | null;
}

/** False when it was closed before. */
export async function markCampaignClosed(
  tx: Transaction,
  id: string,
  closed: { readonly closedAt: Date; readonly closedBy: string; readonly closeReason: string },
): Promise<boolean> {
  const where = { id, closedAt: null };
  return (await tx.attestationCampaign.updateMany({ where, data: closed })).count === 1;
}

const COUNTS = `
  SELECT c.id, count(*)::int AS apps,
    (count(*) FILTER (WHERE t.id IS NULL AND p.silent_at IS NULL AND a.offboarded_at IS NULL))::int AS unanswered,
    (count(*) FILTER (WHERE t.id IS NULL AND p.silent_at IS NOT NULL))::int AS silent
  FROM attestation_campaign c JOIN campaign_app p ON p.campaign_id = c.id JOIN app a ON a.id = p.app_id
    LEFT JOIN attestation t ON t.campaign_id = p.campaign_id AND t.app_id = p.app_id
  WHERE c.id = ANY ($1) GROUP BY c.id`;

/** Open ones: what is due first. Closed ones: the latest first. */
export async function listCampaignRows(
  store: Store,
  state: 'open' | 'closed',
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<CampaignRow>> {
  const limit = limitOf(paging);
  const [after, id] = place ?? [];
  const before = after === undefined ? undefined : new Date(after);
  const found =
    state === 'open'
      ? await store.prisma.attestationCampaign.findMany({
          where: {
            closedAt: null,
            ...(before && { OR: [{ dueAt: { gt: before } }, { dueAt: before, id: { gt: id ?? '' } }] }),
          },
          orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
          take: limit + 1,
        })
      : await store.prisma.attestationCampaign.findMany({
          where: {
            closedAt: { not: null },
            ...(before && { OR: [{ closedAt: { lt: before } }, { closedAt: before, id: { lt: id ?? '' } }] }),
          },
          orderBy: [{ closedAt: 'desc' }, { id: 'desc' }],
          take: limit + 1,
        });
  const page = pageOf(found as Campaign[], limit, (row) => [
    (row.closedAt ?? row.dueAt).toISOString(),
    row.id,
  ]);
  return { ...page, rows: await counted(store, page.rows) };
}

export async function counted(store: Store, rows: readonly Campaign[]): Promise<CampaignRow[]> {
  type Counted = CampaignCounts & { readonly id: string };
  const found = await store.sql<Counted>(COUNTS, [rows.map(({ id }) => id)]);
  const counts = new Map(found.map((one) => [one.id, one]));
  return rows.map((row) => ({ ...row, ...(counts.get(row.id) ?? { apps: 0, unanswered: 0, silent: 0 }) }));
}

export interface OrganizationProgress {
  readonly organizationId: string;
  readonly organizationName: string;
  readonly apps: number;
  /** Nobody has answered for them, whether it is due or not. */
  readonly unanswered: number;
}

const PROGRESS = `
  SELECT o.id AS "organizationId", o.legal_name AS "organizationName", count(*)::int AS apps,
    (count(*) FILTER (WHERE t.id IS NULL AND a.offboarded_at IS NULL))::int AS unanswered
  FROM campaign_app p JOIN app a ON a.id = p.app_id JOIN organization o ON o.id = a.organization_id
    LEFT JOIN attestation t ON t.campaign_id = p.campaign_id AND t.app_id = p.app_id
  WHERE p.campaign_id = $1 GROUP BY o.id, o.legal_name
  ORDER BY unanswered DESC, o.legal_name, o.id LIMIT 200`;

/** Who has most to answer first. */
export const listProgressRows = (store: Store, campaignId: string): Promise<OrganizationProgress[]> =>
  store.sql<OrganizationProgress>(PROGRESS, [campaignId]);
