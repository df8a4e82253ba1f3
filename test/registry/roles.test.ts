import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Actor, Role } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { endPerson, invitePerson } from '../../src/registry/people.ts';
import { findPerson } from '../../src/registry/person-records.ts';
import { endRole, grantRole } from '../../src/registry/roles.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let personId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
  personId = vendor.developerId;
});

const grant = (role: unknown, who: Actor = vendor.owner) =>
  grantRole(deps, who, personId, { role, reason: 'a test' });
const end = (role: Role, who: Actor = vendor.owner, id = personId) =>
  endRole(deps, who, id, { role, reason: 'a test' });
const rolesOf = async (id: string) => (await findPerson(deps, operator, id)).roles;

test('a role is given and taken, and the history keeps both', async () => {
  await grant('owner');
  expect(await rolesOf(personId)).toEqual(['owner', 'developer']);
  expect(await refusedWith(grant('owner'))).toEqual(['state_conflict']);
  await end('owner');
  expect(await rolesOf(personId)).toEqual(['developer']);
  expect(await refusedWith(end('owner'))).toEqual(['state_conflict']);
  await grant('owner');
  const { roleHistory } = await findPerson(deps, vendor.owner, personId);
  expect(roleHistory.filter(({ role }) => role === 'owner')).toMatchObject([
    { grantedBy: vendor.ownerId, endedAt: null },
    { grantedBy: vendor.ownerId, endedAt: expect.anything() },
  ]);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: vendor.id, type: { startsWith: 'role.' } },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type }) => type)).toEqual(['role.granted', 'role.ended', 'role.granted']);
  expect(events[0]).toMatchObject({
    accountId: vendor.ownerId,
    detail: { personId, role: 'owner', via: 'portal' },
  });
});

test('given twice at the same time it is there once', async () => {
  const settled = await Promise.allSettled([grant('owner'), grant('owner')]);
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await world.store.prisma.personRole.count({ where: { personId, role: 'owner' } })).toBe(1);
});

test('nobody gives one to herself; those of oversight are for operators to give', async () => {
  const herself = actor(vendor.id, ['owner'], personId);
  expect(await refusedWith(grant('owner', herself))).toEqual(['not_allowed']);
  for (const role of ['reviewer', 'operator', 'security_officer'] as const) {
    expect(await refusedWith(grant(role))).toEqual(['not_allowed']);
    expect(await refusedWith(grant(role, vendor.developer))).toEqual(['not_allowed']);
    await grant(role, operator);
    expect(await refusedWith(end(role))).toEqual(['not_allowed']);
  }
  expect(await rolesOf(personId)).toEqual(['developer', 'reviewer', 'operator', 'security_officer']);
  for (const role of ['reviewer', 'operator', 'security_officer'] as const) await end(role, operator);
});

test('another organization knows of nobody here, whatever it hands in', async () => {
  const stranger = actor('lantern', ['owner'], 'dana-whitfield');
  for (const role of ['owner', 'king'])
    expect(await refusedWith(grant(role, stranger))).toEqual(['record_unknown']);
  expect(await refusedWith(end('developer', stranger))).toEqual(['record_unknown']);
  expect(await refusedWith(grant('king'))).toEqual(['input_invalid', 'role not_one_of']);
  expect(await refusedWith(end('owner', operator, 'none'))).toEqual(['record_unknown']);
});

test('who has left is given none', async () => {
  await endPerson(deps, vendor.owner, personId, { reason: 'a test' });
  expect(await refusedWith(grant('owner'))).toEqual(['state_conflict']);
});

test('the last operator stays; of two who end one another at the same time one remains', async () => {
  const own = { ...operator, personId: 'priya-raman' };
  expect(await refusedWith(end('operator', own, 'priya-raman'))).toEqual(['state_conflict']);
  expect(await refusedWith(endPerson(deps, own, 'priya-raman', { reason: 'a test' }))).toEqual([
    'state_conflict',
  ]);
  const second = await invitePerson(deps, operator, {
    ...{
      organizationId: 'demo-network',
      name: 'Olu Bello',
      email: 'olu@network.example',
      roles: ['operator'],
    },
  });
  const other = actor('demo-network', ['operator'], second.personId);
  const settled = await Promise.allSettled([
    end('operator', own, second.personId),
    endPerson(deps, other, 'priya-raman', { reason: 'a test' }),
  ]);
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const operators = [await rolesOf('priya-raman'), await rolesOf(second.personId)];
  const { leftAt } = await findPerson(deps, operator, 'priya-raman');
  const left = operators.filter(
    (roles, index) => roles.includes('operator') && (index === 1 || leftAt === null),
  );
  expect(left).toHaveLength(1);
});
