// A platform acts for an app of somebody else: the token names both, by the key that the request was proved with.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { suspendApp } from '../../src/registry/app-standing.ts';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import {
  acceptDelegation,
  askPlatform,
  endDelegation,
  listDelegations,
} from '../../src/registry/delegations.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { acceptTransfer, proposeTransfer } from '../../src/registry/transfers.ts';
import { backendToken } from '../setup/backend-client.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let hub: Vendor;
let platformId: string;
let appId: string;

beforeAll(async () => {
  world = await createWorld();
  deps = registryDeps(world);
  [vendor, hub] = [await registerVendor(world), await registerVendor(world)];
  platformId = world.backendId;
  await world.store.prisma.app.update({
    where: { id: platformId },
    data: { organizationId: hub.id, ownerId: hub.ownerId, contractId: hub.contractId },
  });
  appId = await behind();
});
afterAll(() => world.stop());

/** An app without a key of its own. */
async function behind(): Promise<string> {
  const id = await registerApp(world, world.backendId, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
  });
  await world.store.prisma.appKey.updateMany({ where: { appId: id }, data: { revokedAt: new Date() } });
  return id;
}

type Answer = Readonly<Record<string, unknown>> & { readonly access_token: string };
const ask = async (clientId = appId): Promise<Answer> =>
  (await (await backendToken(world, {}, { clientId })).json()) as Answer;
const isActive = async ({ access_token: token }: Answer) => (await world.introspect(token)).active;
const reason = { reason: 'A test.' };

let delegationId: string;

/** What its end is said to have ended. */
async function stateBefore(id: string): Promise<unknown> {
  const { detail } = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { type: 'delegation.ended', detail: { path: ['delegationId'], equals: id } },
  });
  return (detail as { before?: { state?: string } }).before?.state;
}

test('the keys of a platform are not those of the app before both sides have said so', async () => {
  expect(await ask()).toMatchObject({ error: 'invalid_client' });
  ({ delegationId } = await askPlatform(deps, vendor.developer, appId, { platformId }));
  expect(await ask()).toMatchObject({ error: 'invalid_client' });

  expect(await refusedWith(acceptDelegation(deps, hub.developer, delegationId))).toContain('not_allowed');
  const stranger = await registerVendor(world);
  expect(await refusedWith(acceptDelegation(deps, stranger.owner, delegationId))).toContain('record_unknown');
  expect(await refusedWith(endDelegation(deps, stranger.owner, delegationId, reason))).toContain(
    'record_unknown',
  );
  await acceptDelegation(deps, hub.owner, delegationId);
  expect(await refusedWith(acceptDelegation(deps, hub.owner, delegationId))).toContain('state_conflict');
  expect(await listDelegations(deps, hub.developer, platformId)).toMatchObject([{ id: delegationId, appId }]);
});

test('the token is of the app, names the platform, and both stand in its introspection and its audit event', async () => {
  const answer = await ask();
  expect(answer).not.toHaveProperty('act');
  expect(await world.introspect(answer.access_token)).toMatchObject({
    ...{ active: true, client_id: appId, act: { sub: platformId } },
  });
  const [event] = await world.store.prisma.auditEvent.findMany({
    where: { type: 'token.issued', appId },
    orderBy: { id: 'desc' },
    take: 1,
  });
  expect(event?.detail).toMatchObject({ act: platformId });
  // The platform for itself acts for nobody.
  const own = await world.introspect((await ask(platformId)).access_token);
  expect(own).toMatchObject({ active: true, client_id: platformId });
  expect(own).not.toHaveProperty('act');
});

test('an app that is not registered behind the platform is refused', async () => {
  expect(await ask(await behind())).toMatchObject({ error: 'invalid_client' });
  expect(await ask('nobody')).toMatchObject({ error: 'invalid_client' });
});

