import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PATH_KINDS } from '../../src/policy/findings.ts';
import { type Actor, commandLine } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { countInventory, listInventory } from '../../src/registry/inventory.ts';
import type { InventoryPath } from '../../src/registry/inventory-paths.ts';
import { addProcessor } from '../setup/inventory-records.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

const list = async (filter: object = {}) =>
  (await listInventory(deps, commandLine, { filter, limit: 200 })).rows;
const ids = (rows: readonly InventoryPath[]) => rows.map(({ id }) => id);

describe('the list', () => {
  test('comes page by page in one order, every path once, also where names are the same', async () => {
    for (const name of ['Same', 'Same', 'Same']) await registerApp(world, world.clientId, { name });
    await addProcessor(world, 'Same Cloud', ['hosting', 'support'], world.clientId);
    const whole = await list();
    expect([...new Set(whole.map(({ kind }) => kind))]).toEqual([...PATH_KINDS]);
    for (const limit of [1, 2, 3, 7]) {
      const seen: InventoryPath[] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page = await listInventory(deps, commandLine, { after, limit });
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        seen.push(...page.rows);
        after = page.next;
      }
      expect(ids(seen)).toEqual(ids(whole));
    }
  });

  test('a contract that is renewed without a gap does not end; what its renewal needs approval for does', async () => {
    const { prisma } = world.store;
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
    const terms = { organizationId: 'lantern', reference: 'Short', startsAt: inDays(-9) };
    const appOf = async (id: string, endsAt: Date, renewal?: object) => {
      await prisma.contract.create({ data: { id, ...terms, endsAt } });
      const next = { ...terms, id: `${id}-next`, startsAt: endsAt, endsAt: inDays(400), renewsId: id };
      // An app that comes later needs the renewal approved.
      const appId = await registerApp(world, world.clientId, { contractId: id });
      if (renewal !== undefined) await prisma.contract.create({ data: { ...next, ...renewal } });
      return appId;
    };
    for (const [appId, finding, days] of [
      [await appOf('renewed', inDays(5), {}), false, 400],
      [await appOf('begun', inDays(-1), {}), false, 400],
      [await appOf('waits', inDays(5), { approvalNeeded: ['limits'] }), 'contract_ending', 5],
      [await appOf('alone', inDays(5)), 'contract_ending', 5],
      [await appOf('over', inDays(-1)), 'contract_expired', -1],
    ] as const) {
      const [found] = await list({ kind: 'app', text: appId });
      const said = found?.findings.find((one) => one.startsWith('contract_')) ?? false;
      const left = Math.round(((found?.contractEndsAt?.getTime() ?? 0) - Date.now()) / 86_400_000);
      expect([said, left, found?.state]).toEqual([finding, days, days < 0 ? 'stopped' : 'acting']);
    }
  });

  test('is narrowed by kind, organization, owner, purpose, environment, name and finding', async () => {
    const { prisma } = world.store;
    const owned = {
      name: 'Straw%_Berry',
      backupOwnerId: 'tom-lindqvist',
      purposes: ['DONAT'],
      environment: 'sandbox',
    };
    const appId = await registerApp(world, world.clientId, owned);
    expect(ids(await list({ kind: 'app', purpose: 'DONAT' }))).toEqual([appId]);
    expect(ids(await list({ kind: 'app', environment: 'sandbox' }))).toContain(appId);
    expect(ids(await list({ kind: 'app', environment: 'production' }))).not.toContain(appId);
    expect(ids(await list({ kind: 'app', ownerId: 'tom-lindqvist' }))).toEqual([appId]);
    expect(ids(await list({ ownerId: 'tom-lindqvist' }))).toEqual([appId, 'tom-lindqvist']);
    expect(ids(await list({ text: 'w%_b' }))).toEqual([appId]);
    expect(ids(await list({ text: appId }))).toEqual([appId]);
    expect(ids(await list({ kind: 'app', organizationId: 'demo-network' }))).toEqual([]);
    expect(ids(await list({ organizationId: 'demo-network', text: 'raman' }))).toEqual(['priya-raman']);
    expect(ids(await list({ finding: 'owner_missing', kind: 'app' }))).toEqual([]);
    await prisma.app.update({ where: { id: appId }, data: { ownerId: null } });
    expect(ids(await list({ finding: 'owner_missing', kind: 'app' }))).toEqual([appId]);
  });

  test('shows an organization the processors of its apps', async () => {
    const appId = await registerApp(world, world.clientId, { name: 'Mine' });
    const id = await addProcessor(world, 'Somebody Hosting', ['hosting'], appId);
    expect(ids(await list({ kind: 'platform', organizationId: 'lantern' }))).toContain(id);
    expect(ids(await list({ kind: 'platform', organizationId: 'demo-network' }))).toEqual([]);
    expect(ids(await list({ kind: 'platform', organizationId: id, purpose: 'PATRQT' }))).toEqual([id]);
    expect(ids(await list({ kind: 'platform', organizationId: id, purpose: 'TREAT' }))).toEqual([]);
  });

  test('is counted by kind and finding as it is listed', async () => {
    const rows = await list();
    for (const { kind, paths, found, findings } of await countInventory(deps, commandLine)) {
      const mine = rows.filter((row) => row.kind === kind);
      expect([kind, paths]).toEqual([kind, mine.length]);
      expect(found).toBe(mine.filter((row) => row.findings.length > 0).length);
      const missing = mine.filter((row) => row.findings.includes('owner_missing')).length;
      expect(findings.owner_missing ?? 0).toBe(missing);
    }
    const [apps, ...others] = await countInventory(deps, commandLine, {
      organizationId: 'lantern',
      purpose: 'HQUALIMP',
    });
    expect(apps).toMatchObject({ kind: 'app', paths: 1 });
    // What has no purpose of its own is not among those of one.
    const counted = others.filter(({ paths }) => paths > 0).map(({ kind }) => kind);
    expect(['platform', 'subprocessor']).toEqual(expect.arrayContaining(counted));
  });
});

