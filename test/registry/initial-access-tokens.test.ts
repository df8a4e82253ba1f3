import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  createInitialAccessToken,
  endInitialAccessToken,
  listInitialAccessTokens,
  registrarOf,
  takeInitialAccessToken,
} from '../../src/registry/initial-access-tokens.ts';
import { endPerson } from '../../src/registry/people.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer } from '../setup/reviewed.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
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

const input = (changes: object = {}) => ({
  ...{ organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox' },
  ...changes,
});
const create = (changes: object = {}) => createInitialAccessToken(deps, operator, input(changes));
const usesLeft = async () => (await listInitialAccessTokens(deps, operator, vendor.id))[0]?.usesLeft;

test('it stands for the organization and the owner that it is bound to, and is kept as its hash (RFC 7591 §3)', async () => {
  const { token, id } = await create({ uses: 3 });
  expect(token).toMatch(/^postern_iat_[A-Za-z0-9_-]{43}$/);
  expect(await dumpTables(world.store)).not.toContain(token.slice('postern_iat_'.length));
  expect(await registrarOf(deps, token)).toEqual({
    ...{ tokenId: id, environment: 'sandbox' },
    actor: { personId: vendor.ownerId, organizationId: vendor.id, roles: ['owner'], via: 'registration' },
  });
  expect(await listInitialAccessTokens(deps, operator, vendor.id)).toMatchObject([
    { id, usesLeft: 3, createdBy: 'priya-raman', revokedAt: null },
  ]);
});

test('nobody registers with one that is ended, expired, used up or never was', async () => {
  const tokens = [await create(), await create(), await create()];
  const [ended, expired, used] = tokens.map(({ id }) => id) as [string, string, string];
  await endInitialAccessToken(deps, operator, ended, { reason: 'a test' });
  const { prisma } = world.store;
  await prisma.initialAccessToken.update({
    where: { id: expired },
    data: { expiresAt: new Date(Date.now() - 1) },
  });
  await prisma.$transaction((tx) => takeInitialAccessToken(tx, used));
  for (const token of [...tokens.map((one) => one.token), '', 'x', `postern_iat_${'x'.repeat(43)}`])
    expect(await registrarOf(deps, token)).toBeUndefined();
  expect(await refusedWith(endInitialAccessToken(deps, operator, ended, { reason: 'a test' }))).toEqual([
    'state_conflict',
  ]);
});

test('nobody registers with it after its owner has left', async () => {
  const { token } = await create();
  await endPerson(deps, operator, vendor.ownerId, { reason: 'a test' });
  expect(await registrarOf(deps, token)).toBeUndefined();
});

test('of many at once as many register as it has uses', async () => {
  const { id } = await create({ uses: 2 });
  const take = () => world.store.prisma.$transaction((tx) => takeInitialAccessToken(tx, id));
  const settled = await Promise.allSettled(Array.from({ length: 6 }, take));
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  expect(await usesLeft()).toBe(0);
});

test('a registration that is refused uses nothing up, one that is made uses one', async () => {
  const { token, id } = await create({ uses: 2 });
  const actor = (await registrarOf(deps, token))?.actor;
  if (actor === undefined) throw new Error('the token is good');
  const revision = await revisionFor(world, 'sandbox');
  const also = (tx: Parameters<typeof takeInitialAccessToken>[0]) => takeInitialAccessToken(tx, id);
  const register = (changes: object) =>
    createApp(deps, actor, { environment: 'sandbox', revision: { ...revision, ...changes } }, { also });
  expect((await refusedWith(register({ redirectUris: ['javascript:1'] })))[0]).toBe('input_invalid');
  expect(await usesLeft()).toBe(2);
  const { appId } = await register({});
  expect(await usesLeft()).toBe(1);
  const app = await world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
  expect(app).toMatchObject({ ownerId: vendor.ownerId, registeredThrough: 'registration' });
});

test('it names an organization, and an owner who works there', async () => {
  const faults = [
    [{ organizationId: 'none' }, 'organizationId organization_unknown'],
    [{ ownerId: 'dana-whitfield' }, 'ownerId person_unknown'],
    [{ ownerId: vendor.developerId }, 'ownerId person_not_owner'],
    [{ environment: 'staging' }, 'environment not_one_of'],
    [{ uses: 0 }, 'uses out_of_range'],
    [{ days: 91 }, 'days out_of_range'],
    [{ usesLeft: 9 }, 'usesLeft unknown_field'],
  ] as const;
  for (const [changes, fault] of faults)
    expect(await refusedWith(create(changes))).toEqual(['input_invalid', fault]);
  const early = await registerVendor(world, { admittedAt: null });
  const bound = { organizationId: early.id, ownerId: early.ownerId };
  expect(await refusedWith(create({ ...bound, environment: 'production' }))).toEqual([
    ...['input_invalid', 'environment organization_not_admitted'],
  ]);
  await create({ ...bound, environment: 'sandbox' });
});

test('it is for operators to give', async () => {
  for (const who of [vendor.owner, reviewer])
    expect(await refusedWith(createInitialAccessToken(deps, who, input()))).toEqual(['not_allowed']);
  const { id } = await create();
  expect(await refusedWith(endInitialAccessToken(deps, vendor.owner, id, { reason: 'a test' }))).toEqual([
    'not_allowed',
  ]);
  expect(await refusedWith(endInitialAccessToken(deps, operator, 'none', { reason: 'a test' }))).toEqual([
    'record_unknown',
  ]);
  expect(await refusedWith(listInitialAccessTokens(deps, vendor.owner, vendor.id))).toEqual(['not_allowed']);
  expect(await refusedWith(listInitialAccessTokens(deps, vendor.owner, 'lantern'))).toEqual([
    'record_unknown',
  ]);
});
