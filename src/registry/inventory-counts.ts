// What the page of the inventory counts, of a network in which counting takes longer than the page may: as it was a
// moment ago, counted again behind the back of whoever looks. Of few paths it is counted at each look.
import type { Actor } from '../policy/permissions.ts';
import type { Store } from '../store/database.ts';
import type { RegistryDeps } from './deps.ts';
import { countInventory, type InventoryFilter, type KindCount } from './inventory.ts';

interface Remembered {
  readonly counts: readonly KindCount[];
  readonly at: number;
  isCounting: boolean;
}

/** More paths than these take too long. */
const MANY = 3_000;
const FRESH_MS = 30_000;
const KEPT_MS = 15 * 60_000;
const KEPT_MOST = 40;

const remembered = new WeakMap<Store, Map<string, Remembered>>();

export async function recentCounts(
  deps: RegistryDeps,
  actor: Actor,
  { kind: _kind, finding: _finding, ...asked }: InventoryFilter,
): Promise<readonly KindCount[]> {
  const kept = remembered.get(deps.store) ?? new Map<string, Remembered>();
  remembered.set(deps.store, kept);
  const key = JSON.stringify(asked, Object.keys(asked).sort());
  const known = kept.get(key);
  const age = known === undefined ? KEPT_MS : Math.abs(Date.now() - known.at);
  if (known === undefined || age >= KEPT_MS) return count(deps, actor, { asked, key, kept });
  if (age >= FRESH_MS && !known.isCounting) {
    known.isCounting = true;
    count(deps, actor, { asked, key, kept }).catch(() => {
      known.isCounting = false;
    });
  }
  return known.counts;
}

async function count(
  deps: RegistryDeps,
  actor: Actor,
  { asked, key, kept }: { asked: InventoryFilter; key: string; kept: Map<string, Remembered> },
): Promise<readonly KindCount[]> {
  const at = Date.now();
  const counts = await countInventory(deps, actor, asked);
  kept.delete(key);
  if (counts.reduce((sum, { paths }) => sum + paths, 0) > MANY) {
    const [oldest] = kept.keys();
    if (kept.size >= KEPT_MOST && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { counts, at, isCounting: false });
  }
  return counts;
}
