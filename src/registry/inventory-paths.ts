import { daysBetween } from '../policy/days.ts';
import { type Finding, findingsOf, type PathKind, type PathState, stateOf } from '../policy/findings.ts';
import { dataOf, type PathData } from '../policy/path-data.ts';
import type { PathRow } from '../store/inventory.ts';
import { liveApiTokens, useOfApps, useOfProcessors } from '../store/path-use.ts';
import type { RegistryDeps } from './deps.ts';

export interface InventoryPath extends PathData {
  readonly kind: PathKind;
  readonly id: string;
  readonly name: string;
  readonly environments: readonly string[];
  readonly state: PathState;
  /** Without an id: the operator's own. */
  readonly organization: { readonly id: string | null; readonly name: string };
  readonly owner: PathOwner | null;
  readonly backupOwner: PathOwner | null;
  readonly contractEndsAt: Date | null;
  readonly attestationDueAt: Date | null;
  readonly purposes: readonly string[];
  /** Of a person. */
  readonly roles: readonly string[];
  /** Of a platform or subprocessor: what it does, and for how many apps. */
  readonly services: readonly string[];
  readonly apps: number | null;
  /** Null: it does not apply, or cannot be known here. */
  readonly livePatients: number | null;
  readonly liveTokens: number | null;
  readonly credentialAgeDays: number | null;
  readonly credentialEndsAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly findings: readonly Finding[];
}

export interface PathOwner {
  /** Null: a contact of an organization that has nobody here. */
  readonly id: string | null;
  readonly name: string;
  readonly leftAt: Date | null;
}

/** With what is counted for those that are shown only. */
export async function completePaths(
  { store, settings }: RegistryDeps,
  rows: readonly PathRow[],
): Promise<InventoryPath[]> {
  const ids = (kind: PathKind) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
  const [apps, platforms, subprocessors, tokens] = await Promise.all([
    useOfApps(store, ids('app')),
    useOfProcessors(store, ids('platform'), { hosting: true }),
    useOfProcessors(store, ids('subprocessor'), { hosting: false }),
    liveApiTokens(store, ids('person')),
  ]);
  return rows.map((row) => {
    const state = stateOf(row);
    const processor = (row.kind === 'platform' ? platforms : subprocessors).get(row.id);
    const use = row.kind === 'app' ? apps.get(row.id) : processor;
    // Of an app that may not act, no token answers active.
    const appTokens =
      row.kind === 'app' ? (state === 'acting' ? (apps.get(row.id)?.liveTokens ?? 0) : 0) : null;
    return {
      ...{ kind: row.kind, id: row.id, name: row.name, environments: row.ofEnvironments, state },
      organization: { id: row.organizationId, name: row.organizationName ?? settings.operatorName },
      owner: owner(row.ownerId, row.ownerName, row.ownerLeftAt),
      backupOwner: owner(row.backupOwnerId, row.backupName, row.backupLeftAt),
      ...{ contractEndsAt: row.contractEndsAt, attestationDueAt: row.attestationDueAt },
      purposes: processor?.purposes ?? row.purposes,
      ...dataOf(processor?.ceilings ?? row.ceilings),
      ...{ roles: row.roles, services: processor?.services ?? [], apps: processor?.apps ?? null },
      livePatients: use?.livePatients ?? null,
      liveTokens: row.kind === 'person' ? (tokens.get(row.id) ?? 0) : appTokens,
      credentialAgeDays: row.credentialSince === null ? null : ageInDays(row.credentialSince, row.now),
      credentialEndsAt: row.credentialEndsAt,
      lastUsedAt: processor?.lastUsedAt ?? row.lastUsedAt,
      findings: findingsOf(row),
    };
  });
}

const owner = (id: string | null, name: string | null, leftAt: Date | null): PathOwner | null =>
  name === null ? null : { id, name, leftAt };

const ageInDays = (since: Date, now: Date) => Math.max(0, Math.floor(daysBetween(since, now)));
