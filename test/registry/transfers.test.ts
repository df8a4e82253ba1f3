import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../src/policy/permissions.ts';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import {
  acceptTransfer,
  declineTransfer,
  listTransfers,
  proposeTransfer,
  withdrawTransfer,
} from '../../src/registry/transfers.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import {
  approvedApp,
  eventsOf,
  noticesOf,
  operator,
  otherReviewer,
  reviewer,
  submittedAgain,
} from '../setup/reviewed.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let from: Vendor;
let to: Vendor;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

beforeEach(async () => {
  [from, to] = [await registerVendor(world), await registerVendor(world)];
  ({ appId } = await approvedApp(world, deps, from));
});

const destination = () => ({
  ...{ toOrganizationId: to.id, newOwnerId: to.ownerId, newContractId: to.contractId },
});
const propose = (actor: Actor = from.owner, changes: object = {}) =>
  proposeTransfer(deps, actor, appId, { ...destination(), ...changes });
const appRow = () => world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
const approve = { decision: 'approve', reason: 'It is as it should be.' };
const approveNext = async (name: string) => {
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name });
  await decideReview(deps, reviewer, reviewId, approve);
  return reviewId;
};

test('an app moves when its new owner accepted and what was submitted after that is approved', async () => {
  const { transferId } = await propose();
  await approveNext('Between Results');
  expect(await appRow()).toMatchObject({ organizationId: from.id });
  await acceptTransfer(deps, to.owner, transferId);
  expect(await appRow()).toMatchObject({ organizationId: from.id, ownerId: from.ownerId });
  const reviewId = await approveNext('Moved Results');
  expect(await appRow()).toMatchObject({
    ...{ organizationId: to.id, ownerId: to.ownerId, backupOwnerId: null, contractId: to.contractId },
  });
  const row = await world.store.prisma.appTransfer.findUniqueOrThrow({ where: { id: transferId } });
  expect(row).toMatchObject({ reviewId, fromOrganizationId: from.id, completedAt: expect.anything() });
  // Both organizations have it in their history, and the app keeps its own.
  const moved = { where: { appId, type: 'transfer.completed' }, orderBy: { id: 'asc' } } as const;
  const events = await world.store.prisma.auditEvent.findMany(moved);
  expect(events.map(({ organizationId }) => organizationId)).toEqual([from.id, to.id]);
  expect(await world.store.prisma.appRevision.count({ where: { appId } })).toBe(3);
  expect(await noticesOf(world, appId)).toEqual(
    expect.arrayContaining(['transfer.proposed', 'transfer.accepted', 'transfer.completed']),
  );
  expect(await eventsOf(world, appId)).toEqual(
    expect.arrayContaining(['transfer.proposed', 'transfer.accepted']),
  );
});

test('what was in review when the new owner accepted does not move it', async () => {
  const { transferId } = await propose();
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name: 'Early Results' });
  await acceptTransfer(deps, to.owner, transferId);
  await decideReview(deps, reviewer, reviewId, approve);
  expect(await appRow()).toMatchObject({ organizationId: from.id });
});

test('a reviewer of neither organization approves the move', async () => {
  const { transferId } = await propose();
  await acceptTransfer(deps, to.owner, transferId);
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name: 'Moved Results' });
  for (const organizationId of [from.id, to.id]) {
    const hers = actor(organizationId, ['reviewer'], 'someone-there');
    expect(await refusedWith(decideReview(deps, hers, reviewId, approve))).toEqual(['segregation_of_duties']);
  }
  expect(await decideReview(deps, otherReviewer, reviewId, approve)).toMatchObject({ closed: true });
});

test('in the sandbox nobody approves: it moves when it is accepted', async () => {
  const revision = await revisionFor(world, 'sandbox');
  ({ appId } = await createApp(deps, from.developer, { environment: 'sandbox', revision }));
  const { transferId } = await propose(from.owner, { newContractId: null });
  await acceptTransfer(deps, to.owner, transferId);
  expect(await appRow()).toMatchObject({ organizationId: to.id, ownerId: to.ownerId, contractId: null });
});

