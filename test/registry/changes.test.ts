import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { offboardApp } from '../../src/registry/app-standing.ts';
import { createApp } from '../../src/registry/apps.ts';
import { listChanges, recordChange } from '../../src/registry/changes.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { connect } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, noticesOf, operator, reviewer, submittedAgain } from '../setup/reviewed.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
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
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
  });
});

const change = (changes: object = {}) => ({
  ...{ kind: 'subprocessor', description: 'Another host.\nIn another region.' },
  affectedScopes: ['patient/Observation.rs'],
  ...changes,
});
test('it stops what shares anything with its scopes, at the next request', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser(), { client_id: appId });
  const scopes = async () => String((await world.introspect(accessToken)).scope);
  expect(await scopes()).toMatch(/patient\/Patient\.rs.*patient\/Observation\.rs/);
  await recordChange(deps, vendor.developer, appId, change());
  expect(await scopes()).toContain('patient/Patient.rs');
  expect(await scopes()).not.toContain('Observation');
});

test('it is kept until the approval that clears it, with who recorded it', async () => {
  ({ appId } = await approvedApp(world, deps, vendor));
  const { changeId } = await recordChange(deps, vendor.owner, appId, change());
  const kept = { id: changeId, ...change(), recordedBy: vendor.ownerId };
  expect(await listChanges(deps, vendor.developer, appId)).toMatchObject([{ ...kept, clearedAt: null }]);
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, { name: 'Next Results' });
  await decideReview(deps, reviewer, reviewId, { decision: 'approve', reason: 'It is as it should be.' });
  expect(await listChanges(deps, operator, appId)).toMatchObject([{ ...kept, clearedBy: reviewId }]);
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { appId, type: 'change.recorded' },
  });
  expect(event).toMatchObject({
    ...{ organizationId: vendor.id, accountId: vendor.ownerId },
    detail: { changeId, kind: 'subprocessor', scopes: ['patient/Observation.rs'], via: 'portal' },
  });
  expect(await noticesOf(world, appId)).toContain('change.recorded');
});

test('scopes are kept in one spelling, each once', async () => {
  const affectedScopes = [
    'patient/*.read',
    'patient/*.read',
    'user/Patient.rs',
    'patient/Observation.rs?code=a',
  ];
  await recordChange(deps, vendor.owner, appId, change({ affectedScopes }));
  expect((await listChanges(deps, vendor.owner, appId))[0]?.affectedScopes).toEqual([
    ...['patient/*.read', 'user/Patient.rs', 'patient/Observation.rs?code=a'],
  ]);
});

test.each([
  [{ kind: 'weather' }, 'kind not_one_of'],
  [{ description: '' }, 'description required'],
  [{ description: 'x'.repeat(2_001) }, 'description too_long'],
  [{ affectedScopes: [] }, 'affectedScopes required'],
  [{ affectedScopes: 'patient/*.rs' }, 'affectedScopes not_a_list'],
  [{ affectedScopes: ['patient/Patient.rs patient/Observation.rs'] }, 'affectedScopes.0 scope_unreadable'],
  [{ affectedScopes: ['launch', 'read everything'] }, 'affectedScopes.1 scope_unreadable'],
  [{ affectedScopes: Array(101).fill('launch') }, 'affectedScopes too_many'],
  [{ clearedAt: null }, 'clearedAt unknown_field'],
])('%j is refused', async (changes, fault) => {
  expect(await refusedWith(recordChange(deps, vendor.owner, appId, change(changes)))).toEqual([
    ...['input_invalid', fault],
  ]);
  expect(await listChanges(deps, vendor.owner, appId)).toEqual([]);
});

test('in the sandbox there is no approval to wait for, and of an offboarded app nothing to stop', async () => {
  const revision = await revisionFor(world, 'sandbox');
  const sandbox = await createApp(deps, vendor.developer, { environment: 'sandbox', revision });
  expect(await refusedWith(recordChange(deps, vendor.owner, sandbox.appId, change()))).toEqual([
    'state_conflict',
  ]);
  await offboardApp(deps, operator, appId, { reason: 'Over.' });
  expect(await refusedWith(recordChange(deps, vendor.owner, appId, change()))).toEqual(['state_conflict']);
});

test('it is recorded by those who work on the app or operate, and seen by no other organization', async () => {
  expect(await refusedWith(recordChange(deps, reviewer, appId, change()))).toEqual(['not_allowed']);
  await recordChange(deps, operator, appId, change());
  const stranger = (await registerVendor(world)).owner;
  expect(await refusedWith(recordChange(deps, stranger, appId, change()))).toEqual(['record_unknown']);
  expect(await refusedWith(listChanges(deps, stranger, appId))).toEqual(['record_unknown']);
  expect(await refusedWith(recordChange(deps, operator, 'none', change()))).toEqual(['record_unknown']);
});
