// Each cut-off ends what rests on its subject, nothing else, and nothing that comes after it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endKey } from '../../src/registry/app-keys.ts';
import { assignOwner, offboardApp, resumeApp, suspendApp } from '../../src/registry/app-standing.ts';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { resumeOrganization, suspendOrganization } from '../../src/registry/organization-standing.ts';
import { endPerson } from '../../src/registry/people.ts';
import type { CutOffKind } from '../../src/store/cut-offs.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, type SigningAlgorithm } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let ana: TestBrowser;
let james: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  ana = await world.patientBrowser();
  james = await world.patientBrowser();
});
afterAll(() => world.stop());

const reason = { reason: 'A test.' };
const isActive = async (token: string) => (await world.introspect(token)).active;

/** Something that was issued, and how it is asked for again. */
interface Access {
  readonly token: string;
  readonly refreshed?: () => Promise<Response>;
}

type Changes = Parameters<typeof registerApp>[2];
const appOf = (changes: Changes = {}, like = world.clientId) =>
  registerApp(world, like, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
    ...changes,
  });

async function connected(clientId: string, patient = ana): Promise<Access> {
  const { accessToken, refreshToken } = await connect(world, patient, { client_id: clientId });
  return { token: accessToken, refreshed: () => refresh(world, refreshToken, { client_id: clientId }) };
}

async function proven(clientId: string, alg: SigningAlgorithm = 'ES384'): Promise<Access> {
  const answer = await backendToken(world, {}, { clientId, alg });
  return { token: ((await answer.json()) as { access_token: string }).access_token };
}

interface Scene {
  readonly subjectId: string;
  readonly hit: () => Promise<Access>;
  readonly spared: () => Promise<Access>;
}

const scenes: Readonly<Record<CutOffKind, () => Promise<Scene>>> = {
  client: async () => {
    const [one, other] = [await appOf(), await appOf()];
    return { subjectId: one, hit: () => connected(one), spared: () => connected(other) };
  },
  organization: async () => {
    const app = await appOf();
    return { subjectId: vendor.id, hit: () => connected(app), spared: () => connected(world.clientId) };
  },
  owner: async () => {
    const [one, other] = [await appOf(), await appOf({ ownerId: vendor.developerId })];
    return { subjectId: vendor.ownerId, hit: () => connected(one), spared: () => connected(other) };
  },
  patient: async () => {
    const app = await appOf();
    await connected(app);
    const { patientId } = await world.store.prisma.consent.findFirstOrThrow({ where: { appId: app } });
    return { subjectId: patientId ?? '', hit: () => connected(app), spared: () => connected(app, james) };
  },
  purpose: async () => {
    // HL7 v3 ActReason: family requests are requests of the patient, treatment is not.
    const [one, other] = [await appOf({ purposes: ['FAMRQT'] }), await appOf({ purposes: ['TREAT'] })];
    return { subjectId: 'PATRQT', hit: () => connected(one), spared: () => connected(other) };
  },
  key: async () => {
    const app = await appOf({}, world.backendId);
    const keys = await world.store.prisma.appKey.findMany({ where: { appId: app } });
    const { id = '' } = keys.find(({ jwk }) => (jwk as { alg?: string }).alg === 'RS384') ?? {};
    return { subjectId: id, hit: () => proven(app, 'RS384'), spared: () => proven(app, 'ES384') };
  },
};

test.each(Object.entries(scenes))('a cut-off of one %s', async (kind, make) => {
  const { subjectId, hit, spared } = await make();
  const [ended, untouched] = [await hit(), await spared()];
  expect([await isActive(ended.token), await isActive(untouched.token)]).toEqual([true, true]);
  await cutOffAccess(deps, securityOfficer, { kind, subjectId, ...reason });

  expect(await world.introspect(ended.token)).toEqual({ active: false });
  expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('access_cut_off');
  if (ended.refreshed) expect(await refusalOf(await ended.refreshed())).toEqual([400, 'invalid_grant']);
  expect(await isActive(untouched.token)).toBe(true);
  if (untouched.refreshed) expect((await untouched.refreshed()).status).toBe(200);
  const next = await hit();
  expect(await isActive(next.token)).toBe(true);
  if (next.refreshed) expect((await next.refreshed()).status).toBe(200);
});

