import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { createInitialAccessToken } from '../../src/registry/initial-access-tokens.ts';
import { addServerSecret } from '../../src/registry/server-secrets.ts';
import { answerFaults, type ApiDocument, type Asked, apiTokenOf, apiUser, readDocument, send } from '../setup/api-client.ts';
import { freshKey } from '../setup/registration-client.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { backend } from '../setup/sample-revision.ts';
import { fhirBaseOf, registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let document: ApiDocument;
let vendor: Vendor;
let other: Vendor;
const tokens: Record<'owner' | 'developer' | 'operator' | 'reviewer' | 'newOwner', string> = {} as never;
const called = new Set<string>();

type Role = keyof typeof tokens;

beforeAll(async () => {
  world = await createWorld('postgresql');
  document = await readDocument(world);
  [vendor, other] = [await registerVendor(world), await registerVendor(world)];
  const network = await registerVendor(world, { kind: 'network' });
  tokens.owner = await apiTokenOf(world, vendor.id, vendor.ownerId);
  tokens.developer = await apiTokenOf(world, vendor.id, vendor.developerId);
  tokens.newOwner = await apiTokenOf(world, other.id, other.ownerId);
  tokens.operator = (await apiUser(world, network.id, ['operator'])).token;
  tokens.reviewer = (await apiUser(world, network.id, ['reviewer'])).token;
});
afterAll(() => world.stop());

/** Calls an operation as the document describes it; it must succeed and answer as the document says. */
async function api(who: Role, id: string, asked: Asked = {}): Promise<Record<string, any>> {
  const operation = document.operations.find(({ operationId }) => operationId === id);
  if (operation === undefined) throw new Error(`the document has no ${id}`);
  const answer = await send(world, tokens[who], operation, asked);
  called.add(id);
  expect([id, answer.status, answer.text.slice(0, 400), answerFaults(operation, answer)]).toEqual([
    ...[id, Number(Object.keys(operation.responses).find((status) => status < '300')), answer.text.slice(0, 400), []],
  ]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return answer.body;
}

const reason = { reason: 'A test' };

async function productionApp(changes = {}) {
  const revision = await revisionFor(world, 'production', changes);
  const body = { environment: 'production', backupOwnerId: vendor.ownerId, revision };
  return api('developer', 'createApp', { body });
}

test('a developer makes an app of the sandbox and changes it, at once in force', async () => {
  const revision = await revisionFor(world, 'sandbox');
  const { appId } = await api('developer', 'createApp', { body: { environment: 'sandbox', revision } });
  const at = { appId };
  const png = (await import('node:fs')).readFileSync('test/setup/logo.png').toString('base64');
  const { logoId } = await api('developer', 'addLogo', { body: { png } });
  const saved = await api('developer', 'saveRevision', { at, body: { ...revision, name: 'Brighter', logoId } });
  expect(saved).toMatchObject({ number: 2, faults: [] });
  const app = await api('developer', 'findApp', { at });
  expect(app).toMatchObject({ standing: null, live: { name: 'Brighter', number: 2, logoId } });
  expect((await api('developer', 'listApps', { query: { name: 'Brighter' } })).rows).toMatchObject([
    { id: appId, ownerId: vendor.developerId },
  ]);
  const { rows } = await api('developer', 'listRevisions', { at, query: { below: '2' } });
  expect(rows).toMatchObject([{ number: 1, name: 'Bright Results' }]);
  const found = await api('developer', 'findRevision', { at: { appId, revisionId: rows[0].id } });
  expect(found).toEqual(rows[0]);
  const { rows: story } = await api('developer', 'appTimeline', { at });
  expect(story.map(({ type }: { type: string }) => type)).toEqual(['revision.saved', 'app.registered']);
  expect((await api('developer', 'listRefusals', { at })).rows).toEqual([]);
  expect((await api('operator', 'listAppEvents', { at })).rows).toHaveLength(2);
});

test('keys are registered, checked and ended', async () => {
  const audiences = [await fhirBaseOf(world, 'sandbox')];
  const body = { environment: 'sandbox', revision: { ...backend, audiences } };
  const { appId } = await api('owner', 'createApp', { body });
  const jwk = await freshKey();
  const key = await api('owner', 'addKey', { at: { appId }, body: { jwk } });
  expect(key).toMatchObject({ kid: jwk.kid, kind: 'jwk', revokedAt: null });
  const { rows: faults } = await api('owner', 'checkAssertion', { at: { appId }, body: { assertion: 'a.b.c' } });
  expect(faults).toMatchObject([{ code: 'unreadable' }]);
  const later = await api('owner', 'endKey', { at: { appId, keyId: key.id }, body: { overlapDays: 2 } });
  expect(Date.parse(later.endsAt) - Date.now()).toBeLessThanOrEqual(2 * 86_400_000);
  const ended = await api('owner', 'endKey', { at: { appId, keyId: key.id }, body: {} });
  expect(ended.revokedAt).not.toBeNull();
  expect((await api('owner', 'listKeys', { at: { appId } })).rows).toEqual([ended]);
});

test('a revision is handed in, taken back, handed in again and decided by a reviewer', async () => {
  const { appId, revisionId } = await productionApp();
  const at = { appId, revisionId };
  await api('developer', 'submitRevision', { at });
  await api('developer', 'withdrawSubmission', { at });
  const revision = await revisionFor(world, 'production', { name: 'Bright Second' });
  const next = await api('developer', 'saveRevision', { at, body: revision });
  const { reviewId } = await api('developer', 'submitRevision', { at: { appId, revisionId: next.revisionId } });
  const { rows } = await api('reviewer', 'listReviews', { query: { appId } });
  expect(rows).toMatchObject([{ id: reviewId, revisionNumber: 2 }]);
  const seen = await api('reviewer', 'findReview', { at: { reviewId } });
  expect(seen).toMatchObject({ refusal: null, inForce: null, revision: { name: 'Bright Second' } });
  expect(seen.diff.length).toBeGreaterThan(3);
  const decided = await api('reviewer', 'decideReview', { at: { reviewId }, body: { decision: 'approve' } });
  expect(decided).toEqual({ closed: true, outcome: 'approved' });
  expect(await api('developer', 'findApp', { at })).toMatchObject({ standing: null, live: { number: 2 } });

  const affectedScopes = ['patient/Patient.rs'];
  const body = { kind: 'vendor', description: 'Another cloud', affectedScopes };
  const { changeId } = await api('developer', 'recordChange', { at, body });
  expect((await api('developer', 'listChanges', { at })).rows).toMatchObject([{ id: changeId, affectedScopes }]);
  await api('operator', 'suspendApp', { at, body: reason });
  expect((await api('developer', 'findApp', { at })).standing).toBe('client_suspended');
  await api('operator', 'resumeApp', { at, body: reason });
  await api('owner', 'assignOwner', { at, body: { ownerId: vendor.ownerId, backupOwnerId: vendor.developerId } });
  await api('operator', 'assignContract', { at, body: { contractId: vendor.contractId } });
});

test('an app moves to another organization when its new owner accepts', async () => {
  const revision = await revisionFor(world, 'sandbox');
  const { appId } = await api('owner', 'createApp', { body: { environment: 'sandbox', revision } });
  const body = { toOrganizationId: other.id, newOwnerId: other.ownerId, newContractId: null };
  const propose = async () => (await api('owner', 'proposeTransfer', { at: { appId }, body })).transferId;
  await api('newOwner', 'declineTransfer', { at: { transferId: await propose() } });
  await api('owner', 'withdrawTransfer', { at: { transferId: await propose() } });
  const transferId = await propose();
  const { rows } = await api('newOwner', 'listTransfers', { query: { open: 'true' } });
  expect(rows).toMatchObject([{ id: transferId, appId, toOrganizationId: other.id }]);
  await api('newOwner', 'acceptTransfer', { at: { transferId } });
  expect(await api('newOwner', 'findApp', { at: { appId } })).toMatchObject({ organizationId: other.id });
});

test('an operator looks after organizations and contracts', async () => {
  const facts = { legalName: 'Clear Labs', kind: 'vendor', country: 'US' };
  const { organizationId } = await api('operator', 'createOrganization', { body: facts });
  const at = { organizationId };
  await api('operator', 'changeOrganization', { at, body: { identifier: 'EIN 12-3456789' } });
  await api('operator', 'admitOrganization', { at });
  await api('operator', 'suspendOrganization', { at, body: reason });
  await api('operator', 'resumeOrganization', { at, body: reason });
  expect(await api('operator', 'findOrganization', { at })).toMatchObject({
    ...facts,
    ...{ identifier: 'EIN 12-3456789', suspendedAt: null, lookAlikes: [] },
  });
  const query = { name: 'Clear', state: 'admitted' };
  expect((await api('operator', 'listOrganizations', { query })).rows).toMatchObject([{ id: organizationId }]);
  const terms = { reference: 'A 1', startsAt: '2026-01-01', endsAt: '2030-01-01' };
  const { contractId } = await api('operator', 'createContract', { body: { organizationId, ...terms } });
  await api('operator', 'changeContract', { at: { contractId }, body: { reference: 'A 2' } });
  const contract = await api('operator', 'findContract', { at: { contractId } });
  expect(contract).toMatchObject({ reference: 'A 2', organizationId, startsAt: '2026-01-01T00:00:00.000Z' });
  expect((await api('operator', 'listContracts', { at })).rows).toEqual([contract]);
  const { rows } = await api('operator', 'listOrganizationEvents', { at, query: { limit: '2' } });
  expect(rows).toHaveLength(2);
});

test('an owner sets a webhook, claims a host and looks after her people', async () => {
  const at = { organizationId: vendor.id };
  const receiver = await createWebhookReceiver();
  try {
    const { secret } = await api('owner', 'setWebhook', { at, body: { url: receiver.url } });
    expect(secret).toMatch(/^whsec_/);
    await api('owner', 'removeWebhook', { at });
  } finally {
    await receiver.stop();
  }
  const { host } = new URL(world.appOrigin);
  const claim = await api('owner', 'startDomainProof', { at, body: { domain: host } });
  await world.store.prisma.domainProof.updateMany({ data: { verifiedAt: new Date() } });
  const verified = await api('owner', 'verifyDomain', { at, body: { domain: host } });
  expect(verified).toMatchObject({ code: claim.code, url: claim.url });
  expect((await api('owner', 'listDomains', { at })).rows).toEqual([verified]);

  const { personId } = await apiUser(world, vendor.id, ['developer', 'owner']);
  await api('owner', 'changePerson', { at: { personId }, body: { name: 'Robin' } });
  await api('owner', 'endRole', { at: { personId, role: 'owner' } });
  const person = await api('developer', 'findPerson', { at: { personId } });
  expect(person).toMatchObject({ name: 'Robin', roles: ['developer'] });
  expect((await api('developer', 'listPeople', { query: { name: 'robin' } })).rows).toHaveLength(1);
  await api('owner', 'endPerson', { at: { personId }, body: {} });
  const all = await api('developer', 'listPeople', { query: { name: 'robin', left: 'true' } });
  expect(all.rows[0].leftAt).not.toBeNull();
});

test('an operator looks after FHIR servers and EHRs', async () => {
  const slug = `clinic-${randomUUID().slice(0, 8)}`;
  const fhirBases = [{ url: `https://${slug}.example/r4`, slug, environment: 'sandbox' }];
  const body = { name: 'Clinic', fhirBases };
  const { resourceServerId: serverId } = await api('operator', 'createResourceServer', { body });
  await api('operator', 'changeResourceServer', { at: { serverId }, body: { name: 'Clinic A' } });
  const more = { url: `https://${slug}.example/stu3`, slug: `${slug}-2`, environment: 'production' };
  await api('operator', 'addFhirBase', { at: { serverId }, body: more });
  await api('operator', 'suspendResourceServer', { at: { serverId }, body: reason });
  await api('operator', 'resumeResourceServer', { at: { serverId }, body: reason });
  const { id: secretId } = await addServerSecret(registryDeps(world), commandLine, serverId);
  const { rows: secrets } = await api('operator', 'listServerSecrets', { at: { serverId } });
  expect(secrets).toMatchObject([{ id: secretId, revokedAt: null }]);
  expect(JSON.stringify(secrets)).not.toContain('argon2');
  await api('operator', 'endServerSecret', { at: { serverId, secretId }, body: {} });
  const server = await api('operator', 'findResourceServer', { at: { serverId } });
  expect(server).toMatchObject({ name: 'Clinic A', suspendedAt: null });
  expect(server.fhirBases).toHaveLength(2);
  expect((await api('operator', 'listResourceServers')).rows).toContainEqual(server);
  const { rows: bases } = await api('developer', 'listFhirBases', { query: { environment: 'sandbox' } });
  expect(bases).toContainEqual({ ...fhirBases[0], serverName: 'Clinic A' });

  const jwks = { keys: [await freshKey()] };
  const given = { name: 'Clinic EHR', fhirBaseUrl: more.url, jwks };
  const { ehrId } = await api('operator', 'createEhr', { body: given });
  await api('operator', 'changeEhr', { at: { ehrId }, body: { name: 'Clinic EHR 2' } });
  await api('operator', 'suspendEhr', { at: { ehrId }, body: reason });
  await api('operator', 'resumeEhr', { at: { ehrId }, body: reason });
  const ehr = await api('operator', 'findEhr', { at: { ehrId } });
  expect(ehr).toMatchObject({ name: 'Clinic EHR 2', fhirBaseUrl: more.url });
  expect((await api('operator', 'listEhrs')).rows).toContainEqual(ehr);
});

test('who oversees reads the inventory, page by page and as a file', async () => {
  const first = await api('reviewer', 'listInventory', { query: { limit: '2' } });
  const second = await api('reviewer', 'listInventory', { query: { limit: '2', after: first.next } });
  expect([first.rows, second.rows].map(({ length }) => length)).toEqual([2, 2]);
  expect(second.rows[0].id).not.toBe(first.rows[0].id);
  const { rows: counts } = await api('reviewer', 'countInventory');
  expect(counts.map(({ kind }: { kind: string }) => kind)).toContain('app');
  const operation = document.operations.find(({ operationId }) => operationId === 'exportInventory');
  const csv = await send(world, tokens.reviewer, operation as never, { query: { format: 'csv', kind: 'app' } });
  expect([csv.status, csv.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
  expect(csv.text.split('\r\n')[0]).toMatch(/^kind,id,name,/);
  const json = await api('reviewer', 'exportInventory', { query: { format: 'json', kind: 'ehr' } });
  expect(json).toMatchObject({ issuer: world.issuer });
});

test('tokens are listed and ended; one that was ended is good for nothing', async () => {
  const { token, ...me } = await apiUser(world, vendor.id, ['developer']);
  const [before, mine] = [tokens.developer, document.operations.find(({ operationId }) => operationId === 'findMe')];
  tokens.developer = token;
  expect(await api('developer', 'findMe')).toEqual({ ...me, roles: ['developer'] });
  const { rows } = await api('developer', 'listApiTokens');
  expect(rows).toMatchObject([{ name: 'a test', revokedAt: null }]);
  await api('developer', 'endApiToken', { at: { tokenId: rows[0].id } });
  expect((await send(world, token, mine as never)).status).toBe(401);
  tokens.developer = before;

  const input = { organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox' };
  const { id: tokenId } = await createInitialAccessToken(registryDeps(world), commandLine, input);
  const at = { organizationId: vendor.id, tokenId };
  expect((await api('operator', 'listInitialAccessTokens', { at })).rows).toMatchObject([{ id: tokenId }]);
  await api('operator', 'endInitialAccessToken', { at });
});

test('every operation of the document was called above', () => {
  expect([...called].sort()).toEqual(document.operations.map(({ operationId }) => operationId).sort());
});