test('with the platform all that it acts for stops, at the next request', async () => {
  const issued = await ask();
  const { prisma } = world.store;
  await prisma.contract.update({ where: { id: hub.contractId }, data: { endsAt: new Date(Date.now() - 1) } });
  expect(await isActive(issued)).toBe(false);
  expect(await ask()).toMatchObject({ error: 'unauthorized_client' });
  const next = new Date(Date.now() + 86_400_000_000);
  await prisma.contract.update({ where: { id: hub.contractId }, data: { endsAt: next } });
  expect(await isActive(issued)).toBe(true);

  for (const [kind, subjectId] of [
    ['client', platformId],
    ['organization', hub.id],
    ['owner', hub.ownerId],
  ] as const) {
    const one = await ask();
    expect(await isActive(one)).toBe(true);
    await cutOffAccess(deps, securityOfficer, { kind, subjectId, ...reason });
    expect(await isActive(one)).toBe(false);
  }
  const causes = await world.store.prisma.signalEvent.findMany({ where: { appIds: { has: appId } } });
  expect(causes.filter(({ cause }) => cause === 'cut_off.client').length).toBeGreaterThanOrEqual(3);
});

test('no platform behind a platform, of another environment, or with keys that are not registered here', async () => {
  const other = await behind();
  const asks = (app: string, platform: string) => askPlatform(deps, operator, app, { platformId: platform });
  expect(await refusedWith(asks(other, appId))).toContain('input_invalid');
  expect(await refusedWith(asks(platformId, other))).toContain('input_invalid');
  expect(await refusedWith(asks(other, other))).toContain('input_invalid');
  expect(await refusedWith(asks(other, world.clientId))).toContain('input_invalid');
  expect(await refusedWith(asks(other, 'nobody'))).toContain('input_invalid');
  expect(await refusedWith(asks(appId, platformId))).toContain('state_conflict');
  expect(await refusedWith(askPlatform(deps, reviewer, other, { platformId }))).toContain('not_allowed');
});

test('it ends by either side: what was issued through the platform is over, and its keys are those of the app no more', async () => {
  const issued = await ask();
  await endDelegation(deps, hub.owner, delegationId, reason);
  expect(await isActive(issued)).toBe(false);
  expect(await ask()).toMatchObject({ error: 'invalid_client' });
  expect(await refusedWith(endDelegation(deps, vendor.owner, delegationId, reason))).toContain(
    'state_conflict',
  );
  const waiting = await askPlatform(deps, vendor.developer, await behind(), { platformId });
  await endDelegation(deps, hub.owner, waiting.delegationId, reason);
  expect(await stateBefore(delegationId)).toBe('acts');
  expect(await stateBefore(waiting.delegationId)).toBe('asked');
  const { prisma } = world.store;
  await expect(prisma.delegation.delete({ where: { id: delegationId } })).rejects.toThrow();
  // Who answers for both needs no second word.
  await askPlatform(deps, operator, appId, { platformId });
  const again = await ask();
  expect(await isActive(again)).toBe(true);
  await suspendApp(deps, securityOfficer, platformId, reason);
  expect(await isActive(again)).toBe(false);
});

test('with a move of the app or of the platform it ends: who agreed is not there any more', async () => {
  const sandbox = { environment: 'sandbox', organizationId: vendor.id, ownerId: vendor.ownerId };
  const [app, platform] = [
    await registerApp(world, world.backendId, { ...sandbox, contractId: vendor.contractId }),
    await registerApp(world, world.backendId, { ...sandbox, contractId: vendor.contractId }),
  ];
  for (const moving of [app, platform]) {
    const { delegationId: id } = await askPlatform(deps, operator, app, { platformId: platform });
    const to = { toOrganizationId: hub.id, newOwnerId: hub.ownerId, newContractId: null };
    const { transferId } = await proposeTransfer(deps, vendor.owner, moving, to);
    await acceptTransfer(deps, hub.owner, transferId);
    const rows = await listDelegations(deps, operator, app);
    expect(rows.find((row) => row.id === id)).toMatchObject({ endedAt: expect.any(Date) });
    expect(await stateBefore(id)).toBe('acts');
  }
});
