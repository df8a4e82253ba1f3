import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { listInventory } from '../../src/registry/inventory.ts';
import type { InventoryPath } from '../../src/registry/inventory-paths.ts';
import { tokenRequest } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import { connect } from '../setup/connection.ts';
import { addProcessor } from '../setup/inventory-records.ts';
import { changeApp, registerApp, registerResourceServer } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  const { prisma } = world.store;
  await prisma.app.update({ where: { id: world.clientId }, data: { backupOwnerId: null } });
  const nobodys = { organizationId: null, ownerId: null };
  await prisma.resourceServer.update({ where: { id: world.resourceServer.id }, data: nobodys });
});
afterAll(() => world.stop());

const DAY_MS = 86_400_000;
const inDays = (count: number) => new Date(Date.now() + count * DAY_MS);
const list = async (filter: object = {}) =>
  (await listInventory(deps, commandLine, { filter, limit: 200 })).rows;
const path = async (kind: string, id: string) =>
  (await list({ kind, text: id })).find((row) => row.id === id) as InventoryPath;

test('an app is listed with who answers for it, what it opens and how much goes over it now', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser());
  await world.introspect(accessToken);
  expect(await path('app', world.clientId)).toMatchObject({
    ...{ name: 'Lantern Health', environments: ['production'], state: 'acting' },
    organization: { id: 'lantern', name: 'Lantern Health, Inc.' },
    owner: { id: 'dana-whitfield', name: 'Dana Whitfield', leftAt: null },
    backupOwner: null,
    purposes: ['PATRQT'],
    categories: ['Patient', 'Condition', 'Observation', 'AllergyIntolerance', 'MedicationRequest'],
    access: ['view'],
    ...{ livePatients: 1, liveTokens: 1, credentialAgeDays: null },
    contractEndsAt: expect.any(Date),
    attestationDueAt: expect.any(Date),
    lastUsedAt: expect.any(Date),
    findings: ['backup_missing'],
  });
});

test('patients, apps and tokens are counted once; what ended, or answers nobody, is not counted', async () => {
  const patient = await world.patientBrowser();
  const appId = await registerApp(world, world.clientId, { name: 'Counted' });
  const asked = { client_id: appId };
  const first = await connect(world, patient, asked);
  await connect(world, patient, asked);
  const again = { grant_type: 'refresh_token', refresh_token: first.refreshToken, client_id: appId };
  expect((await tokenRequest(world, again)).status).toBe(200);
  expect(await path('app', appId)).toMatchObject({ livePatients: 1, liveTokens: 3 });

  const { prisma } = world.store;
  await prisma.app.update({ where: { id: appId }, data: { suspendedAt: new Date() } });
  expect(await path('app', appId)).toMatchObject({ state: 'suspended', livePatients: 1, liveTokens: 0 });
  await prisma.app.update({ where: { id: appId }, data: { suspendedAt: null } });

  const revoked = new URLSearchParams({ token: first.refreshToken, client_id: appId });
  expect((await fetch(`${world.issuer}/revoke`, { method: 'POST', body: revoked })).status).toBe(200);
  expect(await path('app', appId)).toMatchObject({ livePatients: 1, liveTokens: 1 });
  await prisma.consent.updateMany({ where: { appId }, data: { withdrawnAt: new Date() } });
  expect(await path('app', appId)).toMatchObject({ livePatients: 0, liveTokens: 0 });
});

test('a backend service has tokens and no patients; its keys have an age and an end', async () => {
  expect((await backendToken(world)).status).toBe(200);
  const found = await path('app', world.backendId);
  expect(found).toMatchObject({
    livePatients: 0,
    liveTokens: 1,
    credentialAgeDays: 0,
    purposes: ['HQUALIMP'],
  });
  expect(found.credentialEndsAt?.getTime()).toBeGreaterThan(Date.now());
});

test('a resource server is a path: its owner, environments, secrets and last question', async () => {
  expect(await path('resource_server', world.resourceServer.id)).toMatchObject({
    ...{ environments: ['production', 'sandbox'], livePatients: null, credentialAgeDays: 0 },
    organization: { id: null, name: deps.settings.operatorName },
    owner: null,
    lastUsedAt: expect.any(Date),
    findings: ['owner_missing'],
  });
  const { id } = await registerResourceServer(world);
  await world.store.prisma.resourceServer.update({
    where: { id },
    data: { organizationId: 'lantern', ownerId: 'dana-whitfield', suspendedAt: new Date() },
  });
  expect(await path('resource_server', id)).toMatchObject({
    ...{ state: 'suspended', environments: ['production'], lastUsedAt: null, findings: [] },
    ...{ organization: { id: 'lantern' }, owner: { name: 'Dana Whitfield' } },
  });
  const { prisma } = world.store;
  const where = { resourceServerId: id };
  await prisma.resourceServerSecret.updateMany({ where, data: { endsAt: inDays(-1) } });
  expect((await path('resource_server', id)).findings).toEqual(['credential_expired']);
  // It may ask with a key, which has no end.
  await prisma.resourceServer.update({ where: { id }, data: { jwks: { keys: [{ kid: 'one' }] } } });
  expect(await path('resource_server', id)).toMatchObject({ credentialEndsAt: null, findings: [] });
});