test('of the tokens alone: the consent stays, and the app goes on with its refresh token', async () => {
  const app = await appOf();
  const { token, refreshed } = await connected(app);
  await cutOffAccess(deps, operator, { kind: 'client', subjectId: app, endsGrants: false, ...reason });
  expect(await isActive(token)).toBe(false);
  expect((await refreshed?.())?.status).toBe(200);
});

test('a code that was given before it is not redeemed (RFC 6749 §4.1.2)', async () => {
  const app = await appOf();
  const request = authorizationRequest(world, { client_id: app });
  const callback = await ana.authorize(request.url);
  await cutOffAccess(deps, operator, { kind: 'client', subjectId: app, ...reason });
  const redeemed = await redeem({ ...world, clientId: app }, request, callback);
  expect(await refusalOf(redeemed)).toEqual([400, 'invalid_grant']);
  // The patient is asked as if she had never agreed.
  const page = await ana.open(authorizationRequest(world, { client_id: app }).url);
  expect(page.html).not.toContain('You have shared with');
});

test('a suspended app that may act again, and that is offboarded then', async () => {
  const app = await appOf();
  const { token, refreshed } = await connected(app);
  await suspendApp(deps, securityOfficer, app, reason);
  await resumeApp(deps, operator, app, reason);
  expect(await isActive(token)).toBe(false);
  const next = (await (await refreshed?.())?.json()) as { access_token: string; refresh_token: string };
  expect(await isActive(next.access_token)).toBe(true);
  await offboardApp(deps, operator, app, reason);
  expect(await isActive(next.access_token)).toBe(false);
  // Whatever a record says later: what was issued is over.
  await world.store.prisma.app.update({ where: { id: app }, data: { offboardedAt: null } });
  expect(await isActive(next.access_token)).toBe(false);
  const refused = await refresh(world, next.refresh_token, { client_id: app });
  expect(await refusalOf(refused)).toEqual([400, 'invalid_grant']);
});

test('who answered for an app leaves: it waits for another owner, and what was issued under her is over', async () => {
  const person = await registerVendor(world);
  const app = await appOf({ organizationId: person.id, ownerId: person.ownerId });
  const [{ token, refreshed }, other] = [await connected(app), await connected(await appOf())];
  await endPerson(deps, operator, person.ownerId, { reason: 'a test' });
  expect([await isActive(token), await isActive(other.token)]).toEqual([false, true]);
  await assignOwner(deps, operator, app, { ownerId: person.developerId });
  expect(await isActive(token)).toBe(false);
  expect((await refreshed?.())?.status).toBe(200);
});

test('an app that goes to another organization takes along what was ended where it was', async () => {
  const [from, to] = [await registerVendor(world), await registerVendor(world)];
  const app = await appOf({ organizationId: from.id, ownerId: from.ownerId }, world.backendId);
  const { token } = await proven(app);
  await suspendOrganization(deps, securityOfficer, from.id, reason);
  await resumeOrganization(deps, operator, from.id, reason);
  const late = await proven(app);
  const home = { organizationId: to.id, ownerId: to.ownerId, contractId: to.contractId };
  await world.store.prisma.app.update({ where: { id: app }, data: home });
  expect([await isActive(token), await isActive(late.token)]).toEqual([false, true]);
});

test('a key that is ended at once takes along what was issued with it; after an overlap nothing ends early', async () => {
  const app = await appOf({}, world.backendId);
  const keys = await world.store.prisma.appKey.findMany({ where: { appId: app } });
  const idOf = (alg: string) => keys.find(({ jwk }) => (jwk as { alg?: string }).alg === alg)?.id ?? '';
  const [rsa, ec] = [await proven(app, 'RS384'), await proven(app, 'ES384')];
  await endKey(deps, vendor.developer, app, idOf('ES384'), { when: 1, reason: 'a test' });
  await endKey(deps, vendor.developer, app, idOf('RS384'), { when: 'now', reason: 'a test' });
  expect([await isActive(rsa.token), await isActive(ec.token)]).toEqual([false, true]);
});
