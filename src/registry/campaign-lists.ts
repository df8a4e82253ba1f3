// Which campaigns there are, and how far each of them is.
import { outcomeOf } from '../policy/attestation.ts';
import type { Actor } from '../policy/permissions.ts';
import { type CampaignAppFilter, type CampaignAppRow, listCampaignAppRows } from '../store/campaign-apps.ts';
import { countOpenRows, type OpenAttestations } from '../store/campaign-rounds.ts';
import {
  type CampaignRow,
  counted,
  findCampaignRow,
  listCampaignRows,
  listProgressRows,
  type OrganizationProgress,
} from '../store/campaigns.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, placeAfter, timePlaceAfter } from './input.ts';

export type { CampaignRow, OrganizationProgress } from '../store/campaigns.ts';

export const CAMPAIGN_STATES = ['open', 'closed'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** Open ones: what is due first. Closed ones: the latest first. */
export async function listCampaigns(
  deps: RegistryDeps,
  actor: Actor,
  { state = 'open', ...paging }: Paging & { readonly state?: CampaignState | undefined } = {},
): Promise<Page<CampaignRow>> {
  assertMay(actor, 'campaign.read');
  return listCampaignRows(deps.store, state, timePlaceAfter(paging), paging);
}

export async function findCampaign(deps: RegistryDeps, actor: Actor, id: string): Promise<CampaignRow> {
  assertMay(actor, 'campaign.read');
  const campaign = await findCampaignRow(deps.store.prisma, id);
  assertKnown(campaign);
  const [row] = await counted(deps.store, [campaign]);
  assertKnown(row);
  return row;
}

export interface CampaignApp extends CampaignAppRow {
  readonly outcome: ReturnType<typeof outcomeOf>;
}

/** By organization. */
export async function listCampaignApps(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
  { unanswered, organizationId, ...paging }: Paging & CampaignAppFilter = {},
): Promise<Page<CampaignApp>> {
  await findCampaign(deps, actor, campaignId);
  assertFindable({ organizationId });
  const filter = { unanswered, organizationId };
  const found = await listCampaignAppRows(deps.store, campaignId, filter, placeAfter(paging, 2), paging);
  return { ...found, rows: found.rows.map((row) => ({ ...row, outcome: outcomeOf(row) })) };
}

/** All of them. */
export async function everyCampaignApp(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
  filter: CampaignAppFilter = {},
): Promise<readonly CampaignApp[]> {
  const rows: CampaignApp[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const paging = { ...filter, limit: 200, ...(after === undefined ? {} : { after }) };
    const page: Page<CampaignApp> = await listCampaignApps(deps, actor, campaignId, paging);
    rows.push(...page.rows);
    after = page.next;
  }
  return rows;
}

/** Who has answered, by organization: who has most to answer first. */
export async function listProgress(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
): Promise<readonly OrganizationProgress[]> {
  await findCampaign(deps, actor, campaignId);
  return listProgressRows(deps.store, campaignId);
}

/** For the home page: how many campaigns and apps wait for an answer. */
export async function countOpenAttestations(deps: RegistryDeps, actor: Actor): Promise<OpenAttestations> {
  assertMay(actor, 'campaign.read');
  return countOpenRows(deps.store);
}
