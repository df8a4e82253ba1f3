import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiTokenOf, apiUser, type Described, readDocument, send } from '../setup/api-client.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let operations: readonly Described[];
let vendor: Vendor;
let other: Vendor;
let developer: string;
let stranger: string;
let appId: string;
let revision: object;

const operation = (id: string): Described => {
  const found = operations.find(({ operationId }) => operationId === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
};
const call = (token: string | undefined, id: string, asked = {}) => send(world, token, operation(id), asked);

beforeAll(async () => {
  world = await createWorld('postgresql');
  ({ operations } = await readDocument(world));
  [vendor, other] = [await registerVendor(world), await registerVendor(world)];
  developer = await apiTokenOf(world, vendor.id, vendor.developerId);
  stranger = await apiTokenOf(world, other.id, other.ownerId);
  revision = await revisionFor(world, 'sandbox');
  const { body } = await call(developer, 'createApp', { body: { environment: 'sandbox', revision } });
  appId = String(body.appId);
});
afterAll(() => world.stop());

describe('who asks', () => {
  test('no operation answers without a token (RFC 6750 §3)', async () => {
    for (const one of operations) {
      const { status, headers, body } = await send(world, undefined, one);
      expect([one.operationId, status, body.error]).toEqual([one.operationId, 401, 'invalid_token']);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="management"');
    }
  });

  test.each([
    ['an unknown token', `postern_api_${'x'.repeat(43)}`],
    ['none of ours', 'abc'],
    ['a very long one', 'x'.repeat(4_000)],
  ])('%s is 401, and said to be wrong', async (_, token) => {
    const { status, headers } = await call(token, 'findMe');
    expect([status, headers.get('www-authenticate')]).toEqual([
      ...[401, 'Bearer realm="management", error="invalid_token"'],
    ]);
  });

  test('roles and the end of work are read at each request', async () => {
    const { personId, token } = await apiUser(world, vendor.id, ['reviewer', 'developer']);
    expect((await call(token, 'listReviews')).status).toBe(200);
    const { prisma } = world.store;
    await prisma.personRole.updateMany({
      where: { personId, role: 'reviewer' },
      data: { endedAt: new Date() },
    });
    expect((await call(token, 'listReviews')).status).toBe(403);
    await prisma.person.update({ where: { id: personId }, data: { leftAt: new Date() } });
    expect((await call(token, 'findMe')).status).toBe(401);
  });

  test('a token that has ended, and one of an organization that is suspended', async () => {
    const third = await registerVendor(world);
    const token = await apiTokenOf(world, third.id, third.ownerId);
    const { prisma } = world.store;
    const suspend = (suspendedAt: Date | null) =>
      prisma.organization.update({ where: { id: third.id }, data: { suspendedAt } });
    await suspend(new Date());
    expect((await call(token, 'findMe')).status).toBe(401);
    await suspend(null);
    expect((await call(token, 'findMe')).status).toBe(200);
    const where = { personId: third.ownerId };
    await prisma.apiToken.updateMany({ where, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect((await call(token, 'findMe')).status).toBe(401);
  });
});

describe('what she may not know of is not there', () => {
  const ofApps = () =>
    operations.filter(
      ({ path, operationId }) => path.startsWith('/apps/{appId}') && operationId !== 'listAppEvents',
    );

  test('every operation on the app of another organization is 404, as on none', async () => {
    for (const one of ofApps()) {
      const body = one.requestBody === undefined ? undefined : BODIES[one.operationId]?.();
      const answers = await Promise.all(
        [appId, 'nothing', 'a\0b'].map((id) => send(world, stranger, one, { at: { appId: id }, body })),
      );
      const [found = answers[0], ...none] = answers.map(({ status, text }) => [status, text]);
      expect([one.operationId, found]).toEqual([one.operationId, none[0]]);
      expect([one.operationId, ...answers.map(({ status }) => status)]).toEqual([
        ...[one.operationId, 404, 404, 404],
      ]);
    }
  });

  test('other records too', async () => {
    const asked = [
      ['findOrganization', { organizationId: vendor.id }],
      ['findPerson', { personId: vendor.ownerId }],
      ['findContract', { contractId: vendor.contractId }],
      ['listDomains', { organizationId: vendor.id }],
      ['listContracts', { organizationId: vendor.id }],
    ] as const;
    for (const [id, at] of asked) expect([id, (await call(stranger, id, { at })).status]).toEqual([id, 404]);
    for (const id of ['listApps', 'listPeople']) {
      const { rows } = (await call(stranger, id)).body as { rows: { organizationId: string }[] };
      expect(rows.every(({ organizationId }) => organizationId === other.id)).toBe(true);
    }
  });

  test('the work of those who oversee is 403 for a developer', async () => {
    const queries: Record<string, object> = { exportInventory: { format: 'csv' } };
    for (const id of [
      'listReviews',
      'listAppEvents',
      'listOrganizations',
      'listInventory',
      'countInventory',
      'exportInventory',
    ])
      expect([id, (await call(developer, id, { query: queries[id] ?? {} })).status]).toEqual([id, 403]);
    const facts = { legalName: 'Mine', kind: 'vendor', country: 'US' };
    expect((await call(developer, 'createOrganization', { body: facts })).status).toBe(403);
  });
});

/** What each operation on an app takes. */
const BODIES: Readonly<Record<string, () => object>> = {
  saveRevision: () => revision,
  confirmApp: () => ({ reason: 'A test' }),
  suspendApp: () => ({ reason: 'x' }),
  resumeApp: () => ({ reason: 'x' }),
  assignOwner: () => ({ ownerId: other.ownerId }),
  assignContract: () => ({ contractId: other.contractId }),
  addKey: () => ({ jwk: { kty: 'EC' } }),
  endKey: () => ({ reason: 'x' }),
  checkAssertion: () => ({ assertion: 'x' }),
  recordChange: () => ({ kind: 'vendor', description: 'x', affectedScopes: ['patient/Patient.rs'] }),
  addRestriction: () => ({ kind: 'quarantine', reason: 'x' }),
  askPlatform: () => ({ platformId: appId }),
  proposeTransfer: () => ({ toOrganizationId: other.id, newOwnerId: other.ownerId, newContractId: null }),
};
