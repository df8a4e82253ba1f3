import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generatedApps } from '../../src/demo/generated-apps.ts';
import { seedGenerated } from '../../src/demo/generated-seed.ts';
import { DEMO_APP, DEMO_BACKEND } from '../../src/demo/seed.ts';
import { DEMO_CLINIC_APP } from '../../src/demo/seed-launches.ts';
import { HARBOR_CLINIC } from '../../src/demo/seed-registry.ts';
import { DEMO_SANDBOX_APP, DEMO_WAITING_APP } from '../../src/demo/seed-vendor.ts';
import { startDemo } from '../../src/demo/start.ts';
import { FINDINGS, PATH_KINDS } from '../../src/policy/findings.ts';
import { findAppFor, listRevisions } from '../../src/registry/app-records.ts';
import { timelineOf } from '../../src/registry/app-timeline.ts';
import { changeContract } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { listInventory } from '../../src/registry/inventory.ts';
import { reviewFor } from '../../src/registry/review-facts.ts';
import { decideReview, listReviews } from '../../src/registry/reviews.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

const APPS = [DEMO_APP, DEMO_BACKEND, DEMO_CLINIC_APP, DEMO_SANDBOX_APP, DEMO_WAITING_APP];

let world: World;
let deps: RegistryDeps;
beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

type Demo = NonNullable<World['config']['demo']>;

async function startAgain(changes: Partial<Demo> = {}, told: string[] = []): Promise<void> {
  const { config, secret, store } = world;
  const demo = { ...(config.demo as Demo), ...changes };
  const report = (line: string) => void told.push(line);
  await startDemo({ config, demo, secret, store, listen: async () => createServer(), report });
}

const numbersOf = async (appId: string) =>
  (await listRevisions(deps, operator, appId)).map(({ number, createdBy }) => `${number} ${createdBy}`);

/** How much there is of what a start could add to. */
const amounts = () => {
  const { auditEvent, appRevision, appKey, review, organization, person, personRole } = world.store.prisma;
  const counted = [auditEvent, appRevision, appKey, review, organization, person, personRole];
  return Promise.all(counted.map((table) => (table as { count(): Promise<number> }).count()));
};

test.each(APPS)(
  '%s says all that a review asks for; what it lacks is https on this machine',
  async (appId) => {
    const { faults, owner, backupOwner, newest } = await findAppFor(deps, operator, appId);
    const lacking = faults.filter(({ code }) => code !== 'url_https_required');
    // The sandbox needs no contract.
    const expected = appId === DEMO_SANDBOX_APP ? [{ field: 'contractId', code: 'required' }] : [];
    expect(lacking).toEqual(expected);
    const served = newest.websiteUrl.startsWith(world.appOrigin);
    expect(lacking.length < faults.length).toBe(served);
    expect([owner?.leftAt, backupOwner?.leftAt]).toEqual([null, null]);
    expect(newest.subprocessors.length).toBeGreaterThan(0);
  },
);

test('the inventory shows every kind of path, each with somebody who answers for it', async () => {
  const { rows } = await listInventory(deps, operator, { limit: 200 });
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(PATH_KINDS));
  const found = new Set(rows.flatMap(({ findings }) => findings));
  expect(FINDINGS.filter((finding) => found.has(finding))).toEqual(['passkey_missing']);
});

test('the reviewer has something to do: a revision of a vendor that is not her own', async () => {
  const { rows } = await listReviews(deps, reviewer);
  expect(rows.map(({ appId, submittedByName }) => [appId, submittedByName])).toEqual([
    [DEMO_WAITING_APP, 'Ben Halvorsen'],
  ]);
  const detail = await reviewFor(deps, reviewer, rows[0]?.id ?? '');
  expect([detail.refusal, detail.inForce, detail.lookAlikes]).toEqual([undefined, null, []]);
  expect(detail.subprocessors.map(({ legalName }) => legalName)).toEqual([
    'Cumulus Hosting, Inc.',
    'Prism Analytics, Inc.',
  ]);
});

test('its apps have a story from the first day', async () => {
  const { rows } = await timelineOf(deps, operator, DEMO_WAITING_APP);
  expect(rows.map(({ type, by }) => [type, by])).toEqual([
    ['revision.submitted', 'Ben Halvorsen'],
    ['revision.saved', null],
    ['app.registered', null],
  ]);
});

