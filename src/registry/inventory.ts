// Every path to PHI with the name that answers for it: apps, EHRs, resource servers, platforms, subprocessors, people.
import { z } from 'zod';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { FINDINGS, type Finding, findingsOf, PATH_KINDS, type PathKind } from '../policy/findings.ts';
import type { Actor } from '../policy/permissions.ts';
import { type PathPlace, type PathRow, readPaths } from '../store/inventory.ts';
import { limitOf, type Page, type Paging, pageOf } from '../store/paging.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { identifier, line, placeAfter, readInput, refuse } from './input.ts';
import { completePaths, type InventoryPath } from './inventory-paths.ts';

export const filterSchema = z.strictObject({
  kind: z.enum(PATH_KINDS).optional(),
  organizationId: identifier.optional(),
  /** Owner or backup owner. */
  ownerId: identifier.optional(),
  purpose: identifier.optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  /** Part of the name, or the id. */
  text: line(100).optional(),
  finding: z.enum(FINDINGS).optional(),
});

export type InventoryFilter = z.infer<typeof filterSchema>;

/** How many paths are read at once where most are passed over. */
const BATCH = 500;

/** Throws what is wrong with a filter from outside. */
export const readInventoryFilter = (filter: unknown): InventoryFilter =>
  readInput(filterSchema, filter ?? {});

/** Input: {filter?, after?, limit?}; `filter` from outside, unread. */
export async function listInventory(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: unknown },
): Promise<Page<InventoryPath>> {
  assertMay(actor, 'inventory.read');
  const filter = readInventoryFilter(query.filter);
  const limit = limitOf(query);
  const found: PathRow[] = [];
  for await (const rows of walk(deps, filter, pathPlace(query), filter.finding ? BATCH : limit + 1)) {
    found.push(...rows);
    if (found.length > limit) break;
  }
  const { rows, next } = pageOf(found, limit, ({ kind, name, id }) => [kind, name, id]);
  return { rows: await completePaths(deps, rows), next };
}

export interface KindCount {
  readonly kind: PathKind;
  readonly paths: number;
  /** How many have a finding at all. */
  readonly found: number;
  readonly findings: Readonly<Partial<Record<Finding, number>>>;
}

/** Of all paths that the filter finds, whatever their kind and findings. */
export async function countInventory(
  deps: RegistryDeps,
  actor: Actor,
  filter?: unknown,
): Promise<readonly KindCount[]> {
  assertMay(actor, 'inventory.read');
  const { kind: _kind, finding: _finding, ...asked } = readInventoryFilter(filter);
  const counts = PATH_KINDS.map((kind) => ({
    ...{ kind, paths: 0, found: 0, findings: {} as Partial<Record<Finding, number>> },
  }));
  for await (const rows of walk(deps, asked, null, BATCH)) {
    for (const row of rows) {
      const count = counts.find(({ kind }) => kind === row.kind);
      const findings = findingsOf(row);
      if (count === undefined) continue;
      count.paths += 1;
      if (findings.length > 0) count.found += 1;
      for (const finding of findings) count.findings[finding] = (count.findings[finding] ?? 0) + 1;
    }
  }
  return counts;
}

/** All of them, a batch at a time. */
export async function* inventoryPaths(
  deps: RegistryDeps,
  filter: InventoryFilter,
): AsyncGenerator<readonly InventoryPath[]> {
  for await (const rows of walk(deps, filter, null, BATCH)) yield completePaths(deps, rows);
}

async function* walk(
  { store }: RegistryDeps,
  { finding, ...filter }: InventoryFilter,
  from: PathPlace | null,
  size: number,
): AsyncGenerator<readonly PathRow[]> {
  let place = from;
  do {
    const { rows, next } = await readPaths(store, filter, place, size);
    yield finding === undefined ? rows : rows.filter((row) => findingsOf(row).includes(finding));
    place = next;
  } while (place !== null);
}

function pathPlace(paging: Paging): PathPlace | null {
  const place = placeAfter(paging, 3);
  if (place === null) return null;
  const [kind = '', name = '', id = ''] = place;
  const known = PATH_KINDS.find((one) => one === kind) ?? refuse('after', 'cursor_unreadable');
  return { kind: known, after: [name, id] };
}
