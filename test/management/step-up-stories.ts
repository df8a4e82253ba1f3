import { expect, test } from '@jest/globals';
import { apiUser, send } from '../setup/api-client.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { registerApp } from '../setup/registrations.ts';
import { registerVendor } from '../setup/vendor.ts';

/** Who introspects, and who vouches for its users: whoever made them without the passkey could let herself in. */
const TRUSTED = [
  'createResourceServer',
  'addFhirBase',
  'replaceServerKeys',
  'createEhr',
  'changeEhr',
  'resumeEhr',
];

/** What gives access takes a passkey that was shown just now, on a page. */
export function stepUpStories(of: () => ApiWorld): void {
  test('an owner brings people in, gives a role, and draws secrets and tokens', async () => {
    const { world, vendor, other, api } = of();
    const organizationId = vendor.id;
    const body = { organizationId, name: 'Noor Haddad', email: 'noor@vendor.example', roles: ['developer'] };
    const { personId, invitation } = await api('owner', 'invitePerson', { body });
    const link = new RegExp(`^${world.issuer}/invitation#`);
    expect(invitation).toMatch(link);
    const at = { personId };
    expect((await api('owner', 'inviteAgain', { at })).invitation).toMatch(link);
    await api('owner', 'grantRole', { at, body: { role: 'owner', reason: 'She answers for an app.' } });
    expect((await api('owner', 'findPerson', { at })).roles).toEqual(['owner', 'developer']);

    const appId = await registerApp(world, world.backendId, {
      organizationId,
      authMethod: 'client_secret_basic',
    });
    expect((await api('owner', 'addSecret', { at: { appId } })).secret).toMatch(/^.{43}$/);
    const ofVendor = { organizationId };
    const made = await api('owner', 'createScimToken', { at: ofVendor, body: { name: 'directory' } });
    expect(made.token).toMatch(/^postern_scim_/);
    const iat = { organizationId, ownerId: vendor.ownerId, environment: 'sandbox' };
    expect((await api('operator', 'createInitialAccessToken', { body: iat })).token).toMatch(/^postern_iat_/);
    const [{ id: serverId }] = (await api('operator', 'listResourceServers')).rows;
    expect((await api('operator', 'addServerSecret', { at: { serverId } })).secret).toMatch(/^.{43}$/);

    const provider = { issuer: world.issuer, clientId: 'postern', clientSecret: 'a secret of sixteen' };
    const domains = ['nobody.example'];
    const set = { at: ofVendor, body: { ...provider, domains } };
    const refused = await send(world, of().tokens.owner, of().operation('setStaffProvider'), set);
    expect(refused.body.faults).toMatchObject([{ field: 'domains.0', code: 'domain_unverified' }]);
    await world.store.prisma.domainProof.create({
      data: { organizationId, domain: 'nobody.example', code: 'x', verifiedAt: new Date() } as never,
    });
    expect((await api('owner', 'setStaffProvider', set)).redirectUri).toMatch(/\/staff\/sign-in\/callback\//);

    const leaving = await registerVendor(world);
    const into = { intoId: other.id, newOwnerId: other.ownerId };
    const merged = await api('operator', 'mergeOrganization', {
      ...{ at: { organizationId: leaving.id }, body: into },
    });
    expect(merged).toEqual({ transferIds: expect.any(Array) });
  });

  test('whether a passkey was shown cannot be known: it is 503, no challenge to show it again, and nothing is done', async () => {
    const { world, tokens, vendor, operation } = of();
    const create = () =>
      send(world, tokens.owner, operation('createScimToken'), {
        ...{ at: { organizationId: vendor.id }, body: { name: 'in an outage' } },
      });
    const rename = (from: string, to: string) => world.store.sql(`ALTER TABLE ${from} RENAME TO ${to}`, []);
    await rename('staff_session', 'staff_session_away');
    const { status, headers, body } = await create();
    await rename('staff_session_away', 'staff_session');
    expect([status, body.error, headers.get('retry-after')]).toEqual([503, 'temporarily_unavailable', '5']);
    expect(headers.get('www-authenticate')).toBeNull();
    expect(await world.store.prisma.scimToken.count({ where: { name: 'in an outage' } })).toBe(0);
    expect((await create()).status).toBe(201);
  });

  test('without a passkey of the last minutes nothing of it is done, and the answer says what is asked', async () => {
    const { world, vendor, document, operation, api } = of();
    const { personId, token } = await apiUser(world, vendor.id, ['owner']);
    const sixteen = new Date(Date.now() - 16 * 60_000);
    await world.store.prisma.staffSession.updateMany({ where: { personId }, data: { verifiedAt: sixteen } });
    const steppedUp = document.operations.filter((one) => 'x-passkey-minutes' in one);
    expect(steppedUp.length).toBeGreaterThan(20);
    expect(steppedUp.map(({ operationId }) => operationId)).toEqual(expect.arrayContaining(TRUSTED));
    for (const one of steppedUp) {
      const { status, body, headers } = await send(world, token, one, one.requestBody && { body: {} });
      expect([one.operationId, status, body.error]).toEqual([
        ...[one.operationId, 401, 'insufficient_user_authentication'],
      ]);
      const minutes = (one as unknown as Record<string, number>)['x-passkey-minutes'] ?? 0;
      expect(headers.get('www-authenticate')).toContain(`max_age="${minutes * 60}"`);
    }
    // Ended with her session, shown by somebody else, or never: it is the same.
    await world.store.prisma.staffSession.updateMany({
      where: { personId },
      data: { verifiedAt: new Date(), endedAt: new Date() },
    });
    const asked = { at: { organizationId: vendor.id }, body: { name: 'mine' } };
    expect((await send(world, token, operation('createScimToken'), asked)).status).toBe(401);
    // What began at a provider that is ended is no session, whatever was shown in it.
    const { id: providerId } = await world.store.prisma.staffProvider.findFirstOrThrow({
      where: { organizationId: vendor.id, endedAt: null },
    });
    await world.store.prisma.staffSession.updateMany({
      where: { personId },
      data: { verifiedAt: new Date(), endedAt: null, providerId },
    });
    expect((await send(world, token, operation('createScimToken'), asked)).status).toBe(201);
    await api('owner', 'endStaffProvider', { at: { organizationId: vendor.id }, body: { reason: 'A test' } });
    expect((await send(world, token, operation('createScimToken'), asked)).status).toBe(401);
  });
}
