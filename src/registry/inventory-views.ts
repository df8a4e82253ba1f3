// Filters of the inventory under a name: those that everybody has, and those that a person keeps for herself.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import { mayName } from '../store/identifier.ts';
import {
  listInventoryViewRows,
  markInventoryViewRemoved,
  putInventoryView,
} from '../store/inventory-views.ts';
import { holdPerson } from '../store/people.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { line, readInput, refuse } from './input.ts';
import { filterSchema, type InventoryFilter } from './inventory.ts';
import { RegistryRefusal } from './refusal.ts';

export interface InventoryView {
  readonly id: string;
  readonly name: string;
  readonly filter: InventoryFilter;
}

/** Everybody has them; their names are words of the page. */
export const BUILT_IN_VIEWS = [
  { id: 'ownerless', filter: { finding: 'owner_missing' } },
  { id: 'never_used', filter: { finding: 'never_used' } },
  { id: 'dormant', filter: { finding: 'dormant' } },
  { id: 'over_privileged', filter: { kind: 'app', finding: 'over_privileged' } },
  { id: 'contract_ending', filter: { kind: 'app', finding: 'contract_ending' } },
  { id: 'credential_ending', filter: { finding: 'credential_ending' } },
] as const satisfies readonly { readonly id: string; readonly filter: InventoryFilter }[];

const MOST = 30;

export const newInventoryView = z.strictObject({ name: line(60), filter: filterSchema });

/** Her own, by name. */
export async function listInventoryViews(
  deps: RegistryDeps,
  actor: Actor,
): Promise<readonly InventoryView[]> {
  const rows = await listInventoryViewRows(deps.store.prisma, hers(actor));
  // A filter that is not understood any more is no view.
  return rows.flatMap(({ id, name, filter }) => {
    const read = filterSchema.safeParse(filter);
    return read.success ? [{ id, name, filter: read.data }] : [];
  });
}

/** Input: {name, filter}. A name that she has stands for the new filter. */
export async function saveInventoryView(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly viewId: string }> {
  const personId = hers(actor);
  const { name, filter } = readInput(newInventoryView, input);
  const view = { id: randomUUID(), personId, name, filter, createdAt: new Date() };
  await deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdPerson(tx, personId));
    const kept = await listInventoryViewRows(tx, personId);
    if (kept.length >= MOST && !kept.some((one) => one.name === name)) refuse('name', 'too_many');
    await putInventoryView(tx, view);
  });
  return { viewId: view.id };
}

export async function removeInventoryView(deps: RegistryDeps, actor: Actor, id: string): Promise<void> {
  const personId = hers(actor);
  const isRemoved =
    mayName(id) &&
    (await markInventoryViewRemoved(deps.store.prisma, { id, personId, removedAt: new Date() }));
  if (!isRemoved) throw new RegistryRefusal('record_unknown');
}

/** Nobody keeps views at the command line. */
function hers(actor: Actor): string {
  assertMay(actor, 'inventory.read');
  if (actor.personId === null) throw new RegistryRefusal('not_allowed');
  return actor.personId;
}
