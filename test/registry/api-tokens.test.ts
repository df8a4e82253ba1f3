import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import {
  actorOfApiToken,
  createApiToken,
  endApiToken,
  listApiTokens,
} from '../../src/registry/api-tokens.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { resumeOrganization, suspendOrganization } from '../../src/registry/organization-standing.ts';
import { endPerson } from '../../src/registry/people.ts';
import { endRole } from '../../src/registry/roles.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
});

const DAY_MS = 86_400_000;
const create = (input: object = {}) => createApiToken(deps, vendor.owner, { name: 'Pipeline', ...input });
const actorOf = (token: string) => actorOfApiToken(deps, token);

test('a token is shown once, kept as its hash, and stands for the person with her roles', async () => {
  const { token, id, expiresAt } = await create();
  expect(token).toMatch(/^postern_api_[A-Za-z0-9_-]{43}$/);
  expect(await dumpTables(world.store)).not.toContain(token.slice('postern_api_'.length));
  expect(await actorOf(token)).toEqual({
    ...{ personId: vendor.ownerId, organizationId: vendor.id, roles: ['owner'], via: 'api' },
  });
  expect(Math.round((expiresAt.getTime() - Date.now()) / DAY_MS)).toBe(90);
  const [row, ...more] = await listApiTokens(deps, vendor.owner);
  expect([row?.id, row?.name, more]).toEqual([id, 'Pipeline', []]);
  // When it was used is kept to the minute.
  expect(row?.lastUsedAt).not.toBeNull();
  await actorOf(token);
  expect((await listApiTokens(deps, vendor.owner))[0]?.lastUsedAt).toEqual(row?.lastUsedAt);
});

test('it is nobody’s once it is ended, expired, or never was', async () => {
  const { token, id } = await create({ days: 1 });
  const other = await create();
  for (const text of ['', 'x', `${token}x`, token.replace('api', 'iat'), `${token.slice(0, -1)}!`])
    expect(await actorOf(text)).toBeUndefined();
  await endApiToken(deps, vendor.owner, other.id);
  expect(await actorOf(other.token)).toBeUndefined();
  expect(await refusedWith(endApiToken(deps, vendor.owner, other.id))).toEqual(['state_conflict']);
  const expiresAt = new Date(Date.now() - 1);
  await world.store.prisma.apiToken.update({ where: { id }, data: { expiresAt } });
  expect(await actorOf(token)).toBeUndefined();
});

test('it is worth what the person is: roles, employment and organization, at the next request', async () => {
  const { token } = await create();
  await suspendOrganization(deps, operator, vendor.id, { reason: 'Dispute.' });
  expect(await actorOf(token)).toBeUndefined();
  await resumeOrganization(deps, operator, vendor.id, { reason: 'Settled.' });
  expect(await actorOf(token)).toBeDefined();
  await endRole(deps, operator, vendor.ownerId, { role: 'owner', reason: 'a test' });
  expect((await actorOf(token))?.roles).toEqual([]);
  await endPerson(deps, operator, vendor.ownerId, { reason: 'a test' });
  expect(await actorOf(token)).toBeUndefined();
});

test('it is the person’s own: no one else lists or ends it, and it makes no other', async () => {
  const { id, token } = await create();
  expect(await refusedWith(endApiToken(deps, vendor.developer, id))).toEqual(['record_unknown']);
  expect(await refusedWith(endApiToken(deps, operator, id))).toEqual(['not_allowed']);
  expect(await listApiTokens(deps, vendor.developer)).toEqual([]);
  const machine = await actorOf(token);
  if (machine === undefined) throw new Error('the token is good');
  expect(await refusedWith(createApiToken(deps, machine, { name: 'Next' }))).toEqual(['not_allowed']);
  const shown = { ...machine, verifiedAt: new Date() };
  expect(await refusedWith(createApiToken(deps, shown, { name: 'Next' }))).toEqual(['not_allowed']);
  expect(await listApiTokens(deps, machine)).toHaveLength(1);
  expect(await refusedWith(createApiToken(deps, commandLine, { name: 'x' }))).toEqual(['record_unknown']);
  expect(await refusedWith(endApiToken(deps, vendor.owner, 'none'))).toEqual(['record_unknown']);
});

test.each([
  [{ days: 91 }, 'days out_of_range'],
  [{ days: 0 }, 'days out_of_range'],
  [{ days: 1.5 }, 'days not_a_number'],
  [{ days: '30' }, 'days not_a_number'],
  [{ name: '' }, 'name required'],
  [{ roles: ['operator'] }, 'roles unknown_field'],
])('%j is refused', async (changes, fault) => {
  expect(await refusedWith(create(changes))).toEqual(['input_invalid', fault]);
});

test('twenty at once are enough', async () => {
  for (const _ of Array(20).keys()) await create();
  expect(await refusedWith(create())).toEqual(['input_invalid', 'name too_many']);
  const [row] = await listApiTokens(deps, vendor.owner);
  await endApiToken(deps, vendor.owner, row?.id ?? '');
  await create();
});

test('its events name the person, and the hash alone', async () => {
  const { id } = await create();
  await endApiToken(deps, vendor.owner, id);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { accountId: vendor.ownerId },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type, detail }) => [type, detail])).toEqual([
    ['api_token.created', { tokenId: id, via: 'portal' }],
    [
      'api_token.ended',
      {
        ...{ tokenId: id, via: 'portal', before: { revokedAt: null } },
        after: { revokedAt: expect.any(String) },
      },
    ],
  ]);
});
