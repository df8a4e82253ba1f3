import { expect, test } from '@jest/globals';
import { WAITING_KINDS } from '../../src/registry/overview.ts';
import type { ApiWorld } from '../setup/api-world.ts';

/** What operators look at first, and the filters that they keep. */
export function overviewStories(of: () => ApiWorld): void {
  test('an operator reads what needs a person today, and what an app reaches', async () => {
    const { api } = of();
    const { rows } = await api('operator', 'readOverview');
    expect(rows.map(({ kind }: { kind: string }) => kind)).toEqual(WAITING_KINDS);
    expect((await api('operator', 'listEndingContracts')).rows).toEqual(expect.any(Array));
    const reach = await api('operator', 'readAppReach', { at: { appId: 'lantern-health' } });
    expect(reach).toMatchObject({ patients: 0, scopes: [], servers: [] });
    expect(reach.days).toHaveLength(60);
  });

  test('a reviewer keeps a view, and removes it', async () => {
    const { api } = of();
    const body = { name: 'Sandbox', filter: { kind: 'app', environment: 'sandbox' } };
    const { viewId } = await api('reviewer', 'saveInventoryView', { body });
    expect(await api('reviewer', 'listInventoryViews')).toEqual({ rows: [{ id: viewId, ...body }] });
    expect((await api('operator', 'listInventoryViews')).rows).toEqual([]);
    await api('reviewer', 'removeInventoryView', { at: { viewId } });
    expect((await api('reviewer', 'listInventoryViews')).rows).toEqual([]);
  });
}
