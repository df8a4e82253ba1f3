import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordChange } from '../../src/registry/changes.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { reviewFor } from '../../src/registry/review-facts.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { revisionDiff } from '../../src/registry/revision-diff.ts';
import { proposeTransfer } from '../../src/registry/transfers.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, otherReviewer, reviewer, submittedAgain, submittedApp } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

test('a first submission has nothing in force to compare with', async () => {
  const { reviewId, revisionId, appId } = await submittedApp(world, deps, vendor);
  const facts = await reviewFor(deps, reviewer, reviewId);
  expect(facts).toMatchObject({
    review: { id: reviewId, approvals: 0, approvalsNeeded: 1, submittedByName: 'The developer' },
    revision: { id: revisionId, dataUse: { ai: { answer: 'none' } }, useCase: { basis: 'patient_request' } },
    app: { id: appId, owner: { name: 'The owner' }, contract: { reference: 'Agreement 1' } },
    ...{ inForce: null, transfer: null, refusal: undefined },
    ...{ subprocessors: [], lookAlikes: [], decisions: [], openChanges: [] },
  });
});

test('the next one is compared with the revision in force', async () => {
  const { appId, revisionId } = await approvedApp(world, deps, vendor);
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, { name: 'Brighter Results' });
  const { inForce, revision } = await reviewFor(deps, reviewer, reviewId);
  expect(inForce?.id).toBe(revisionId);
  expect(revisionDiff(inForce, revision).map(({ field }) => field)).toEqual(['name']);
});

test('it tells which hosts of redirect URIs were shown to be those of the organization', async () => {
  const proof = { organizationId: vendor.id, domain: 'bright.example', code: 'c' };
  await world.store.prisma.domainProof.create({ data: proof });
  const { reviewId } = await submittedApp(world, deps, vendor, {
    redirectUris: ['https://bright.example/callback', 'https://other.example:8443/callback'],
  });
  const domains = async () => (await reviewFor(deps, reviewer, reviewId)).domains;
  const none = { domain: 'other.example:8443', verifiedAt: null };
  expect(await domains()).toEqual([{ domain: 'bright.example', verifiedAt: null }, none]);
  const verifiedAt = new Date();
  await world.store.prisma.domainProof.updateMany({ where: proof, data: { verifiedAt } });
  expect(await domains()).toEqual([{ domain: 'bright.example', verifiedAt }, none]);
  // What another organization showed says nothing about this one.
  const stranger = await registerVendor(world);
  const foreign = { organizationId: stranger.id, domain: 'other.example:8443', code: 'c', verifiedAt };
  await world.store.prisma.domainProof.create({ data: foreign });
  expect(await domains()).toEqual([{ domain: 'bright.example', verifiedAt }, none]);
});

test('it names what looks the same elsewhere, and the subprocessors with their countries', async () => {
  const host = await registerVendor(world, { legalName: 'Cloud Host', country: 'US', kind: 'subprocessor' });
  const twin = await registerVendor(world);
  await submittedApp(world, deps, twin, { name: 'Lumen Charts' });
  const subprocessors = [{ organizationId: host.id, service: 'hosting' as const }];
  const { reviewId } = await submittedApp(world, deps, vendor, { name: '1umen Charts', subprocessors });
  const facts = await reviewFor(deps, reviewer, reviewId);
  expect(facts.lookAlikes).toMatchObject([
    { kind: 'app', name: 'Lumen Charts', organizationName: twin.legalName },
  ]);
  expect(facts.subprocessors).toEqual([
    { organizationId: host.id, legalName: 'Cloud Host', country: 'US', service: 'hosting' },
  ]);
});

test('it names the changes that its approval clears, and the move that it does not complete', async () => {
  const { appId } = await approvedApp(world, deps, vendor);
  const change = { kind: 'vendor', description: 'Sold', affectedScopes: ['patient/Patient.r'] };
  const { changeId } = await recordChange(deps, vendor.owner, appId, change);
  const to = await registerVendor(world);
  const { transferId } = await proposeTransfer(deps, vendor.owner, appId, {
    ...{ toOrganizationId: to.id, newOwnerId: to.ownerId, newContractId: to.contractId },
  });
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, { name: 'Next Results' });
  const facts = await reviewFor(deps, reviewer, reviewId);
  expect(facts.openChanges.map(({ id }) => id)).toEqual([changeId]);
  expect(facts.transfer).toEqual({
    ...{ id: transferId, toOrganizationId: to.id, toOrganizationName: to.legalName },
    ...{ newOwnerName: 'The owner', acceptedAt: null, completes: false },
  });
  const comes = actor(to.id, ['reviewer'], to.ownerId);
  expect((await reviewFor(deps, comes, reviewId)).refusal).toBe('segregation_of_duties');
});

test('it says beforehand why the reader may not decide it', async () => {
  const { reviewId } = await submittedApp(world, deps, vendor);
  const hers = actor(vendor.id, ['reviewer'], 'somebody');
  expect((await reviewFor(deps, hers, reviewId)).refusal).toBe('segregation_of_duties');
  const officer = actor('demo-network', ['security_officer'], 'tom-lindqvist');
  expect((await reviewFor(deps, officer, reviewId)).refusal).toBe('not_allowed');
  await decideReview(deps, otherReviewer, reviewId, { decision: 'refuse', reason: 'No.' });
  const { refusal, decisions } = await reviewFor(deps, reviewer, reviewId);
  expect(refusal).toBe('state_conflict');
  expect(decisions).toMatchObject([{ reviewerName: 'Tom Lindqvist', decision: 'refuse', reason: 'No.' }]);
});

test('it is for oversight: owners and developers do not read it', async () => {
  const { reviewId } = await submittedApp(world, deps, vendor);
  expect(await refusedWith(reviewFor(deps, vendor.owner, reviewId))).toEqual(['not_allowed']);
  expect(await refusedWith(reviewFor(deps, reviewer, 'none'))).toEqual(['record_unknown']);
});
