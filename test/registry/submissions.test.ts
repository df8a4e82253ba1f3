import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../src/policy/permissions.ts';
import type { Revision } from '../../src/policy/revision.ts';
import { findAppFor } from '../../src/registry/app-records.ts';
import { assignContract } from '../../src/registry/app-standing.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import { createContract } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { submitRevision, withdrawSubmission } from '../../src/registry/submissions.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
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

async function newApp(changes: Partial<Revision> = {}, of: Vendor = vendor) {
  const revision = await revisionFor(world, 'production', changes);
  const people = { ownerId: of.ownerId, backupOwnerId: of.developerId };
  return createApp(deps, of.developer, { environment: 'production', ...people, revision });
}
const save = async (appId: string, changes: Partial<Revision>) =>
  saveRevision(deps, vendor.developer, appId, await revisionFor(world, 'production', changes));
const submit = (appId: string, revisionId: string, who: Actor = vendor.developer) =>
  submitRevision(deps, who, appId, revisionId);
const reviewOf = (id: string) => world.store.prisma.review.findUniqueOrThrow({ where: { id } });

describe('a revision that is handed in', () => {
  test('waits for a reviewer, and leaves its event and a notice', async () => {
    const { appId, revisionId } = await newApp();
    const { reviewId, approvalsNeeded } = await submit(appId, revisionId);
    expect(approvalsNeeded).toBe(1);
    expect(await reviewOf(reviewId)).toMatchObject({
      ...{
        appId,
        revisionId,
        submittedBy: vendor.developerId,
        approvalsNeeded: 1,
        closedAt: null,
        outcome: null,
      },
    });
    const { prisma } = world.store;
    const event = await prisma.auditEvent.findFirst({ where: { appId, type: 'revision.submitted' } });
    expect(event).toMatchObject({
      ...{ organizationId: vendor.id, accountId: vendor.developerId },
      detail: { reviewId, revisionId, number: 1, approvalsNeeded: 1, via: 'portal' },
    });
    const told = (await prisma.outboxMessage.findMany()).map(({ content }) => content);
    expect(told).toContainEqual(expect.objectContaining({ type: 'app.submitted', appId }));
    const app = await findAppFor(deps, vendor.owner, appId);
    expect([app.review?.id, app.review?.closedAt, app.standing]).toEqual([
      reviewId,
      null,
      'client_not_reviewed',
    ]);
  });

  test('takes two reviewers where it asks for everything', async () => {
    const useCase = { ...(await revisionFor(world, 'production')).useCase, categories: ['everything'] };
    const { appId, revisionId } = await newApp({ scopeCeiling: 'patient/*.rs', useCase });
    expect((await submit(appId, revisionId)).approvalsNeeded).toBe(2);
  });

  test('overtakes the one that waits: one is under review at a time', async () => {
    const { appId, revisionId } = await newApp();
    const first = await submit(appId, revisionId);
    const { revisionId: newer } = await save(appId, { name: 'Brighter Results' });
    const second = await submit(appId, newer);
    expect(await reviewOf(first.reviewId)).toMatchObject({
      outcome: 'superseded',
      closedAt: expect.any(Date),
    });
    expect((await findAppFor(deps, vendor.owner, appId)).review?.id).toBe(second.reviewId);
  });

  test('and another one at the same instant leave one that waits', async () => {
    const { appId, revisionId } = await newApp();
    const { revisionId: newer } = await save(appId, { name: 'Brighter Results' });
    await Promise.all([submit(appId, revisionId), submit(appId, newer)]);
    const rows = await world.store.prisma.review.findMany({ where: { appId } });
    expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['superseded', null].sort());
  });

  test('is handed in once, though it is sent five times at once', async () => {
    const { appId, revisionId } = await newApp();
    const sent = await Promise.allSettled(Array.from({ length: 5 }, () => submit(appId, revisionId)));
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusedWith(submit(appId, revisionId))).toEqual(['state_conflict']);
  });

  test('may be handed in anew in the same words, as a revision of its own', async () => {
    const { appId, revisionId } = await newApp();
    await submit(appId, revisionId);
    const again = await save(appId, {});
    expect(again.number).toBe(2);
    await submit(appId, again.revisionId);
  });
});