test('an EHR is a path: its last use is the last launch', async () => {
  const [ehr] = await list({ kind: 'ehr' });
  expect(ehr).toMatchObject({ environments: ['production'], lastUsedAt: null });
  const { prisma } = world.store;
  const user = { id: randomUUID(), ehrId: ehr?.id ?? '', fhirUser: 'Practitioner/1', name: 'Dr. Lee' };
  await prisma.ehrUser.create({ data: user });
  await prisma.launchContext.create({
    data: {
      ...{ id: randomUUID(), ehrId: user.ehrId, ehrUserId: user.id, appId: world.clientId, context: {} },
      ...{ fhirBaseUrl: world.fhirBase, expiresAt: inDays(1) },
    },
  });
  expect((await path('ehr', user.ehrId)).lastUsedAt).toBeInstanceOf(Date);
});

describe('who processes data for an app', () => {
  test('is a platform where it hosts and a subprocessor for the rest, with what the apps open', async () => {
    const appId = await registerApp(world, world.clientId, { name: 'Hosted' });
    const id = await addProcessor(world, 'Cloud and More, Inc.', ['hosting', 'support', 'ai'], appId);
    await connect(world, await world.patientBrowser(), { client_id: appId });
    const opened = { apps: 1, livePatients: 1, purposes: ['PATRQT'], access: ['view'] };
    expect(await path('platform', id)).toMatchObject({ ...opened, services: ['hosting'] });
    expect(await path('subprocessor', id)).toMatchObject({ ...opened, services: ['ai', 'support'] });
    expect((await path('platform', id)).categories).toContain('Observation');
  });

  test('is no path once the app is offboarded, or the revision is not in force', async () => {
    const appId = await registerApp(world, world.clientId, { name: 'Over' });
    const id = await addProcessor(world, 'Gone Hosting', ['hosting'], appId);
    const replaced = await registerApp(world, world.clientId, { name: 'Moved' });
    const before = await addProcessor(world, 'Left Hosting', ['hosting'], replaced);
    expect(await path('platform', before)).toBeDefined();
    await changeApp(world, replaced, { name: 'Moved away' });
    expect(await path('platform', before)).toBeUndefined();

    expect(await path('platform', id)).toBeDefined();
    await world.store.prisma.app.update({ where: { id: appId }, data: { offboardedAt: new Date() } });
    expect(await path('platform', id)).toBeUndefined();
    expect(await path('app', appId)).toBeUndefined();
  });

  test('has nobody who answers for it without a contact and an owner here', async () => {
    const id = await addProcessor(world, 'Nobody Analytics', ['analytics'], world.clientId);
    const { prisma } = world.store;
    expect(await path('subprocessor', id)).toMatchObject({ owner: null, findings: ['owner_missing'] });
    const contacts = [
      { role: 'technical', name: 'Ada', email: 'ada@nobody.example' },
      { role: 'privacy', name: 'Pat', email: 'pat@nobody.example' },
    ];
    await prisma.organization.update({ where: { id }, data: { contacts } });
    expect(await path('subprocessor', id)).toMatchObject({ owner: { id: null, name: 'Pat' }, findings: [] });
    const person = { organizationId: id, name: 'Olga Owner', email: 'olga@nobody.example' };
    const roles = { create: { id: randomUUID(), role: 'owner', grantedBy: 'test' } };
    await prisma.person.create({ data: { ...person, id: 'olga', userHandle: randomUUID(), roles } });
    expect(await path('subprocessor', id)).toMatchObject({ owner: { id: 'olga', name: 'Olga Owner' } });
  });
});

test('people are paths as long as they work there with a role', async () => {
  expect(await path('person', 'dana-whitfield')).toMatchObject({
    ...{ roles: ['developer', 'owner'], organization: { id: 'lantern' }, liveTokens: 0 },
    findings: ['passkey_missing'],
  });
  const { prisma } = world.store;
  const person = { organizationId: 'lantern', name: 'Tess Temp', email: 'tess@lantern.example' };
  const role = { id: randomUUID(), role: 'developer', grantedBy: 'test' };
  await prisma.person.create({
    data: { ...person, id: 'tess', userHandle: randomUUID(), roles: { create: role } },
  });
  const token = { id: randomUUID(), personId: 'tess', name: 'CI', expiresAt: inDays(1) };
  await prisma.apiToken.create({ data: token });
  expect(await path('person', 'tess')).toMatchObject({ liveTokens: 1, state: 'acting' });
  await prisma.apiToken.update({ where: { id: token.id }, data: { revokedAt: new Date() } });
  expect(await path('person', 'tess')).toMatchObject({ liveTokens: 0 });
  await prisma.personRole.update({ where: { id: role.id }, data: { endedAt: new Date() } });
  expect(await path('person', 'tess')).toBeUndefined();
  await prisma.personRole.update({ where: { id: role.id }, data: { endedAt: null } });
  await prisma.person.update({ where: { id: 'tess' }, data: { leftAt: new Date() } });
  expect(await path('person', 'tess')).toBeUndefined();
});
