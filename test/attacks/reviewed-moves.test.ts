// An approval may complete the move of an app, so those who arranged the move do not give it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { reviewFor } from '../../src/registry/review-facts.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { acceptTransfer, proposeTransfer, withdrawTransfer } from '../../src/registry/transfers.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, otherReviewer, reviewer, submittedAgain } from '../setup/reviewed.ts';
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

const approve = { decision: 'approve', reason: 'It is as it should be.' };
const both: Actor = actor('demo-network', ['operator', 'reviewer'], 'priya-raman');
const propose = async (who: Actor) => {
  const destination = { toOrganizationId: to.id, newOwnerId: to.ownerId, newContractId: to.contractId };
  return (await proposeTransfer(deps, who, appId, destination)).transferId;
};
const handedIn = async (changes: object = {}) =>
  (await submittedAgain(world, deps, from, appId, { name: 'Next Results', ...changes })).reviewId;
const ownerOf = async () =>
  (await world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } })).organizationId;

describe('who arranged the move of an app', () => {
  test('does not approve it, and reads beforehand that she may not; another reviewer does', async () => {
    await acceptTransfer(deps, to.owner, await propose(both));
    const reviewId = await handedIn();
    expect((await reviewFor(deps, both, reviewId)).refusal).toBe('segregation_of_duties');
    expect(await refusedWith(decideReview(deps, both, reviewId, approve))).toEqual(['segregation_of_duties']);
    expect(await ownerOf()).toBe(from.id);
    expect((await reviewFor(deps, otherReviewer, reviewId)).refusal).toBeUndefined();
    await decideReview(deps, otherReviewer, reviewId, approve);
    expect(await ownerOf()).toBe(to.id);
  });

  test('does not approve it before it is accepted either', async () => {
    await propose(both);
    const decision = decideReview(deps, both, await handedIn(), approve);
    expect(await refusedWith(decision)).toEqual(['segregation_of_duties']);
  });

  test('is as independent as before when the move is called off', async () => {
    await withdrawTransfer(deps, from.owner, await propose(both));
    expect(await decideReview(deps, both, await handedIn(), approve)).toMatchObject({ closed: true });
    expect(await ownerOf()).toBe(from.id);
  });

  test('and accepted it does not approve it, wherever she works by then', async () => {
    await acceptTransfer(deps, to.owner, await propose(from.owner));
    const moved = actor('demo-network', ['reviewer'], to.ownerId);
    const reviewId = await handedIn();
    expect(await refusedWith(decideReview(deps, moved, reviewId, approve))).toEqual([
      'segregation_of_duties',
    ]);
  });
});

describe('the addresses in a review', () => {
  const redirectUris = ['https://app.old.example/cb', 'https://app.new.example/cb'];
  const verifiedAt = new Date('2026-11-01T00:00:00Z');
  const domainsIn = async (reviewId: string) =>
    Object.fromEntries(
      (await reviewFor(deps, reviewer, reviewId)).domains.map((one) => [one.domain, one.verifiedAt]),
    );

  beforeEach(async () => {
    const proofs = [
      { organizationId: from.id, domain: 'app.old.example', code: from.id, verifiedAt },
      { organizationId: to.id, domain: 'app.new.example', code: to.id, verifiedAt },
    ];
    await world.store.prisma.domainProof.createMany({ data: proofs });
  });

  test('are proved by who owns the app while nobody has accepted it', async () => {
    await propose(from.owner);
    const domains = await domainsIn(await handedIn({ redirectUris }));
    expect(Object.values(domains)).toEqual([verifiedAt, null]);
  });

  test('are proved by who will own it once she has accepted', async () => {
    await acceptTransfer(deps, to.owner, await propose(from.owner));
    const domains = await domainsIn(await handedIn({ redirectUris }));
    expect(Object.values(domains)).toEqual([null, verifiedAt]);
  });
});
