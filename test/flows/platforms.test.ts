// What pages, lists, counts and receipts say of apps that a platform acts for is what the doors do.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reachOfApp } from '../../src/registry/app-reach.ts';
import { offboard } from '../../src/registry/offboarding.ts';
import { addRestriction, endRestriction } from '../../src/registry/restriction-commands.ts';
import { readAppUse } from '../../src/store/campaign-facts.ts';
import { backendToken } from '../setup/backend-client.ts';
import { connect } from '../setup/connection.ts';
import { governed } from '../setup/governed.ts';
import { createPlatformWorld, type PlatformWorld } from '../setup/platform-world.ts';
import { registerApp } from '../setup/registrations.ts';
import { operator } from '../setup/reviewed.ts';
import { platformEnds } from './platform-ends.ts';

let at: PlatformWorld;

beforeAll(async () => {
  at = await createPlatformWorld();
});
afterAll(() => at.world.stop());

test('no page says of an app that it may act when its platform may not', async () => {
  const { world, vendor, hub, pair, tokenOf, page, row, foreseen } = at;
  const { appId, platformId } = await pair();
  await tokenOf(appId);
  const list = `/admin/apps?state=acting&name=Behind&organization=${vendor.id}`;
  expect(await page('priya-raman', list)).toContain('Behind');
  expect(await row(appId)).toMatchObject({ state: 'acting', liveTokens: 1, findings: [] });
  expect(await foreseen('app', appId)).toMatchObject({ actingIds: [appId], tokens: 1, behind: [] });
  const { prisma } = world.store;
  const of = { where: { id: hub.contractId } };
  const { endsAt } = await prisma.contract.findUniqueOrThrow(of);
  await prisma.contract.update({ ...of, data: { endsAt: new Date() } });

  expect(await page('priya-raman', list)).not.toContain('Behind');
  const record = await page('priya-raman', `/admin/apps/${appId}`);
  expect(record).toContain('It may not act now. The platform that acts for the app may not act now');
  expect(record).toMatch(/Acts through Hub/);
  const inventory = await page('priya-raman', `/admin/inventory?kind=app&text=${appId}`);
  expect(inventory).toMatch(/Behind App Stopped .* 0 live tokens .* Its platform may not act/);
  expect(await row(platformId)).toMatchObject({ findings: ['contract_expired'] });
  expect(await foreseen('app', appId)).toMatchObject({ appIds: [appId], actingIds: [], tokens: 0 });

  await prisma.contract.update({ ...of, data: { endsAt } });
  expect(await row(appId)).toMatchObject({ state: 'acting', liveTokens: 1 });
});

test('an app that is held by a restriction of its platform says so, and not why: that is for others', async () => {
  const { world, deps, vendor, pair, page } = at;
  const { appId, platformId } = await pair();
  for (const [kind, said] of [
    ['quarantine', 'Its platform Hub is in quarantine since'],
    ['step_up', 'because that was asked of its platform Hub'],
  ] as const) {
    const restriction = { kind, reason: 'An inquiry.' };
    const { restrictionId } = await addRestriction(deps, operator, platformId, restriction);
    expect((await backendToken(world, {}, { clientId: appId })).status).toBe(400);
    const pages = async () => [
      await page('priya-raman', `/admin/apps/${appId}`),
      await page(vendor.ownerId, `/developer/apps/${appId}`),
    ];
    for (const text of await pages()) {
      expect(text).toContain(said);
      // A system: nobody could sign in to it again.
      expect(text).toMatch(/It is in quarantine|The app gets nothing new for now/);
      expect(text).not.toMatch(/An inquiry\.|It may act now|The app can be used/);
    }
    expect(await page('priya-raman', '/admin/apps?state=quarantined')).toMatch(
      /Behind .+ In quarantine .+ Hub .+ In quarantine /,
    );
    await endRestriction(deps, operator, restrictionId, { reason: 'It is over.' });
    for (const text of await pages()) expect(text).not.toContain(said);
  }
});