describe('is refused', () => {
  const of = (role: Actor['roles'][number]): Actor => ({
    ...{ personId: 'somebody', organizationId: 'lantern', roles: [role], via: 'console' },
  });

  test.each(['owner', 'developer'] as const)('to an %s', async (role) => {
    const refusal = { reason: 'not_allowed' };
    await expect(listInventory(deps, of(role), {})).rejects.toMatchObject(refusal);
    await expect(countInventory(deps, of(role))).rejects.toMatchObject(refusal);
  });

  test.each(['reviewer', 'operator', 'security_officer'] as const)('not to a %s', async (role) => {
    expect((await listInventory(deps, of(role), { limit: 1 })).rows).toHaveLength(1);
  });

  test.each([
    [{ kind: 'patient' }, 'kind', 'not_one_of'],
    [{ finding: 'nothing' }, 'finding', 'not_one_of'],
    [{ status: 'live' }, 'status', 'unknown_field'],
    [{ text: 'a\0b' }, 'text', 'text_unprintable'],
    [{ organizationId: 7 }, 'organizationId', 'not_text'],
    [[], '', 'not_an_object'],
  ])('for the filter %j', async (filter, field, code) => {
    const asked = listInventory(deps, commandLine, { filter });
    await expect(asked).rejects.toMatchObject({ reason: 'input_invalid', faults: [{ field, code }] });
  });

  test.each(['x', 'WyJhcHAiLCJhIl0', Buffer.from('["patient","a","b"]').toString('base64url')])(
    'for the cursor %s, which is of no page of it',
    async (after) => {
      const asked = listInventory(deps, commandLine, { after });
      await expect(asked).rejects.toMatchObject({ faults: [{ field: 'after', code: 'cursor_unreadable' }] });
    },
  );
});
