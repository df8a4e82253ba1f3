// What rules ask of one app, and the findings of rules that are open or were closed lately.
import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import type { Stop } from '../policy/dormancy.ts';
import { isPlatformStopped, type Platform } from '../policy/standing.ts';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';
import { withDates } from './json-dates.ts';
import { standingAt } from './platforms.ts';
import { OWN_QUARANTINES, PLATFORM_QUARANTINED_AT } from './quarantines.ts';
import { CONTRACT_COLUMNS, PLATFORM_COLUMN } from './standing-columns.ts';

export interface GovernedApp {
  readonly now: Date;
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  /** Since when it is as it is now: approved, with this revision. */
  readonly inForceSince: Date;
  /** When it could last not be used for what others did, its own quarantines apart; null: that is not known of it. */
  readonly unusableUntil: Date | null;
  /** Its own, of it as a whole. */
  readonly quarantines: readonly Stop[];
  /** That of its renewal, where one follows that may begin. */
  readonly contractEndsAt: Date | null;
  readonly ownerId: string | null;
  /** `smart`, or `oidc` for one that only signs people in. */
  readonly profile: string;
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  readonly purposeStatement: string;
  readonly audiences: readonly string[];
  readonly authMethod: string;
  readonly jwksUri: string | null;
  /** It gets nothing for the sake of its platform: that nobody uses it is not its fault. */
  readonly isPlatformStopped: boolean;
}

const IN_FORCE_SINCE = 'greatest(coalesce(a.reviewed_at, a.created_at), v.created_at)';

// What is suspended or was never let in is not idle.
const FIND = `
  SELECT ${sqlNow(2)} AS now, a.id, a.organization_id AS "organizationId", v.name,
    ${IN_FORCE_SINCE} AS "inForceSince", u.unusable_at AS "unusableUntil", ${OWN_QUARANTINES} AS quarantines,
    ${PLATFORM_QUARANTINED_AT} IS NOT NULL AS "isPlatformQuarantined", ${CONTRACT_COLUMNS}, ${PLATFORM_COLUMN},
    v.profile, a.owner_id AS "ownerId", v.scope_ceiling AS "scopeCeiling", v.purposes, v.purpose_statement AS "purposeStatement",
    v.audiences, v.auth_method AS "authMethod", v.jwks_uri AS "jwksUri"
  FROM app a JOIN app_revision v ON v.id = a.revision_id JOIN organization o ON o.id = a.organization_id
    LEFT JOIN contract c ON c.id = a.contract_id LEFT JOIN app_use_cursor u ON u.app_id = a.id
  WHERE a.id = $1 AND a.offboarded_at IS NULL AND a.suspended_at IS NULL AND o.suspended_at IS NULL
    AND o.offboarded_at IS NULL AND (a.environment = 'sandbox' OR a.reviewed_at IS NOT NULL)`;

export async function findGovernedApp(store: Store, id: string): Promise<GovernedApp | undefined> {
  type Contracted = ContractPeriod & { readonly nextContract: NextContract | null };
  type Row = Omit<GovernedApp, 'isPlatformStopped'> &
    Contracted & { readonly platform: Platform | null; readonly isPlatformQuarantined: boolean };
  const [row] = await store.sql<Row>(FIND, [id, store.clock.offsetMs]);
  if (row === undefined) return undefined;
  const app = standingAt(row, row.now);
  const quarantines = row.quarantines.map(withDates);
  return { ...app, quarantines, isPlatformStopped: app.isPlatformQuarantined || isPlatformStopped(app) };
}

export interface IdleKey {
  readonly id: string;
  readonly kid: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /** Its own quarantines: until when, or since when one holds. */
  readonly restrictions: readonly Stop[];
}

/** The live credentials that are registered here. */
export async function liveKeysOf(store: Store, appId: string, now: Date): Promise<IdleKey[]> {
  return store.prisma.appKey.findMany({
    where: { appId, kind: { not: 'published' }, revokedAt: null, endsAt: { gt: now } },
    select: {
      ...{ id: true, kid: true, createdAt: true, lastUsedAt: true },
      restrictions: { select: { madeAt: true, liftedAt: true } },
    },
    orderBy: { id: 'asc' },
  });
}

export interface RuleFinding {
  readonly id: string;
  readonly kind: string;
  readonly event: string | null;
  readonly openedBy: string;
  readonly closedAt: Date | null;
  /** Of the restrictions that it made, how many hold. */
  readonly holding: number;
}

/** Of rules, about one app: open ones, and those that somebody closed since. */
export async function ruleFindingsOf(db: Db, appId: string, since: Date): Promise<RuleFinding[]> {
  const rows = await db.finding.findMany({
    where: {
      appId,
      openedBy: { startsWith: 'rule:' },
      OR: [{ closedAt: null }, { closedAt: { gt: since } }],
    },
    select: {
      ...{ id: true, kind: true, event: true, openedBy: true, closedAt: true },
      restrictions: { where: { liftedAt: null }, select: { id: true } },
    },
  });
  return rows.map(({ restrictions, ...row }) => ({ ...row, holding: restrictions.length }));
}

/** When a finding was opened, and whether somebody lifted what followed from it: no policy lifts. */
export async function findTakenBack(
  tx: Transaction,
  id: string,
): Promise<{ readonly openedAt: Date; readonly isLifted: boolean }> {
  const { openedAt, restrictions } = await tx.finding.findUniqueOrThrow({
    where: { id },
    select: {
      openedAt: true,
      restrictions: { where: { liftedAt: { not: null } }, select: { id: true }, take: 1 },
    },
  });
  return { openedAt, isLifted: restrictions.length > 0 };
}

/** Who is told that sharing ended, by the event of the audit that told it. */
export async function patientsOfGrants(tx: Transaction, grantIds: readonly string[]) {
  return tx.consent.findMany({
    where: { grantId: { in: [...grantIds] }, patientId: { not: null } },
    select: { grantId: true, patientId: true },
  });
}