test('started again it adds nothing', async () => {
  const before = await amounts();
  await startAgain();
  expect(await amounts()).toEqual(before);
});

test('started again it keeps what people did', async () => {
  const { prisma } = world.store;
  const [review] = (await listReviews(deps, reviewer)).rows;
  await decideReview(deps, reviewer, review?.id ?? '', { decision: 'refuse', reason: 'Who pays for it?' });
  const endsAt = new Date('2030-01-01T00:00:00Z');
  await prisma.appKey.updateMany({ where: { appId: DEMO_BACKEND }, data: { endsAt } });
  await prisma.app.update({ where: { id: DEMO_APP }, data: { suspendedAt: endsAt, backupOwnerId: null } });
  await prisma.organization.update({ where: { id: 'tidewater' }, data: { legalName: 'Tidewater, LLC' } });
  await prisma.ehr.update({ where: { id: 'harbor-ehr' }, data: { name: 'Harbor EHR', ownerId: null } });
  const { newest } = await findAppFor(deps, operator, DEMO_APP);
  await reviseByHand(newest.id);
  await startAgain();

  expect((await listReviews(deps, reviewer)).rows).toEqual([]);
  const keys = await prisma.appKey.findMany({ where: { appId: DEMO_BACKEND } });
  expect(new Set(keys.map((key) => key.endsAt.getTime()))).toEqual(new Set([endsAt.getTime()]));
  expect(await prisma.organization.count({ where: { legalName: 'Tidewater, LLC' } })).toBe(1);
  expect(await prisma.ehr.count({ where: { name: 'Harbor EHR', ownerId: null } })).toBe(1);
  const app = await findAppFor(deps, operator, DEMO_APP);
  expect([app.live?.name, app.suspendedAt, app.backupOwner]).toEqual(['Lantern Results', endsAt, null]);
  expect(await numbersOf(DEMO_APP)).toEqual(['2 dana-whitfield', '1 demo']);
});

/** As an approval would put it in force. */
async function reviseByHand(from: string): Promise<void> {
  const { prisma } = world.store;
  const { useCase, dataUse, ...row } = await prisma.appRevision.findUniqueOrThrow({ where: { id: from } });
  const changed = { ...row, id: 'by-hand', number: 2, createdBy: 'dana-whitfield', name: 'Lantern Results' };
  const answers = { useCase: useCase as object, dataUse: dataUse as object };
  await prisma.appRevision.create({ data: { ...changed, ...answers } });
  await prisma.app.update({ where: { id: DEMO_APP }, data: { revisionId: 'by-hand' } });
}

test('on another port its apps get one more revision, once', async () => {
  for (const _ of [1, 2]) await startAgain({ appPort: 4999 });
  expect(await numbersOf(DEMO_APP)).toEqual(['3 demo', '2 dana-whitfield', '1 demo']);
  expect(await numbersOf(DEMO_WAITING_APP)).toEqual(['1 demo']);
  const { live } = await findAppFor(deps, operator, DEMO_APP);
  expect(live?.redirectUris).toEqual(['http://localhost:4999/app']);
});

test('it starts where the invented network is older than its governance, and was changed since', async () => {
  const { prisma } = world.store;
  await seedGenerated(world.store);
  const burst = generatedApps.find(({ planted }) => planted === 'burst');
  await world.store.sql('DELETE FROM access_record WHERE app_id = $1', [burst?.id]);
  const payer = generatedApps.find(({ organization }) => organization.kind === 'payer')?.organization.id;
  const agreed = { operations: ['read'], patientsPerHour: 1 };
  await changeContract(deps, operator, `${payer}-contract`, { limits: agreed });
  const suspendedAt = new Date();
  await prisma.organization.update({ where: { id: HARBOR_CLINIC }, data: { suspendedAt } });
  const told: string[] = [];
  await startAgain({ data: true }, told);
  expect(told.filter((line) => line.startsWith('the demo data'))).toEqual([
    expect.stringContaining('the demo data has no access in an emergency'),
  ]);
  const { limits } = await prisma.contract.findUniqueOrThrow({ where: { id: `${payer}-contract` } });
  expect(limits).toMatchObject(agreed);
  expect(await prisma.attestationCampaign.count()).toBe(2);
  const before = await amounts();
  await startAgain({ data: true });
  expect(await amounts()).toEqual(before);
});
