// An offboarding: counted before, true at the next request, proved by introspection, and told by a receipt that anybody can
// check without asking us.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Jwks, verifyStatement } from '../../src/audit/signed-statement.ts';
import { readArgs } from '../../src/operations/command.ts';
import { statementCommands } from '../../src/operations/commands-statements.ts';
import { proving } from '../../src/operations/offboarding-task.ts';
import { createSigner, readEverySigningKey } from '../../src/provider/keys.ts';
import { OFFBOARDING_RECEIPT } from '../../src/registry/offboarding-proof.ts';
import { resumeResourceServer } from '../../src/registry/resource-servers.ts';
import { createLog } from '../../src/web/log.ts';
import { apiUser, send } from '../setup/api-client.ts';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let ana: TestBrowser;
let tokens: Readonly<Record<'operator' | 'owner' | 'stranger', string>>;

beforeAll(async () => {
  world = await createWorld('postgresql');
  vendor = await registerVendor(world);
  ana = await world.patientBrowser();
  const network = await registerVendor(world, { kind: 'network' });
  tokens = {
    operator: (await apiUser(world, network.id, ['operator'])).token,
    owner: (await apiUser(world, vendor.id, ['owner'])).token,
    stranger: (await apiUser(world, (await registerVendor(world)).id, ['owner'])).token,
  };
});
afterAll(() => world.stop());

const ofVendor = () =>
  registerApp(world, world.clientId, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
  });
const connected = (clientId: string, patient = ana) => connect(world, patient, { client_id: clientId });
const isActive = async (token: string) => (await world.introspect(token)).active;
const post = (who: keyof typeof tokens, path: string, body: object) =>
  send(world, tokens[who], { method: 'post', path }, { body });
const read = async (who: keyof typeof tokens, id: unknown) =>
  (await send(world, tokens[who], { method: 'get', path: `/offboardings/${id}` })).body;
/** Nothing is delivered in this world: the receipt waits a minute for the stream of the FHIR server. */
async function prove(id: unknown) {
  const { config, secret, store } = world;
  const run = () => proving({ config, secret, store, log: createLog('silent') })({ asked: false } as never);
  await run();
  expect(await read('operator', id)).toMatchObject({ active: 0, receipt: null });
  world.clock.advance(61_000);
  await run();
  return read('operator', id);
}
const published = async () => (await (await fetch(`${world.issuer}/jwks`)).json()) as Jwks;
const verified = (jwks: Jwks, receipt: unknown) =>
  verifyStatement<{ offboarding: Record<string, never> }>(jwks, String(receipt), OFFBOARDING_RECEIPT);

