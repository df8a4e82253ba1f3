import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { offboardApp } from '../../src/registry/app-standing.ts';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { mergeOrganizations } from '../../src/registry/mergers.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { acceptTransfer, proposeTransfer } from '../../src/registry/transfers.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import {
  approvedApp,
  operator,
  otherReviewer,
  reviewer,
  securityOfficer,
  submittedAgain,
} from '../setup/reviewed.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let from: Vendor;
let into: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  [from, into] = [await registerVendor(world), await registerVendor(world)];
});

const merge = (changes: object = {}) =>
  mergeOrganizations(deps, operator, from.id, {
    ...{ intoId: into.id, newOwnerId: into.ownerId, newContractId: into.contractId },
    ...changes,
  });
const organization = () => world.store.prisma.organization.findUniqueOrThrow({ where: { id: from.id } });
const sandboxApp = async (name: string) => {
  const revision = await revisionFor(world, 'sandbox', { name });
  return createApp(deps, from.developer, { environment: 'sandbox', revision });
};

test('each app is proposed to the new owner, and the merger is done with the last that moved', async () => {
  const { appId } = await approvedApp(world, deps, from);
  await sandboxApp('Trial Results');
  const { transferIds } = await merge();
  expect(await organization()).toMatchObject({ mergedIntoId: into.id, mergedAt: null });
  const rows = await world.store.prisma.appTransfer.findMany({ where: { id: { in: [...transferIds] } } });
  expect(rows).toHaveLength(2);
  // The one of the sandbox moves at once, the other with an approval.
  for (const id of transferIds) await acceptTransfer(deps, into.owner, id);
  expect((await organization()).mergedAt).toBeNull();
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name: 'Merged Results' });
  // Who merged the organizations proposed the moves: she is not the one who approves them.
  const approve = { decision: 'approve', reason: 'It is as it should be.' };
  expect(await refusedWith(decideReview(deps, reviewer, reviewId, approve))).toEqual([
    'segregation_of_duties',
  ]);
  await decideReview(deps, otherReviewer, reviewId, approve);
  expect((await organization()).mergedAt).not.toBeNull();
  expect(await world.store.prisma.app.count({ where: { organizationId: into.id } })).toBe(2);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: from.id, type: { startsWith: 'organization.' } },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type }) => type)).toEqual(['organization.merging', 'organization.merged']);
});

test('two last apps that move at the same time finish it once', async () => {
  for (const name of ['Trial One', 'Trial Two']) await sandboxApp(name);
  const { transferIds } = await merge({ newContractId: null });
  await Promise.all(transferIds.map((id) => acceptTransfer(deps, into.owner, id)));
  expect((await organization()).mergedAt).not.toBeNull();
  const merged = { organizationId: from.id, type: 'organization.merged' };
  expect(await world.store.prisma.auditEvent.count({ where: merged })).toBe(1);
});

test('an app that is on its way already stays on it; one that is offboarded is not waited for', async () => {
  const elsewhere = await registerVendor(world);
  const [going, ending] = [await sandboxApp('Trial Going'), await sandboxApp('Trial Ending')];
  const { transferId } = await proposeTransfer(deps, from.owner, going.appId, {
    ...{ toOrganizationId: elsewhere.id, newOwnerId: elsewhere.ownerId },
  });
  expect((await merge({ newContractId: null })).transferIds).toHaveLength(1);
  await acceptTransfer(deps, elsewhere.owner, transferId);
  expect((await organization()).mergedAt).toBeNull();
  await offboardApp(deps, operator, ending.appId, { reason: 'Not taken over.' });
  expect((await organization()).mergedAt).not.toBeNull();
});

test('a merger and a move at the same time do not wait for one another in a circle', async () => {
  const elsewhere = await registerVendor(world);
  const going = [
    await sandboxApp('Trial One'),
    await sandboxApp('Trial Two'),
    await sandboxApp('Trial Three'),
  ];
  const accepted = [];
  for (const { appId } of going) {
    const { transferId } = await proposeTransfer(deps, from.owner, appId, {
      ...{ toOrganizationId: elsewhere.id, newOwnerId: elsewhere.ownerId },
    });
    accepted.push(() => acceptTransfer(deps, elsewhere.owner, transferId));
  }
  await Promise.all([...accepted.map((accept) => accept()), merge({ newContractId: null })]);
  expect((await organization()).mergedAt).not.toBeNull();
});

test('without apps it is done at once, and it is done once', async () => {
  await merge({ newContractId: null });
  expect((await organization()).mergedAt).not.toBeNull();
  expect(await refusedWith(merge({ newContractId: null }))).toEqual(['state_conflict']);
  // What was merged takes over nothing itself.
  const third = await registerVendor(world);
  const back = { intoId: from.id, newOwnerId: from.ownerId };
  expect(await refusedWith(mergeOrganizations(deps, operator, third.id, back))).toEqual([
    ...['input_invalid', 'intoId organization_unknown'],
  ]);
});

test('apps in production need a contract there; all faults are told at once', async () => {
  await approvedApp(world, deps, from);
  expect(await refusedWith(merge({ newOwnerId: from.ownerId, newContractId: null }))).toEqual([
    ...['input_invalid', 'newOwnerId person_unknown', 'newContractId required'],
  ]);
  expect(await organization()).toMatchObject({ mergedIntoId: null });
});

test('it is for operators', async () => {
  const input = { intoId: into.id, newOwnerId: into.ownerId };
  for (const [who, reason] of [
    [from.owner, 'not_allowed'],
    [into.owner, 'record_unknown'],
    [securityOfficer, 'not_allowed'],
  ] as const)
    expect(await refusedWith(mergeOrganizations(deps, who, from.id, input))).toEqual([reason]);
  expect(await refusedWith(mergeOrganizations(deps, operator, 'none', input))).toEqual(['record_unknown']);
});
