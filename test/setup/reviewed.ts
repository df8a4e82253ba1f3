// Apps on their way through review, and who decides about them.
import type { Actor } from '../../src/policy/permissions.ts';
import type { Revision } from '../../src/policy/revision.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import { renewContract } from '../../src/registry/contract-renewals.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { submitRevision } from '../../src/registry/submissions.ts';
import { actor } from './registry-deps.ts';
import { revisionFor, type Vendor } from './vendor.ts';
import type { World } from './world.ts';

export const operator: Actor = actor('demo-network', ['operator'], 'priya-raman');
export const securityOfficer: Actor = actor('demo-network', ['security_officer'], 'tom-lindqvist');
export const reviewer: Actor = actor('demo-network', ['reviewer'], 'priya-raman');
export const otherReviewer: Actor = actor('demo-network', ['reviewer'], 'tom-lindqvist');

export interface Submitted {
  readonly appId: string;
  readonly revisionId: string;
  readonly reviewId: string;
}

/** An app in production that its developer has handed in. */
export async function submittedApp(
  world: World,
  deps: RegistryDeps,
  vendor: Vendor,
  changes: Partial<Revision> = {},
): Promise<Submitted> {
  const owners = { ownerId: vendor.ownerId, backupOwnerId: vendor.developerId };
  const revision = await revisionFor(world, 'production', changes);
  const input = { environment: 'production', ...owners, revision };
  const { appId, revisionId } = await createApp(deps, vendor.developer, input);
  const { reviewId } = await submitRevision(deps, vendor.developer, appId, revisionId);
  return { appId, revisionId, reviewId };
}

/** The next revision of an app, handed in. */
export async function submittedAgain(
  world: World,
  deps: RegistryDeps,
  vendor: Vendor,
  appId: string,
  changes: Partial<Revision> = {},
): Promise<Submitted> {
  const revision = await revisionFor(world, 'production', changes);
  const { revisionId } = await saveRevision(deps, vendor.developer, appId, revision);
  const { reviewId } = await submitRevision(deps, vendor.developer, appId, revisionId);
  return { appId, revisionId, reviewId };
}

export async function approvedApp(
  world: World,
  deps: RegistryDeps,
  vendor: Vendor,
  changes: Partial<Revision> = {},
): Promise<Submitted> {
  const submitted = await submittedApp(world, deps, vendor, changes);
  await decideReview(deps, reviewer, submitted.reviewId, {
    decision: 'approve',
    reason: 'It is as it should be.',
  });
  return submitted;
}

/** A renewal that its operator made, and that agrees more than the contract: a reviewer has to approve it. */
export async function awaitedRenewal(world: World, deps: RegistryDeps, vendor: Vendor): Promise<string> {
  const none = { operations: null, patientsPerHour: null, resourcesPerHour: null, hours: null };
  const limits = { datasets: ['Patient'], ...none };
  await world.store.prisma.contract.update({ where: { id: vendor.contractId }, data: { limits } });
  const terms = { reference: 'Agreement 2', startsAt: '2099-01-01', endsAt: '2100-01-01', limits: null };
  return (await renewContract(deps, operator, vendor.contractId, terms)).contractId;
}

/** The types of the events about an app, oldest first. */
export async function eventsOf({ store }: World, appId: string): Promise<readonly string[]> {
  const events = await store.prisma.auditEvent.findMany({ where: { appId }, orderBy: { id: 'asc' } });
  return events.map(({ type }) => type);
}

/** What was announced about an app, oldest first, once a kind. */
export async function noticesOf({ store }: World, appId: string): Promise<readonly string[]> {
  const rows = await store.prisma.outboxMessage.findMany({ orderBy: { createdAt: 'asc' } });
  const contents = rows.map(({ content }) => content as { type: string; appId?: string });
  return [...new Set(contents.filter((content) => content.appId === appId).map(({ type }) => type))];
}