describe('a proposal', () => {
  test('names an owner there, a contract there and an organization that is admitted: all faults at once', async () => {
    const strange = await registerVendor(world, { admittedAt: null });
    const faulty = { toOrganizationId: strange.id, newOwnerId: to.ownerId, newContractId: to.contractId };
    expect(await refusedWith(propose(from.owner, faulty))).toEqual([
      ...['input_invalid', 'toOrganizationId organization_not_admitted'],
      ...['newOwnerId person_unknown', 'newContractId contract_unknown'],
    ]);
    const faults = [
      [{ newOwnerId: to.developerId }, 'newOwnerId person_not_owner'],
      [{ toOrganizationId: 'none' }, 'toOrganizationId organization_unknown'],
      [{ appId: 'x' }, 'appId unknown_field'],
    ] as const;
    for (const [changes, fault] of faults)
      expect(await refusedWith(propose(from.owner, changes))).toEqual(['input_invalid', fault]);
    const own = { toOrganizationId: from.id, newOwnerId: from.ownerId, newContractId: from.contractId };
    expect(await refusedWith(propose(from.owner, own))).toEqual([
      ...['input_invalid', 'toOrganizationId organization_is_own'],
    ]);
  });

  test('is for the owner there and for operators; another organization knows of no such app', async () => {
    expect(await refusedWith(propose(from.developer))).toEqual(['not_allowed']);
    expect(await refusedWith(propose(to.owner))).toEqual(['record_unknown']);
    await propose(operator);
    expect(await refusedWith(propose())).toEqual(['state_conflict']);
  });
});

describe('an answer', () => {
  test('is for the new owner herself, once', async () => {
    const { transferId } = await propose();
    const colleague: Actor = { ...to.owner, personId: to.developerId };
    for (const who of [colleague, to.developer, operator])
      expect(await refusedWith(acceptTransfer(deps, who, transferId))).toEqual(['not_allowed']);
    expect(await refusedWith(acceptTransfer(deps, from.owner, transferId))).toEqual(['record_unknown']);
    await acceptTransfer(deps, to.owner, transferId);
    expect(await refusedWith(acceptTransfer(deps, to.owner, transferId))).toEqual(['state_conflict']);
  });

  test('no is an answer: the app stays, and may be proposed again', async () => {
    const { transferId } = await propose();
    await declineTransfer(deps, to.owner, transferId);
    expect(await refusedWith(acceptTransfer(deps, to.owner, transferId))).toEqual(['state_conflict']);
    expect((await noticesOf(world, appId)).at(-1)).toBe('transfer.declined');
    await propose();
  });

  test('is not accepted any more when she has left', async () => {
    const { transferId } = await propose();
    await world.store.prisma.person.update({ where: { id: to.ownerId }, data: { leftAt: new Date() } });
    expect(await refusedWith(acceptTransfer(deps, to.owner, transferId))).toEqual([
      ...['input_invalid', 'newOwnerId person_unknown'],
    ]);
  });
});

test('an approval that cannot complete the move is refused, and says why', async () => {
  const { transferId } = await propose();
  await acceptTransfer(deps, to.owner, transferId);
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name: 'Moved Results' });
  await world.store.prisma.person.update({ where: { id: to.ownerId }, data: { leftAt: new Date() } });
  expect(await refusedWith(decideReview(deps, reviewer, reviewId, approve))).toEqual([
    ...['state_conflict', 'newOwnerId person_unknown'],
  ]);
  expect(await world.store.prisma.reviewDecision.count({ where: { reviewId } })).toBe(0);
  await withdrawTransfer(deps, from.owner, transferId);
  expect(await decideReview(deps, reviewer, reviewId, approve)).toMatchObject({ closed: true });
  expect(await appRow()).toMatchObject({ organizationId: from.id });
});

test('both sides see it, others do not', async () => {
  const { transferId } = await propose();
  const stranger = await registerVendor(world);
  const ids = async (who: Actor) => (await listTransfers(deps, who, { open: true })).map(({ id }) => id);
  for (const who of [from.owner, to.developer, operator]) expect(await ids(who)).toContain(transferId);
  expect(await ids(stranger.owner)).toEqual([]);
  expect(await listTransfers(deps, to.owner, { appId })).toMatchObject([
    { appName: 'Bright Results', fromOrganizationName: from.legalName, newOwnerName: 'The owner' },
  ]);
  expect(await refusedWith(withdrawTransfer(deps, to.owner, transferId))).toEqual(['record_unknown']);
});