test('the picture of what an app reaches, the inventory, the dry run and an attestation count the same consents', async () => {
  const { world, deps, vendor, row, foreseen } = at;
  const { prisma } = world.store;
  const { id: organizationId, ownerId, contractId } = vendor;
  const appId = await registerApp(world, world.clientId, { organizationId, ownerId, contractId });
  for (const _ of [1, 2, 3]) await connect(world, await world.patientBrowser(), { client_id: appId });
  const [paused, gone, stands] = await prisma.consent.findMany({ where: { appId } });
  const counted = async () => [
    (await reachOfApp(deps, operator, appId)).patients,
    (await row(appId))?.livePatients,
    (await row(appId))?.liveTokens,
    ...(await foreseen('app', appId).then(({ patients, tokens }) => [patients, tokens])),
    (await readAppUse(world.store, [appId], 30)).get(appId)?.livePatients,
  ];
  expect(await counted()).toEqual([3, 3, 3, 3, 3, 3]);
  await prisma.consent.update({ where: { id: paused?.id ?? '' }, data: { pausedAt: new Date() } });
  expect(await counted()).toEqual([2, 2, 2, 2, 2, 2]);
  // What somebody decided for another whom she represents no more.
  const [patientId, other] = [stands, gone].map((one) => one?.patientId ?? '') as [string, string];
  await prisma.representation.create({
    data: {
      ...{ id: 'r-over', representativeId: patientId, patientId: other, relationship: 'parent' },
      ...{ startsAt: new Date(0), endsAt: new Date(1) },
    },
  });
  const represented = { id: 'c-over', grantId: 'g-over', representationId: 'r-over', patientId: other };
  await prisma.consent.create({
    data: { ...(stands as NonNullable<typeof stands>), ...represented } as never,
  });
  await prisma.consent.update({ where: { id: gone?.id ?? '' }, data: { withdrawnAt: new Date() } });
  expect(await counted()).toEqual([1, 1, 1, 1, 1, 1]);

  const { patients } = await reachOfApp(deps, operator, world.backendId);
  expect(patients).toBeGreaterThan(0);
  expect(await foreseen('app', world.backendId)).toMatchObject({ patients: 0, systemPatients: patients });
});

platformEnds(() => at);

test('a platform is used when an app behind it is used; an app whose platform may not act is not idle', async () => {
  const { world, pair, tokenOf, isActive, row } = at;
  const rules = governed(world);
  await rules.said('dormant_app', 'alert');
  const [used, idle, stopped] = [await pair(), await pair(), await pair()];
  const suspended = { where: { id: stopped.platformId }, data: { suspendedAt: new Date() } };
  await world.store.prisma.app.update(suspended);
  await rules.days(40);
  expect(await isActive(await tokenOf(used.appId))).toBe(true);
  await rules.days(1);
  expect(await rules.findingsOf(used.platformId, 'dormant_app')).toMatchObject([{ closedBy: 'policy' }]);
  expect(await rules.findingsOf(idle.platformId, 'dormant_app')).toMatchObject([{ closedAt: null }]);
  expect(await rules.findingsOf(idle.appId, 'dormant_app')).toMatchObject([{ closedAt: null }]);
  expect(await rules.findingsOf(stopped.appId, 'dormant_app')).toEqual([]);
  expect(await row(used.platformId)).toMatchObject({ lastUsedAt: expect.any(Date) });
  expect(await row(idle.platformId)).toMatchObject({ lastUsedAt: null });
});

test('a FHIR server that was offboarded is called so, and is no path any more', async () => {
  const { world, deps, page, row } = at;
  const { id } = world.resourceServer;
  const { name } = await world.store.prisma.resourceServer.findUniqueOrThrow({ where: { id } });
  const given = { kind: 'resource_server', subjectId: id, reason: 'Switched off.', confirm: name };
  expect(await row(id)).toBeDefined();
  await offboard(deps, operator, given);
  const text = await page('priya-raman', `/admin/servers/${id}`);
  expect(text).toContain('Offboarded');
  expect(text).not.toContain('Suspended');
  expect(await row(id)).toBeUndefined();
});