test('an organization ends with all its apps, at the next request, and the receipt says so', async () => {
  const [one, two] = [await ofVendor(), await ofVendor()];
  const [first, second] = [await connected(one), await connected(two, await world.patientBrowser())];
  const other = await connected(world.clientId);
  const held = [first.accessToken, second.accessToken];
  expect(await Promise.all(held.map(isActive))).toEqual([true, true]);
  const subject = { kind: 'organization', subjectId: vendor.id };

  const dry = await post('operator', '/offboardings/dry-run', subject);
  expect(dry.body).toMatchObject({
    ...{ name: vendor.legalName, patients: 2, consents: 2, tokens: 2, backendTokens: 0, requestsADay: 2 },
    ...{ appIds: [one, two].sort(), actingIds: [one, two].sort() },
    resourceServers: [{ id: world.resourceServer.id }],
  });
  expect(dry.body.categories).toContain('Observation');
  const given = { ...subject, reason: 'The contract is over.', confirm: vendor.legalName };
  for (const [who, body, refusal] of [
    ['operator', { ...given, confirm: 'Vendor' }, 400],
    ['owner', given, 403],
    ['stranger', given, 404],
  ] as const)
    expect((await post(who, '/offboardings', body)).status).toBe(refusal);
  expect((await post('stranger', '/offboardings/dry-run', subject)).status).toBe(404);
  expect(await isActive(first.accessToken)).toBe(true);

  const done = await post('operator', '/offboardings', given);
  expect(done).toMatchObject({ status: 201, body: { receipt: null, total: null } });
  expect(await Promise.all([...held, other.accessToken].map(isActive))).toEqual([false, false, true]);
  expect(await refusalOf(await refresh(world, first.refreshToken, { client_id: one }))).toEqual([
    ...[401, 'invalid_client'],
  ]);
  // It comes back by no request of hers.
  expect((await ana.open(authorizationRequest(world, { client_id: one }).url)).response.status).toBe(403);

  const row = await prove(done.body.id);
  expect(row).toMatchObject({ total: 2, checked: 2, active: 0, receipt: expect.any(String) });
  expect((await read('stranger', done.body.id)).error).toBe('not_found');
  const jwks = await published();
  const { offboarding } = (await verified(jwks, row.receipt)) ?? {};
  expect(offboarding).toMatchObject({
    ...{ kind: 'organization', subject: { id: vendor.id, name: vendor.legalName }, reason: given.reason },
    before: { patients: 2, consents: 2, tokens: 2, requestsADay: 2 },
    after: { patients: 0, consents: 0, tokens: 0, requests: 0 },
    verification: { tokensLiveAtCut: 2, tokensAsked: 2, tokensStillActive: 0 },
    resourceServers: [{ id: world.resourceServer.id, name: expect.any(String) }],
    residualExposure: {
      ...{ tokensStillActive: 0, dataAlreadyRead: true, serversWithoutStream: [] },
      serversNotAcknowledged: [{ id: world.resourceServer.id, name: expect.any(String) }],
    },
  });
  const text = JSON.stringify(offboarding);
  for (const secret of [...held, first.refreshToken]) expect(text).not.toContain(secret);
  const kept = await world.store.prisma.accessToken.findMany({ select: { id: true } });
  for (const { id } of kept) expect(text).not.toContain(id);

  const receipt = String(row.receipt);
  for (const at of [receipt.indexOf('.') + 20, receipt.length - 40]) {
    const changed = receipt.slice(0, at) + (receipt[at] === 'A' ? 'B' : 'A') + receipt.slice(at + 1);
    expect(await verified(jwks, changed)).toBeUndefined();
  }
  expect(await verified({ keys: [] }, receipt)).toBeUndefined();
  await checkedAfterRetirement(receipt);
  expect((await post('operator', '/offboardings', given)).status).toBe(409);
});

/** The key that signed it signs no more, and stands in no key set for tokens: its public part stays published. */
async function checkedAfterRetirement(receipt: string): Promise<void> {
  const { prisma } = world.store;
  await prisma.signingKey.updateMany({ data: { retiredAt: new Date() } });
  const answer = await fetch(`${world.issuer}/statement-keys`);
  const kept = (await answer.json()) as Jwks;
  const exp = Number(kept.keys[0]?.exp);
  expect(answer.headers.get('content-type')).toContain('application/jwk-set+json');
  expect(kept.keys.flatMap(Object.keys)).not.toContain('d');
  expect(await verified(kept, receipt)).toBeDefined();
  const command = statementCommands.find(({ words }) => words === 'receipt verify');
  const lines: string[] = [];
  const output = { print: (line: string) => void lines.push(line), progress: () => 0, write: async () => {} };
  const file = join(await mkdtemp(join(tmpdir(), 'postern-receipt-')), 'receipt.jws');
  const verify = async (text: string, ...args: string[]) => {
    await writeFile(file, text);
    const read = command && readArgs(command, [file, ...args]);
    return read && command?.runAlone(registryDeps(world), read, output as never);
  };
  expect(await verify(`${receipt}\n`, '--issuer', `${world.issuer}/`)).toBe(0);
  expect(JSON.parse(lines.pop() ?? '')).toMatchObject({ offboarding: { kind: 'organization' } });
  expect(await verify(receipt.slice(0, -8), '--issuer', world.issuer)).toBe(1);
  expect(lines.pop()).toContain('not a receipt');
  // Whoever has the key afterwards states nothing with it that is said to be of then.
  const sign = createSigner(await readEverySigningKey(world.store, world.secret));
  for (const [iat, code] of [
    [exp, 0],
    [exp + 1, 1],
    [undefined, 1],
  ] as const)
    expect(await verify(await sign({ iat }, OFFBOARDING_RECEIPT), '--issuer', world.issuer)).toBe(code);
  await expect(verify(receipt, '--issuer', `${world.issuer}/nowhere`)).rejects.toThrow('Key Set');
  await expect(verify(receipt)).rejects.toThrow('--jwks <file> or --issuer <url>');
  await prisma.signingKey.updateMany({ data: { retiredAt: null } });
  // Anybody may ask: the database is asked once a minute.
  const again = async () => (await fetch(`${world.issuer}/statement-keys`)).json();
  expect(await again()).toEqual(kept);
  world.clock.advance(60_000);
  expect(await again()).toEqual({ keys: kept.keys.map(({ exp: _, ...key }) => key) });
}

