// Organizations that others may name: subprocessors in a revision, and where an app may go.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { findDestinations, findNewOwner } from '../../src/registry/destinations.ts';
import { listSubprocessors, namedSubprocessors } from '../../src/registry/subprocessors.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world, { legalName: 'Heron Health' });
});
afterAll(() => world.stop());

const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

describe('subprocessors', () => {
  const names = async (query: object = {}, who = vendor.developer) =>
    (await listSubprocessors(deps, who, query)).rows.map(({ legalName }) => legalName);

  test('are listed to who describes apps and to who oversees, without more than name and country', async () => {
    const { rows } = await listSubprocessors(deps, vendor.developer);
    expect(rows[0]).toEqual({ id: 'cumulus-hosting', legalName: 'Cumulus Hosting, Inc.', country: 'US' });
    for (const who of [vendor.owner, operator, commandLine])
      expect(await names({}, who)).toEqual(['Cumulus Hosting, Inc.', 'Prism Analytics, Inc.']);
    expect(await refusedWith(listSubprocessors(deps, actor(vendor.id, [])))).toEqual(['not_allowed']);
    expect(await refusedWith(namedSubprocessors(deps, actor(null, []), ['x']))).toEqual(['record_unknown']);
  });

  test.each([
    ['PRISM', ['Prism Analytics, Inc.']],
    ['prism-analytics', ['Prism Analytics, Inc.']],
    ['Heron', []],
    ['%', []],
  ])('are searched by a part of their name: %j', async (name, expected) => {
    expect(await names({ name })).toEqual(expected);
  });

  test('are not searched by what no name can hold', async () => {
    expect(await refusedWith(names({ name: 'a\0' }))).toEqual(['input_invalid', 'name text_unprintable']);
  });

  test('are read page by page', async () => {
    const first = await listSubprocessors(deps, vendor.developer, { limit: 1 });
    const after = first.next ?? '';
    expect(await names({ limit: 1, after })).toEqual(['Prism Analytics, Inc.']);
    expect(await refusedWith(listSubprocessors(deps, vendor.developer, { after: 'x' }))).toContain(
      'after cursor_unreadable',
    );
  });

  test('that a revision names keep their names when they are gone; other organizations are not told', async () => {
    const id = 'gone-hosting';
    const gone = { id, legalName: 'Gone Hosting', kind: 'subprocessor', offboardedAt: new Date() };
    await world.store.prisma.organization.create({ data: gone });
    expect(await names()).not.toContain('Gone Hosting');
    const named = await namedSubprocessors(deps, vendor.developer, [id, 'lantern', 'nowhere', 'a\0']);
    expect(idsOf(named)).toEqual([id]);
    expect(await namedSubprocessors(deps, vendor.developer, [])).toEqual([]);
  });
});

describe('where an app may go', () => {
  const found = async (name: string, environment = 'production', who = vendor.owner) =>
    idsOf(await findDestinations(deps, who, { environment, name }));

  test('is found by three letters of its name, and in production only when it is admitted', async () => {
    expect(await found('lantern')).toEqual(['lantern']);
    for (const short of ['', 'la', ' la ', '\u{1F3E5}\u{1F3E5}']) expect(await found(short)).toEqual([]);
    const sandboxOnly = await registerVendor(world, { legalName: 'Egret Apps', admittedAt: null });
    expect([await found('egret'), await found('egret', 'sandbox')]).toEqual([[], [sandboxOnly.id]]);
    expect([await found('heron'), await found('cumulus')]).toEqual([[], []]);
  });

  test('is for owners to search', async () => {
    const asked = { environment: 'sandbox', name: 'lantern' };
    expect(await refusedWith(findDestinations(deps, vendor.developer, asked))).toEqual(['not_allowed']);
    const who = { toOrganizationId: 'lantern', address: 'dana@lantern.example' };
    expect(await refusedWith(findNewOwner(deps, vendor.developer, who))).toEqual(['not_allowed']);
  });

  test('the new owner is found by her address there, however it is written, as long as she works there', async () => {
    const find = (toOrganizationId: string, address: string) =>
      findNewOwner(deps, vendor.owner, { toOrganizationId, address });
    expect(await find('lantern', 'DANA@lantern.example')).toBe('dana-whitfield');
    const { prisma } = world.store;
    await prisma.person.update({ where: { id: 'miguel-santos' }, data: { leftAt: new Date(0) } });
    for (const [organization, address] of [
      ['lantern', 'miguel@lantern.example'],
      ['tidewater', 'dana@lantern.example'],
      ['lantern', 'a\0@lantern.example'],
      // Letters, not patterns.
      ['lantern', '%@lantern.example'],
      ['lantern', '_ana@lantern.example'],
    ] as const)
      expect(await refusedWith(find(organization, address))).toEqual([
        ...['input_invalid', 'newOwnerId person_unknown'],
      ]);
  });
});
