// The contract under which an app acts in production after its transfer.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { acceptTransfer, proposeTransfer } from '../../src/registry/transfers.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, reviewer, submittedAgain } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
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
const propose = (changes: object = {}) =>
  proposeTransfer(deps, from.owner, appId, { ...destination(), ...changes });
const appRow = () => world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
const approveNext = async (name: string) => {
  const { reviewId } = await submittedAgain(world, deps, from, appId, { name });
  await decideReview(deps, reviewer, reviewId, { decision: 'approve', reason: 'It is as it should be.' });
  return reviewId;
};

const newContractOf = async (id: string) =>
  (await world.store.prisma.appTransfer.findUniqueOrThrow({ where: { id } })).newContractId;

test('may be left to who accepts: she names one of hers', async () => {
  const { transferId } = await propose({ newContractId: null });
  const accept = (input?: object) => acceptTransfer(deps, to.owner, transferId, input);
  for (const [input, fault] of [
    [undefined, 'newContractId required'],
    [{ newContractId: from.contractId }, 'newContractId contract_unknown'],
    [{ newContractId: '' }, 'newContractId required'],
    [{ newOwnerId: to.ownerId }, 'newOwnerId unknown_field'],
  ] as const)
    expect(await refusedWith(accept(input))).toEqual(['input_invalid', fault]);
  expect(await newContractOf(transferId)).toBeNull();
  await accept({ newContractId: to.contractId });
  expect(await newContractOf(transferId)).toBe(to.contractId);
  await approveNext('Moved Results');
  expect(await appRow()).toMatchObject({ organizationId: to.id, contractId: to.contractId });
});

test('that was proposed holds unless she names another', async () => {
  const { transferId } = await propose();
  await acceptTransfer(deps, to.owner, transferId);
  expect(await newContractOf(transferId)).toBe(to.contractId);
});
