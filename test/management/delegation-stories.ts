import { expect, test } from '@jest/globals';
import type { ApiWorld } from '../setup/api-world.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp } from '../setup/reviewed.ts';

/** The people of an app ask, those of the platform accept, either ends it. */
export function delegationStories(of: () => ApiWorld): void {
  test('an app is put behind a platform of another organization, and comes out again', async () => {
    const { world, vendor, other, api } = of();
    const { appId } = await approvedApp(world, registryDeps(world), vendor, { name: 'Behind' });
    const ofOther = { organizationId: other.id, ownerId: other.ownerId, contractId: other.contractId };
    const platformId = await registerApp(world, world.backendId, ofOther);
    const asked = await api('owner', 'askPlatform', { at: { appId }, body: { platformId } });
    const at = { delegationId: asked.delegationId };
    await api('newOwner', 'acceptDelegation', { at });
    const { rows } = await api('newOwner', 'listDelegations', { at: { appId: platformId } });
    expect(rows).toMatchObject([
      { id: asked.delegationId, appId, platformId, appOrganizationId: vendor.id, endedAt: null },
    ]);
    const held = { at: { appId: platformId }, body: { kind: 'quarantine', reason: 'An inquiry.' } };
    const { restrictionId } = await api('operator', 'addRestriction', held);
    expect(await api('owner', 'findApp', { at: { appId } })).toMatchObject({
      quarantinedAt: expect.any(String),
      platform: {
        ...{ id: platformId, name: expect.any(String), organizationName: other.legalName },
        holds: [{ kind: 'quarantine', madeAt: expect.any(String) }],
      },
    });
    const quarantined = { query: { state: 'quarantined' } };
    expect((await api('owner', 'listApps', quarantined)).rows).toMatchObject([
      { id: appId, quarantinedAt: expect.any(String) },
    ]);
    await api('operator', 'liftRestriction', { at: { restrictionId }, body: { reason: 'It is over.' } });
    expect(await api('newOwner', 'findApp', { at: { appId: platformId } })).toMatchObject({
      ...{ quarantinedAt: null, platform: null },
    });
    await api('owner', 'endDelegation', { at, body: { reason: 'A test.' } });
    const after = await api('owner', 'listDelegations', { at: { appId } });
    expect(after.rows).toMatchObject([{ id: asked.delegationId, endedAt: expect.any(String) }]);
  });
}