describe('a submission is refused', () => {
  test('with every open question at once', async () => {
    const { useCase: _, dataUse: __, ...silent } = await revisionFor(world, 'production');
    const input = { environment: 'production', ownerId: vendor.ownerId, revision: silent };
    const { appId, revisionId, faults } = await createApp(deps, vendor.developer, input);
    const [reason, ...told] = await refusedWith(submit(appId, revisionId));
    expect(reason).toBe('input_invalid');
    expect(told).toEqual([...faults.map(({ field, code }) => `${field} ${code}`), 'backupOwnerId required']);
    expect(told).toContain('scopeCeiling scope_beyond_use_case');
  });

  test('when what it names is no longer there', async () => {
    const { prisma } = world.store;
    const partner = await registerVendor(world);
    const subprocessors = [{ organizationId: partner.id, service: 'hosting' as const }];
    const { appId, revisionId } = await newApp({ subprocessors });
    await prisma.organization.update({ where: { id: partner.id }, data: { offboardedAt: new Date() } });
    expect(await refusedWith(submit(appId, revisionId))).toEqual([
      ...['input_invalid', 'subprocessors.0.organizationId organization_unknown'],
    ]);
  });

  test('without an owner and a backup who work there, a contract, or the admission', async () => {
    const { prisma } = world.store;
    const other = await registerVendor(world);
    const { appId, revisionId } = await newApp({}, other);
    const ended = new Date(Date.now() - 1_000);
    await prisma.person.updateMany({ where: { organizationId: other.id }, data: { leftAt: ended } });
    await prisma.contract.updateMany({ where: { organizationId: other.id }, data: { endsAt: ended } });
    await prisma.organization.update({ where: { id: other.id }, data: { admittedAt: null } });
    expect(await refusedWith(submit(appId, revisionId, other.owner))).toEqual([
      ...['input_invalid', 'organizationId organization_not_admitted', 'ownerId required'],
      ...['backupOwnerId required', 'contractId required'],
    ]);
  });

  test('of a special use without its legal review, minimization and end', async () => {
    const broker = await registerVendor(world, { kind: 'data_broker', country: 'IE' });
    const { appId, revisionId } = await newApp({}, broker);
    expect(await refusedWith(submit(appId, revisionId, broker.owner))).toEqual([
      ...['input_invalid', 'useCase.legalReview legal_review_required'],
      ...['useCase.minimization minimization_required', 'useCase.endsAt end_required'],
    ]);
  });

  test('in the sandbox, of another app, and when the app is offboarded', async () => {
    const revision = await revisionFor(world, 'sandbox');
    const sandbox = await createApp(deps, vendor.developer, { environment: 'sandbox', revision });
    expect(await refusedWith(submit(sandbox.appId, sandbox.revisionId))).toEqual(['state_conflict']);
    const { appId, revisionId } = await newApp();
    expect(await refusedWith(submit(appId, sandbox.revisionId))).toEqual(['record_unknown']);
    await world.store.prisma.app.update({ where: { id: appId }, data: { offboardedAt: new Date() } });
    expect(await refusedWith(submit(appId, revisionId))).toEqual(['state_conflict']);
  });

  test('to another organization and to those who only look', async () => {
    const { appId, revisionId } = await newApp();
    const { owner: other } = await registerVendor(world);
    expect(await refusedWith(submit(appId, revisionId, other))).toEqual(['record_unknown']);
    expect(await refusedWith(withdrawSubmission(deps, other, appId))).toEqual(['record_unknown']);
    const reviewer = actor('operators', ['reviewer']);
    expect(await refusedWith(submit(appId, revisionId, reviewer))).toEqual(['not_allowed']);
  });
});

describe('a submission that is taken back', () => {
  test('is closed, with its event; there is nothing to take back twice', async () => {
    const { appId, revisionId } = await newApp();
    const { reviewId } = await submit(appId, revisionId);
    await withdrawSubmission(deps, vendor.owner, appId);
    expect(await reviewOf(reviewId)).toMatchObject({ outcome: 'withdrawn', closedAt: expect.any(Date) });
    const event = await world.store.prisma.auditEvent.findFirst({
      where: { appId, type: 'revision.withdrawn' },
    });
    expect(event).toMatchObject({
      accountId: vendor.ownerId,
      detail: { reviewId, revisionId, number: 1, via: 'portal' },
    });
    expect(await refusedWith(withdrawSubmission(deps, vendor.owner, appId))).toEqual(['state_conflict']);
  });
});

test('what is more than the contract covers is refused when it is handed in, each limit by its name', async () => {
  const contract = { organizationId: vendor.id, reference: 'A narrow one', endsAt: '2099-01-01' };
  const none = { patientsPerHour: null, resourcesPerHour: null, hours: null };
  const limits = { ...none, datasets: ['Patient'], operations: ['read'] };
  const made = { ...contract, startsAt: '2026-01-01', limits };
  const { appId, revisionId } = await newApp({
    scopeCeiling:
      'openid fhirUser launch/patient offline_access patient/Patient.rs patient/MedicationRequest.r',
  });
  const { contractId } = await createContract(deps, operator, made);
  await assignContract(deps, operator, appId, { contractId });
  await expect(submit(appId, revisionId)).rejects.toMatchObject({
    faults: [
      { code: 'contract_operations_exceeded', value: 'patient/Patient.rs (read)' },
      { code: 'contract_datasets_exceeded', value: 'patient/MedicationRequest.r (Patient)' },
    ],
  });
  const less = await save(appId, {
    scopeCeiling: 'openid fhirUser launch/patient offline_access patient/Patient.r',
  });
  expect(less.faults).toEqual([]);
  const { reviewId } = await submit(appId, less.revisionId);
  expect((await reviewOf(reviewId)).closedAt).toBeNull();
});
