// What a campaign does by itself: who is to be warned, and whose silence is over.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

/** Asked, not answered for, and still there. */
const OPEN = `
  FROM campaign_app p JOIN attestation_campaign c ON c.id = p.campaign_id JOIN app a ON a.id = p.app_id
  WHERE c.closed_at IS NULL AND a.offboarded_at IS NULL`;
const UNANSWERED = `NOT EXISTS (
    SELECT FROM attestation t WHERE t.campaign_id = p.campaign_id AND t.app_id = p.app_id)`;

interface Asked {
  readonly campaignId: string;
  readonly appId: string;
  readonly organizationId: string;
  readonly dueAt: Date;
  readonly onSilence: string;
}

const ASKED = `p.campaign_id AS "campaignId", p.app_id AS "appId", a.organization_id AS "organizationId",
  c.due_at AS "dueAt", c.on_silence AS "onSilence"`;

export interface DueWarning extends Asked {
  readonly daysBefore: number;
}

// Of several that are due after a pause of the server the nearest says it all; one that was due when the campaign was
// opened was said by its opening.
const WARNINGS = `
  SELECT asked.*, nearest.days AS "daysBefore" FROM (
    SELECT ${ASKED}, c.warn_days, c.opened_at ${OPEN} AND c.due_at > ${sqlNow(1)} AND ${UNANSWERED}) asked
  CROSS JOIN LATERAL (
    SELECT min(days) AS days FROM unnest(asked.warn_days) AS days
    WHERE asked."dueAt" <= ${sqlNow(1)} + days * interval '1 day'
      AND asked."dueAt" > asked.opened_at + days * interval '1 day') nearest
  WHERE nearest.days IS NOT NULL AND NOT EXISTS (
    SELECT FROM campaign_warning w WHERE w.campaign_id = asked."campaignId" AND w.app_id = asked."appId"
      AND w.days_before <= nearest.days)
  ORDER BY asked."dueAt", asked."appId" LIMIT $2`;

export function listDueWarnings(store: Store, limit: number): Promise<DueWarning[]> {
  return store.sql<DueWarning>(WARNINGS, [store.clock.offsetMs, limit]);
}

/** False when another instance was faster. */
export async function recordWarning(tx: Transaction, due: DueWarning, warnedAt: Date): Promise<boolean> {
  const { campaignId, appId, daysBefore } = due;
  const row = { campaignId, appId, daysBefore, warnedAt };
  return (await tx.campaignWarning.createMany({ data: [row], skipDuplicates: true })).count === 1;
}

// Who said that the app is to end has not confirmed it.
const SILENT = `
  SELECT ${ASKED} ${OPEN} AND c.due_at <= ${sqlNow(1)} AND p.silent_at IS NULL AND NOT EXISTS (
    SELECT FROM attestation t WHERE t.campaign_id = p.campaign_id AND t.app_id = p.app_id AND t.decision = 'confirm')
  ORDER BY c.due_at, p.app_id LIMIT $2`;

export type DueSilence = Asked;

export function listDueSilences(store: Store, limit: number): Promise<DueSilence[]> {
  return store.sql<DueSilence>(SILENT, [store.clock.offsetMs, limit]);
}

/** Of an app that is held. False: it was recorded, or the campaign was closed, or it is confirmed by now. */
export async function recordSilence(
  tx: Transaction,
  { campaignId, appId }: DueSilence,
  { silentAt, silence }: { readonly silentAt: Date; readonly silence: string },
): Promise<boolean> {
  const { count } = await tx.campaignApp.updateMany({
    where: {
      ...{ campaignId, appId, silentAt: null, campaign: { closedAt: null } },
      OR: [{ attestation: null }, { attestation: { decision: 'end' } }],
    },
    data: { silentAt, silence },
  });
  return count === 1;
}

const COUNT = `
  SELECT count(DISTINCT c.id)::int AS campaigns,
    (count(*) FILTER (WHERE p.silent_at IS NULL))::int AS unanswered,
    (count(*) FILTER (WHERE p.silent_at IS NOT NULL))::int AS silent,
    min(c.due_at) FILTER (WHERE p.silent_at IS NULL) AS "nextDueAt"
  ${OPEN} AND ${UNANSWERED}`;

export interface OpenAttestations {
  /** Open campaigns in which somebody has not answered. */
  readonly campaigns: number;
  readonly unanswered: number;
  readonly silent: number;
  readonly nextDueAt: Date | null;
  /** Apps of which the attestation ends soon, or has ended, and that no open campaign asks about. */
  readonly uncovered: number;
}

const SOON_DAYS = 60;
const UNCOVERED = `
  SELECT count(*)::int AS uncovered FROM app a
  WHERE a.environment = 'production' AND a.offboarded_at IS NULL AND a.reviewed_at IS NOT NULL
    AND a.attestation_due_at < ${sqlNow(1)} + $2::int * interval '1 day'
    AND NOT EXISTS (
      SELECT FROM campaign_app p JOIN attestation_campaign c ON c.id = p.campaign_id AND c.closed_at IS NULL
      WHERE p.app_id = a.id)`;

export async function countOpenRows(store: Store): Promise<OpenAttestations> {
  const [open] = await store.sql<Omit<OpenAttestations, 'uncovered'>>(COUNT, []);
  const [left] = await store.sql<Pick<OpenAttestations, 'uncovered'>>(UNCOVERED, [
    store.clock.offsetMs,
    SOON_DAYS,
  ]);
  const none = { campaigns: 0, unanswered: 0, silent: 0, nextDueAt: null };
  return { ...none, ...open, uncovered: left?.uncovered ?? 0 };
}
