// SCIM 2.0 as a directory speaks it (RFC 7644): who left loses everything, nobody else's people are seen, nothing is a 500.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createScimToken, endScimToken } from '../../src/registry/scim-tokens.ts';
import { apiTokenOf } from '../setup/api-client.ts';
import { actor, registryDeps } from '../setup/registry-deps.ts';
import { operator, submittedApp } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let world: World;
let vendor: Vendor;
let other: Vendor;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  [vendor, other] = [await registerVendor(world), await registerVendor(world)];
  ({ token } = await createScimToken(registryDeps(world), vendor.owner, vendor.id, { name: 'directory' }));
});
afterAll(() => world.stop());

interface Sent {
  readonly body?: unknown;
  readonly bearer?: string;
  readonly type?: string;
}

async function scim(method: string, path: string, { body, bearer = token, type }: Sent = {}) {
  const response = await fetch(`${world.issuer}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': type ?? 'application/scim+json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const patch = (id: string, ...operations: object[]) =>
  scim('PATCH', `/Users/${id}`, { body: { schemas: [PATCH], Operations: operations } });

async function colleague(role: string, organizationId = vendor.id): Promise<string> {
  const id = `person-${randomUUID().slice(0, 8)}`;
  const facts = {
    name: `Colleague ${id}`,
    email: `${id}@${organizationId}.example`,
    userHandle: randomUUID(),
  };
  const roles = { create: { id: randomUUID(), role, grantedBy: 'test' } };
  await world.store.prisma.person.create({ data: { id, organizationId, ...facts, roles } });
  return id;
}

describe('a leaver', () => {
  test.each([
    ['active false', (id: string) => patch(id, { op: 'Replace', path: 'active', value: 'False' })],
    ['DELETE', (id: string) => scim('DELETE', `/Users/${id}`)],
  ])('%s: roles, sessions, tokens and ownerships end at once', async (_way, leave) => {
    const { prisma } = world.store;
    const id = await colleague('owner');
    const [alone, backed] = [
      await submittedApp(world, registryDeps(world), vendor),
      await submittedApp(world, registryDeps(world), vendor),
    ];
    await prisma.app.update({ where: { id: alone.appId }, data: { ownerId: id, backupOwnerId: null } });
    await prisma.app.update({
      where: { id: backed.appId },
      data: { ownerId: id, backupOwnerId: vendor.developerId },
    });
    const browser = await staffBrowser(world, id);
    const bearer = await apiTokenOf(world, vendor.id, id);
    const me = () => fetch(`${world.issuer}/api/v1/me`, { headers: { authorization: `Bearer ${bearer}` } });
    expect([(await me()).status, (await browser.send('/developer')).status]).toEqual([200, 200]);

    expect((await leave(id)).status).toBeLessThan(300);

    expect([(await me()).status, (await browser.send('/developer')).status]).toEqual([401, 303]);
    const open = { personId: id, endedAt: null };
    expect(await prisma.personRole.count({ where: open })).toBe(0);
    expect(await prisma.staffSession.count({ where: open })).toBe(0);
    expect(await prisma.apiToken.count({ where: { personId: id, revokedAt: null } })).toBe(0);
    const handed = await prisma.app.findUniqueOrThrow({ where: { id: backed.appId } });
    expect([handed.ownerId, handed.backupOwnerId]).toEqual([vendor.developerId, null]);
    const told = { where: { type: 'person.left' }, orderBy: { id: 'desc' } } as const;
    const event = await prisma.auditEvent.findFirstOrThrow(told);
    expect(event.detail).toMatchObject({
      ...{ personId: id, via: 'scim', apps: [alone.appId], before: { leftAt: null } },
      reason: expect.stringContaining('SCIM'),
    });
    const about = { content: { path: ['values', 'owner'], equals: `Colleague ${id}` } } as const;
    const warned = await prisma.outboxMessage.findMany({ where: { channel: 'mail', ...about } });
    expect(warned.map(({ destination }) => destination)).toContain(`owner@${vendor.id}.example`);
  });

  test('leaves, whatever is sent with it that would be refused', async () => {
    const long = 'x'.repeat(2_000);
    const taken = { userName: `owner@${vendor.id}.example` };
    for (const given of [{ displayName: long }, { userName: 'nobody' }, taken, { externalId: long }]) {
      const id = await colleague('developer');
      const user = { schemas: [USER], userName: `${id}@${vendor.id}.example`, active: false, ...given };
      const put = await scim('PUT', `/Users/${id}`, { body: user });
      expect([put.status, put.body]).toMatchObject([200, { id, active: false }]);
      expect(await world.store.prisma.personRole.count({ where: { personId: id, endedAt: null } })).toBe(0);
    }
  });

  test('stays away: active true brings nobody back, and who was deleted is not there', async () => {
    const id = await colleague('developer');
    await patch(id, { op: 'replace', value: { active: false } });
    expect((await scim('GET', `/Users/${id}`)).body).toMatchObject({ id, active: false });
    expect((await patch(id, { op: 'replace', path: 'active', value: true })).status).toBe(409);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const again of [scim('DELETE', `/Users/${id}`), scim('GET', `/Users/${id}`)])
      expect((await again).status).toBe(404);
  });

  test("who oversees is not ended by an owner's token, but by an operator's", async () => {
    const id = await colleague('reviewer');
    const refused = await patch(id, { op: 'replace', path: 'active', value: false });
    const error = 'urn:ietf:params:scim:api:messages:2.0:Error';
    expect([refused.status, refused.body.schemas]).toEqual([403, [error]]);
    const made = await createScimToken(registryDeps(world), operator, vendor.id, { name: 'by an operator' });
    expect((await scim('DELETE', `/Users/${id}`, { bearer: made.token })).status).toBe(204);
  });
});

describe('what a directory reads and changes', () => {
  test('people are found by userName without case, by externalId, page by page', async () => {
    const id = await colleague('developer');
    const email = `${id}@${vendor.id}.example`;
    const facts = { displayName: 'Noor Haddad', externalId: 'hr-7' };
    const put = await scim('PUT', `/Users/${id}`, {
      body: { schemas: [USER], userName: email, ...facts, active: true },
    });
    expect([put.status, put.body]).toMatchObject([200, { id, ...facts }]);
    for (const filter of [`userName eq "${email.toUpperCase()}"`, 'externalId eq "hr-7"', `id eq "${id}"`]) {
      const found = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect(found.body).toMatchObject({
        totalResults: 1,
        Resources: [{ id, userName: email, active: true }],
      });
    }
    const page = await scim('GET', '/Users?startIndex=2&count=1');
    expect(page.body).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
    expect((await scim('GET', '/Users?count=0')).body).toMatchObject({ itemsPerPage: 0, Resources: [] });
  });

  test('it is told what is supported, and makes nobody', async () => {
    const told = ['/ServiceProviderConfig', '/ResourceTypes/User', '/Schemas'].map((path) =>
      scim('GET', path),
    );
    const [config, type, schemas] = (await Promise.all(told)).map(({ body }) => body);
    expect([config.patch, type.endpoint, schemas.totalResults]).toEqual([{ supported: true }, '/Users', 1]);
    const body = { schemas: [USER], userName: 'x@y.example' };
    const [made, bulk] = [await scim('POST', '/Users', { body }), await scim('POST', '/Bulk', { body })];
    expect([made.status, bulk.status]).toEqual([403, 501]);
  });

  test("another organization's people, its token, an ended one, none", async () => {
    const id = await colleague('developer', other.id);
    for (const method of ['GET', 'DELETE']) expect((await scim(method, `/Users/${id}`)).status).toBe(404);
    expect((await patch(id, { op: 'replace', path: 'active', value: false })).status).toBe(404);
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`);
    expect(found.body).toMatchObject({ totalResults: 0 });
    const deps = registryDeps(world);
    const ended = await createScimToken(deps, vendor.owner, vendor.id, { name: 'ended' });
    await endScimToken(deps, vendor.owner, ended.id, { reason: 'a test' });
    await expect(
      endScimToken(deps, actor(other.id, ['owner']), ended.id, { reason: 'a test' }),
    ).rejects.toThrow();
    for (const bearer of [ended.token, `${token}x`, await apiTokenOf(world, vendor.id, vendor.ownerId)]) {
      const refused = await scim('GET', '/Users', { bearer });
      const asked = 'Bearer realm="scim", error="invalid_token"';
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, asked]);
    }
  });

  test('a token that asks without end waits for the next hour (RFC 6585 §4), and another does not', async () => {
    const deps = registryDeps(world);
    const busy = await createScimToken(deps, vendor.owner, vendor.id, { name: 'busy' });
    expect((await scim('GET', '/Users', { bearer: busy.token })).status).toBe(200);
    await world.store.sql(
      `UPDATE try_count SET count = 1000000 WHERE subject IN (SELECT subject FROM try_count WHERE subject LIKE '%' || $1 || '%')`,
      [busy.id],
    );
    const refused = await scim('GET', '/Users', { bearer: busy.token });
    expect([refused.status, refused.headers.get('retry-after'), refused.body.status]).toEqual([
      ...[429, '3600', '429'],
    ]);
    expect((await scim('GET', '/Users')).status).toBe(200);
  });

  test('what cannot be read is refused in its words, whatever it is', async () => {
    const at = `/Users/${vendor.developerId}`;
    const answers = await Promise.all([
      scim('PATCH', at, { body: '{' }),
      scim('PUT', at, { body: { schemas: [USER], userName: 'x'.repeat(70_000) } }),
      scim('PUT', at, { body: {}, type: 'text/plain' }),
      scim('PUT', at, { body: { schemas: [USER], userName: 'nobody' } }),
      scim('GET', '/Users?count=many'),
      scim('GET', '/Users/%00'),
      scim('GET', '/Groups'),
    ]);
    expect(answers.map(({ status, body }) => [status, body.status, body.scimType])).toEqual([
      ...[1, 2, 3].map(() => [400, '400', 'invalidSyntax']),
      ...[1, 2].map(() => [400, '400', 'invalidValue']),
      ...[1, 2].map(() => [404, '404', undefined]),
    ]);
    for (const { headers } of answers) expect(headers.get('content-type')).toContain('application/scim+json');
  });
});
