// What was asked for, granted and reviewed: for who may know of it, and what still waits for somebody.
import { type GlassState, glassState } from '../policy/break-glass.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import { findGlass, type GlassFilter, type GlassRow, listGlassRows } from '../store/break-glass.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, timePlaceAfter } from './input.ts';

export interface Glass extends GlassRow {
  readonly state: GlassState;
  /** It began without an approval, and nobody has looked into it yet. */
  readonly awaitsReview: boolean;
}

export const glassOf = (row: GlassRow): Glass => ({
  ...row,
  state: glassState(row),
  awaitsReview: row.reviewDueAt !== null && row.reviewedAt === null,
});

/** One of another organization is not there. */
export async function findBreakGlass({ store }: RegistryDeps, actor: Actor, id: string): Promise<Glass> {
  const row = await findGlass(store, id);
  assertKnown(row);
  assertMay(actor, 'break_glass.read', { organizationId: row.organizationId });
  return glassOf(row);
}

/** The last one first; who does not oversee sees those of her own organization. */
export async function listBreakGlass(
  { store }: RegistryDeps,
  actor: Actor,
  { filter = {}, ...paging }: Paging & { readonly filter?: GlassFilter } = {},
): Promise<Page<Glass>> {
  const organizationId = seesAll(actor) ? filter.organizationId : (actor.organizationId ?? '');
  assertMay(actor, 'break_glass.read', seesAll(actor) ? {} : { organizationId: actor.organizationId });
  assertFindable({ ...filter });
  const page = await listGlassRows(store, { ...filter, organizationId }, timePlaceAfter(paging), paging);
  return { ...page, rows: page.rows.map(glassOf) };
}
