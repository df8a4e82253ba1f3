import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  assignContract,
  assignOwner,
  offboardApp,
  resumeApp,
  suspendApp,
} from '../../src/registry/app-standing.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { proposeTransfer } from '../../src/registry/transfers.ts';
import { refresh } from '../setup/app-client.ts';
import { connect } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { eventsOf, noticesOf, operator, reviewer, securityOfficer, submittedApp } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  appId = await registerApp(world, world.clientId, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, backupOwnerId: null },
    contractId: vendor.contractId,
  });
});

const because = { reason: 'Keys were published by mistake.' };
const appRow = () => world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
const connection = async () => connect(world, await world.patientBrowser(), { client_id: appId });
const accessToken = async () => (await connection()).accessToken;

test('a suspension is true at the next request; at its end what was issued stays over, and the app goes on with its consents', async () => {
  const { accessToken: token, refreshToken } = await connection();
  await suspendApp(deps, securityOfficer, appId, because);
  expect(await world.introspect(token)).toEqual({ active: false });
  expect(await refusedWith(suspendApp(deps, operator, appId, because))).toEqual(['state_conflict']);
  await resumeApp(deps, operator, appId, { reason: 'New keys.' });
  expect(await world.introspect(token)).toEqual({ active: false });
  const again = await refresh(world, refreshToken, { client_id: appId });
  const { access_token: next } = (await again.json()) as { access_token: string };
  expect(await world.introspect(next)).toMatchObject({ active: true });
  expect(await refusedWith(resumeApp(deps, operator, appId, because))).toEqual(['state_conflict']);
  expect(await noticesOf(world, appId)).toEqual(['app.suspended', 'app.resumed']);
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { appId, type: 'app.suspended' },
  });
  expect(event).toMatchObject({ organizationId: vendor.id, accountId: 'tom-lindqvist', detail: because });
});

test('offboarding ends all access for good: review, transfer and registration token too', async () => {
  const token = await accessToken();
  await world.store.prisma.app.update({ where: { id: appId }, data: { registrationTokenHash: appId } });
  const to = await registerVendor(world);
  await proposeTransfer(deps, vendor.owner, appId, {
    ...{ toOrganizationId: to.id, newOwnerId: to.ownerId, newContractId: to.contractId },
  });
  await offboardApp(deps, vendor.owner, appId, because);
  expect(await world.introspect(token)).toEqual({ active: false });
  expect(await appRow()).toMatchObject({ registrationTokenHash: null, offboardedAt: expect.anything() });
  const transfer = await world.store.prisma.appTransfer.findFirstOrThrow({ where: { appId } });
  expect(transfer.declinedAt).not.toBeNull();
  expect(await eventsOf(world, appId)).toEqual(
    expect.arrayContaining(['transfer.withdrawn', 'app.offboarded']),
  );
  for (const again of [offboardApp, suspendApp, resumeApp])
    expect(await refusedWith(again(deps, operator, appId, because))).toEqual(['state_conflict']);
  const owner = { ownerId: vendor.developerId };
  expect(await refusedWith(assignOwner(deps, operator, appId, owner))).toEqual(['state_conflict']);
});

test('offboarding takes back what is in review', async () => {
  const { appId: submitted, reviewId } = await submittedApp(world, deps, vendor);
  await offboardApp(deps, operator, submitted, because);
  const review = await world.store.prisma.review.findUniqueOrThrow({ where: { id: reviewId } });
  expect(review.outcome).toBe('withdrawn');
});

test('who decides says why', async () => {
  for (const command of [suspendApp, resumeApp, offboardApp]) {
    expect(await refusedWith(command(deps, operator, appId, {}))).toEqual([
      'input_invalid',
      'reason required',
    ]);
    expect(await refusedWith(command(deps, operator, appId, { ...because, at: 'now' }))).toEqual([
      ...['input_invalid', 'at unknown_field'],
    ]);
  }
});

test.each([
  ['suspend', suspendApp, { owner: 'not_allowed', developer: 'not_allowed', reviewer: 'not_allowed' }],
  ['resume', resumeApp, { owner: 'not_allowed', developer: 'not_allowed', officer: 'not_allowed' }],
  ['offboard', offboardApp, { developer: 'not_allowed', officer: 'not_allowed', stranger: 'record_unknown' }],
  ['suspend', suspendApp, { stranger: 'record_unknown' }],
] as const)('%s is not for everyone', async (_, command, refusals) => {
  const stranger = (await registerVendor(world)).owner;
  const who = { ...vendor, officer: securityOfficer, reviewer, stranger };
  for (const [name, reason] of Object.entries(refusals)) {
    const actor = who[name as 'owner' | 'developer' | 'officer' | 'reviewer' | 'stranger'];
    expect([name, await refusedWith(command(deps, actor, appId, because))]).toEqual([name, [reason]]);
  }
  expect(await appRow()).toMatchObject({ suspendedAt: null, offboardedAt: null });
});

describe('the owner of an app', () => {
  test('is assigned with a backup, and who was it until then hears of it', async () => {
    const assigned = { ownerId: vendor.developerId, backupOwnerId: vendor.ownerId };
    await assignOwner(deps, vendor.owner, appId, assigned);
    expect(await appRow()).toMatchObject(assigned);
    const mail = await world.store.prisma.outboxMessage.findMany({ where: { channel: 'mail' } });
    const told = mail.filter(({ content }) => (content as { appId?: string }).appId === appId);
    expect(told.map(({ destination }) => destination).sort()).toEqual([
      ...[`developer@${vendor.id}.example`, `owner@${vendor.id}.example`],
    ]);
    expect(told[0]?.content).toMatchObject({ type: 'owner.assigned', values: { owner: 'The developer' } });
    await assignOwner(deps, vendor.owner, appId, { backupOwnerId: null });
    expect(await appRow()).toMatchObject({ ownerId: vendor.developerId, backupOwnerId: null });
    // The same again changes nothing and tells nobody.
    await assignOwner(deps, vendor.owner, appId, { ownerId: vendor.developerId });
    expect((await eventsOf(world, appId)).filter((type) => type === 'owner.assigned')).toHaveLength(2);
  });

  test('gives an app without one its access back', async () => {
    const token = await accessToken();
    const { prisma } = world.store;
    await prisma.app.update({ where: { id: appId }, data: { ownerId: null } });
    expect(await world.introspect(token)).toEqual({ active: false });
    await assignOwner(deps, operator, appId, { ownerId: vendor.ownerId });
    expect(await world.introspect(token)).toMatchObject({ active: true });
  });

  test('works there, and is another than the backup', async () => {
    const faults = [
      [{ ownerId: 'dana-whitfield' }, 'ownerId person_unknown'],
      [{ ownerId: 'none' }, 'ownerId person_unknown'],
      [{ backupOwnerId: vendor.ownerId }, 'backupOwnerId person_twice'],
      [{ ownerId: null }, 'ownerId not_text'],
      [{ organizationId: 'lantern' }, 'organizationId unknown_field'],
    ] as const;
    for (const [input, fault] of faults)
      expect(await refusedWith(assignOwner(deps, vendor.owner, appId, input))).toEqual([
        'input_invalid',
        fault,
      ]);
    const hers = { ownerId: vendor.developerId };
    expect(await refusedWith(assignOwner(deps, vendor.developer, appId, hers))).toEqual(['not_allowed']);
    expect(await refusedWith(assignContract(deps, vendor.owner, appId, {}))).toEqual(['not_allowed']);
  });
});