const appsOf = async (whose: Vendor, changes: object = {}) =>
  registerApp(world, world.clientId, {
    ...{ organizationId: whose.id, ownerId: whose.ownerId, contractId: whose.contractId, ...changes },
  });
const claimsOf = async ({ receipt }: { readonly receipt?: unknown }) =>
  (await verified(await published(), receipt))?.offboarding;

test('what a cut-off missed is in the receipt; a proof that fails does not keep the others', async () => {
  const other = await registerVendor(world);
  const ids: unknown[] = [];
  for (const appId of [await appsOf(other), await appsOf(other)]) {
    await connected(appId);
    const revision = await world.store.prisma.appRevision.findFirstOrThrow({ where: { appId } });
    const given = { kind: 'app', subjectId: appId, reason: 'It is over.', confirm: revision.name };
    ids.push((await post('operator', '/offboardings', given)).body.id);
    await world.store.prisma.consent.updateMany({ where: { appId }, data: { clock: 1_000_000_000 } });
  }
  await world.store.prisma.offboarding.update({
    where: { id: String(ids[0]) },
    data: { before: {}, total: 0 },
  });
  const row = await prove(ids[1]);
  expect(await read('operator', ids[0])).toMatchObject({ receipt: null });
  expect(await claimsOf(row)).toMatchObject({ after: { patients: 1, consents: 1, requests: 0 } });
});

test('who leaves takes along what was issued for each of her apps, handed over or not; consents do not end', async () => {
  const other = await registerVendor(world);
  const kept = await appsOf(other, { backupOwnerId: other.developerId });
  const left = await appsOf(other);
  const [handed, over] = [await connected(kept), await connected(left)];
  const { name } = await world.store.prisma.person.findUniqueOrThrow({ where: { id: other.ownerId } });
  const subject = { kind: 'person', subjectId: other.ownerId };
  expect((await post('operator', '/offboardings/dry-run', subject)).body).toMatchObject({ tokens: 2 });
  const given = { ...subject, reason: 'She left.', confirm: name };
  const { body } = await post('operator', '/offboardings', given);
  expect(await Promise.all([handed, over].map((one) => isActive(one.accessToken)))).toEqual([false, false]);
  expect((await refresh(world, handed.refreshToken, { client_id: kept })).status).toBe(200);
  const row = await prove(body.id);
  expect(row).toMatchObject({ total: 2, checked: 2, active: 0 });
  expect(await claimsOf(row)).toMatchObject({
    ...{ apps: [kept, left].sort(), before: { tokens: 2, consents: 2 }, after: { tokens: 1, consents: 2 } },
    residualExposure: { tokensStillActive: 0, consentsNotEnded: 2 },
  });
});

test('a resource server ends: it asks nothing any more, and nothing is issued for it', async () => {
  const { id, fhirBase } = { id: world.resourceServer.id, fhirBase: world.fhirBase };
  const patient = await world.patientBrowser();
  const { accessToken, refreshToken } = await connect(world, patient);
  const { name } = await world.store.prisma.resourceServer.findUniqueOrThrow({ where: { id } });
  const given = { kind: 'resource_server', subjectId: id, confirm: name, reason: 'Switched off.' };
  const { body } = await post('operator', '/offboardings', given);
  expect(await world.introspect(accessToken)).toMatchObject({ error: 'invalid_client' });
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_request']);
  const refused = await patient.authorize(authorizationRequest(world, { aud: fhirBase }).url).catch(String);
  expect(String(refused)).not.toContain('code=');
  const deps = registryDeps(world);
  expect(await refusedWith(resumeResourceServer(deps, operator, id, { reason: 'Back.' }))).toEqual([
    'state_conflict',
  ]);
  const row = await prove(body.id);
  expect(row.total).toBeGreaterThan(0);
  expect(row).toMatchObject({ active: 0, checked: row.total, receipt: expect.any(String) });
});
