// What needs a person today: for each who looks, as far as she may see to it.
import { SEVERITIES, type Severity, severityOf } from '../policy/finding-severity.ts';
import { type Action, type Actor, may } from '../policy/permissions.ts';
import { type EndingContract, listEndingContractRows, readWaiting, type Waiting } from '../store/overview.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { timePlaceAfter } from './input.ts';

export const WAITING_KINDS = [
  ...(['findings_high', 'break_glass', 'quarantined', 'attestations', 'reviews', 'ownerless'] as const),
  ...([
    'owner_left',
    'contracts',
    'keys',
    'findings_medium',
    'organizations',
    'suspended',
    'findings_low',
  ] as const),
] as const;
export type WaitingKind = (typeof WAITING_KINDS)[number];

export interface WaitingItem {
  readonly kind: WaitingKind;
  readonly count: number;
  /** When it is too late, where that is known. */
  readonly dueAt: Date | null;
}

/** Whoever may see the records behind a count sees the count. */
const SEEN_WITH: Readonly<Partial<Record<WaitingKind, Action>>> = {
  ...{ findings_high: 'finding.read', findings_medium: 'finding.read', findings_low: 'finding.read' },
  ...{ break_glass: 'break_glass.read', attestations: 'campaign.read', organizations: 'organization.admit' },
  reviews: 'review.read',
};

/** The most urgent kinds first, those of which nothing waits too. */
export async function overviewFor(deps: RegistryDeps, actor: Actor): Promise<readonly WaitingItem[]> {
  assertMay(actor, 'inventory.read');
  const waiting = await readWaiting(deps.store);
  const counts = countsOf(waiting);
  return WAITING_KINDS.filter((kind) => may(actor, SEEN_WITH[kind] ?? 'inventory.read')).map((kind) => ({
    ...{ kind, count: counts[kind], dueAt: kind === 'attestations' ? waiting.attestationDueAt : null },
  }));
}

function countsOf({
  findings,
  breakGlass,
  ownerLeft,
  attestationDueAt: _,
  ...counted
}: Waiting): Record<WaitingKind, number> {
  const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<
    Severity,
    number
  >;
  for (const { kind, score, count } of findings) bySeverity[severityOf(kind, score)] += count;
  const { high, medium, low } = bySeverity;
  return {
    ...{ ...counted, break_glass: breakGlass, owner_left: ownerLeft },
    ...{ findings_high: high, findings_medium: medium, findings_low: low },
  };
}

/** Contracts that end within sixty days and under which apps act. */
export async function listEndingContracts(
  deps: RegistryDeps,
  actor: Actor,
  paging: Paging = {},
): Promise<Page<EndingContract>> {
  assertMay(actor, 'inventory.read');
  return listEndingContractRows(deps.store, timePlaceAfter(paging), paging);
}
