import { expect, jest, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { recentCounts } from '../../src/registry/inventory-counts.ts';
import { operator } from '../setup/reviewed.ts';

/** A store with so many people, each a path; it tells how often it was walked. */
function storeOf(people: number) {
  const walks: string[] = [];
  const now = new Date();
  const row = (n: number) => ({
    ...{ now, kind: 'person', id: `p${n}`, name: 'A', createdAt: now, ownerName: 'A', ownerLeftAt: null },
    ...{ suspendedAt: null, lastUsedAt: now, credentialSince: now, credentialEndsAt: null },
  });
  let left = 0;
  const sql = async (text: string) => {
    if (!text.includes("'person' AS kind")) return [];
    if (!text.includes('p.name >=')) {
      walks.push(text);
      left = people;
    }
    const rows = Array.from({ length: Math.min(500, left) }, (_, n) => row(left - n));
    left -= rows.length;
    return rows;
  };
  return { walks, deps: { store: { sql, clock: { offsetMs: 0 } } } as unknown as RegistryDeps };
}

test('few paths are counted at each look', async () => {
  const { walks, deps } = storeOf(20);
  await recentCounts(deps, operator, {});
  await recentCounts(deps, operator, {});
  expect(walks).toHaveLength(2);
});

test('many are remembered for each filter, and counted again while the last counts are shown', async () => {
  const { walks, deps } = storeOf(3_100);
  const people = async (filter = {}) => {
    const counts = await recentCounts(deps, operator, filter);
    return counts.find(({ kind }) => kind === 'person')?.paths;
  };
  expect([await people(), await people({ kind: 'app' }), walks.length]).toEqual([3_100, 3_100, 1]);
  await people({ organizationId: 'x' });
  expect(walks).toHaveLength(2);
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 40_000);
  expect([await people(), await people()]).toEqual([3_100, 3_100]);
  await new Promise(setImmediate);
  expect(walks).toHaveLength(3);
  clock.mockReturnValue(now + 60 * 60_000);
  await people();
  expect(walks).toHaveLength(4);
  clock.mockRestore();
});
