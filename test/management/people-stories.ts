import { expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { createInitialAccessToken } from '../../src/registry/initial-access-tokens.ts';
import { createScimToken } from '../../src/registry/scim-tokens.ts';
import { apiUser, send } from '../setup/api-client.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWebhookReceiver } from '../setup/webhook-receiver.ts';

async function putStaffProvider({ store }: ApiWorld['world'], organizationId: string): Promise<void> {
  const terms = { issuer: 'https://id.example', clientId: 'postern', method: 'client_secret_basic' };
  const rest = { domains: ['example.org'], required: false, coversOversight: false, createdBy: 'test' };
  const data = {
    id: `${organizationId}-provider`,
    organizationId,
    sealedSecret: Buffer.from('x'),
    ...terms,
    ...rest,
  };
  await store.prisma.staffProvider.create({ data });
}

/** Owners at work on their organization and its people, and everyone on tokens. */
export function peopleStories(of: () => ApiWorld): void {
  test('an owner sets a webhook, claims a host and looks after her people', async () => {
    const { world, vendor, api } = of();
    const at = { organizationId: vendor.id };
    const receiver = await createWebhookReceiver();
    try {
      const { secret } = await api('owner', 'setWebhook', { at, body: { url: receiver.url } });
      expect(secret).toMatch(/^whsec_/);
      expect(await api('owner', 'testWebhook', { at })).toEqual({ fault: null });
      await api('owner', 'removeWebhook', { at });
    } finally {
      await receiver.stop();
    }
    await putStaffProvider(world, vendor.id);
    const { host } = new URL(world.appOrigin);
    const claim = await api('owner', 'startDomainProof', { at, body: { domain: host } });
    await world.store.prisma.domainProof.updateMany({ data: { verifiedAt: new Date() } });
    const verified = await api('owner', 'verifyDomain', { at, body: { domain: host } });
    expect(verified).toMatchObject({ code: claim.code, url: claim.url });
    expect((await api('owner', 'listDomains', { at })).rows).toEqual([verified]);

    await api('owner', 'endStaffProvider', { at, body: { reason: 'we have another one' } });
    const { rows } = await api('owner', 'listStaffProviders', { at });
    expect(rows).toMatchObject([{ issuer: 'https://id.example', endedAt: expect.any(String) }]);

    const { personId } = await apiUser(world, vendor.id, ['developer', 'owner']);
    await api('owner', 'changePerson', { at: { personId }, body: { name: 'Robin' } });
    await api('owner', 'endRole', { at: { personId, role: 'owner' }, body: { reason: 'She wishes it.' } });
    const person = await api('developer', 'findPerson', { at: { personId } });
    expect(person).toMatchObject({ name: 'Robin', roles: ['developer'] });
    expect((await api('developer', 'listPeople', { query: { name: 'robin' } })).rows).toHaveLength(1);
    const appId = await registerApp(world, world.clientId, { organizationId: vendor.id, ownerId: personId });
    const handover = [{ appId, ownerId: vendor.ownerId }];
    await api('owner', 'endPerson', { at: { personId }, body: { reason: 'she goes', handover } });
    expect((await api('owner', 'findApp', { at: { appId } })).ownerId).toBe(vendor.ownerId);
    const all = await api('developer', 'listPeople', { query: { name: 'robin', left: 'true' } });
    expect(all.rows[0].leftAt).not.toBeNull();
  });

  test('tokens are listed and ended; one that was ended is good for nothing', async () => {
    const { world, vendor, operation, api } = of();
    const { token, ...me } = await apiUser(world, vendor.id, ['developer']);
    expect(await api({ token }, 'findMe')).toEqual({ ...me, roles: ['developer'] });
    const { rows } = await api({ token }, 'listApiTokens');
    expect(rows).toMatchObject([{ name: 'a test', revokedAt: null }]);
    await api({ token }, 'endApiToken', { at: { tokenId: rows[0].id } });
    expect((await send(world, token, operation('findMe'))).status).toBe(401);

    const directory = await createScimToken(registryDeps(world), commandLine, vendor.id, {
      name: 'directory',
    });
    const ofVendor = { organizationId: vendor.id };
    expect((await api('owner', 'listScimTokens', { at: ofVendor })).rows).toMatchObject([
      { id: directory.id },
    ]);
    await api('owner', 'endScimToken', { at: { tokenId: directory.id }, body: { reason: 'It is old.' } });

    const input = { organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox' };
    const { id: tokenId } = await createInitialAccessToken(registryDeps(world), commandLine, input);
    const at = { organizationId: vendor.id, tokenId };
    expect((await api('operator', 'listInitialAccessTokens', { at })).rows).toMatchObject([{ id: tokenId }]);
    await api('operator', 'endInitialAccessToken', { at, body: { reason: 'It is old.' } });
  });
}
