import { expect, test } from '@jest/globals';
import { resumeApp, suspendApp } from '../../src/registry/app-standing.ts';
import { askPlatform, endDelegation } from '../../src/registry/delegations.ts';
import { resumeOrganization, suspendOrganization } from '../../src/registry/organization-standing.ts';
import { addRestriction, endRestriction } from '../../src/registry/restriction-commands.ts';
import { connect } from '../setup/connection.ts';
import { DAY_MS, type governed } from '../setup/governed.ts';
import { operator } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import type { World } from '../setup/world.ts';

interface Governed {
  readonly world: World;
  readonly rules: ReturnType<typeof governed>;
  readonly vendor: Vendor;
  readonly appOf: (changes?: object, like?: string) => Promise<string>;
}

const because = { reason: 'A test.' };

/** At the end of a world: every app that is idle there is ended. */
export function idleTime(of: () => Governed): void {
  /** Registered now, whatever became of the app that it is a copy of. */
  async function fresh(changes: object = {}, like?: string): Promise<string> {
    const now = new Date();
    return of().appOf({ createdAt: now, reviewedAt: now, offboardedAt: null, ...changes }, like);
  }

  async function behind(changes: object = {}, like?: string) {
    const { world, rules } = of();
    const [appId, platformId] = [await fresh({}, like), await fresh(changes, world.backendId)];
    const { delegationId } = await askPlatform(rules.deps, operator, appId, { platformId });
    return { appId, platformId, delegationId };
  }

  async function suspended(appId: string) {
    const { deps } = of().rules;
    await suspendApp(deps, operator, appId, because);
    return () => resumeApp(deps, operator, appId, because);
  }

  async function organizationSuspended({ id }: Vendor) {
    const { deps } = of().rules;
    await suspendOrganization(deps, operator, id, because);
    return () => resumeOrganization(deps, operator, id, because);
  }

  async function restricted(appId: string, kind: string, more: object = {}) {
    const { deps } = of().rules;
    const { restrictionId } = await addRestriction(deps, operator, appId, { kind, ...more, ...because });
    return () => endRestriction(deps, operator, restrictionId, because);
  }

  /** An instance of an earlier release notes nothing beside it. */
  const liftedByOlder = (appId: string) => () =>
    of().world.store.prisma.appRestriction.updateMany({
      ...{ where: { appId }, data: { liftedAt: new Date(), liftedBy: 'operator', liftReason: 'A test.' } },
    });

  const isThere = async (id: string) =>
    (await of().world.store.prisma.app.findUniqueOrThrow({ where: { id } })).offboardedAt === null;

  test('the time in which an app could not be used is not idle: after it the app has the whole period again', async () => {
    const { world, rules } = of();
    const [own, other] = [await registerVendor(world), await registerVendor(world)];
    const at = ({ id, ownerId, contractId }: Vendor) => ({ organizationId: id, ownerId, contractId });
    const idle = await fresh();
    const alone = {
      suspended: await fresh(),
      organization: await fresh(at(own)),
      quarantined: await fresh(),
      steppedUp: await fresh({}, world.backendId),
      older: await fresh(),
    };
    const through = [
      await behind(),
      await behind(at(other)),
      await behind(),
      // One with people could sign them in anew.
      await behind({}, world.backendId),
    ] as const;
    const [suspendedOne, foreign, quarantined, steppedUp] = through;
    const releases = [
      await suspended(alone.suspended),
      await organizationSuspended(own),
      await restricted(alone.quarantined, 'quarantine'),
      await restricted(alone.steppedUp, 'step_up'),
      await restricted(alone.older, 'quarantine').then(() => liftedByOlder(alone.older)),
      await suspended(suspendedOne.platformId),
      await organizationSuspended(other),
      await restricted(quarantined.platformId, 'quarantine'),
      await restricted(steppedUp.platformId, 'step_up'),
    ];
    // Nobody looks meanwhile.
    world.clock.advance(4 * DAY_MS);
    for (const release of releases) await release();
    await rules.said('dormant_app', 'end', 2);
    await rules.days(0.1);
    const stopped = [...Object.values(alone), ...through.map(({ appId }) => appId), foreign.platformId];
    const there = await Promise.all(stopped.map(isThere));
    expect([await isThere(idle), ...there]).toEqual([false, ...stopped.map(() => true)]);
    await rules.days(1.8);
    expect(await Promise.all(Object.values(alone).map(isThere))).toEqual(Array(5).fill(true));
    await rules.days(0.2);
    expect(await Promise.all(Object.values(alone).map(isThere))).toEqual(Array(5).fill(false));
  });

  test('what a platform does not get while it is stopped is no idleness of the app behind it, however that ends', async () => {
    const { world, rules } = of();
    const { prisma } = world.store;
    const [renewed, left] = [await behind(), await behind()];
    const pause = (ends: Date) =>
      prisma.app.updateMany({
        where: { id: { in: [renewed.platformId, left.platformId] } },
        data: { attestationDueAt: ends },
      });
    await rules.said('dormant_app', 'alert', 2);
    await pause(new Date());
    await rules.days(4);
    await pause(new Date(Date.now() + 300 * DAY_MS));
    await endDelegation(rules.deps, operator, left.delegationId, because);
    await rules.days(0.1);
    const found = async (appId: string) => (await rules.findingsOf(appId, 'dormant_app')).length;
    expect([await found(renewed.appId), await found(left.appId)]).toEqual([0, 0]);
    await rules.days(2);
    expect([await found(renewed.appId), await found(left.appId)]).toEqual([1, 1]);
  });

  test('credentials and consents of an app that was suspended have the whole period again, too', async () => {
    const { world, rules } = of();
    const { prisma } = world.store;
    const [app, service] = [await fresh(), await fresh({}, world.backendId)];
    await connect(world, await world.patientBrowser(), { client_id: app });
    const releases = [await suspended(app), await suspended(service)];
    world.clock.advance(4 * DAY_MS);
    for (const release of releases) await release();
    await rules.said('dormant_app', 'alert', 3_000);
    await rules.said('dormant_consent', 'end', 2);
    await rules.said('dormant_key', 'end', 2);
    const ended = async () => [
      await prisma.consent.count({ where: { appId: app, withdrawnBy: 'dormancy' } }),
      await prisma.appKey.count({ where: { appId: service, revokedAt: { not: null } } }),
    ];
    await rules.days(0.1);
    expect(await ended()).toEqual([0, 0]);
    await rules.days(2);
    const keys = await prisma.appKey.count({ where: { appId: service } });
    expect([keys > 0, ...(await ended())]).toEqual([true, 1, keys]);
    await rules.said('dormant_consent', 'alert', 2);
    await rules.said('dormant_key', 'alert', 2);
  });

  test('in quarantine an app is as idle as it was when that began, and a policy takes hold of that', async () => {
    const { rules } = of();
    const [used, idle] = [await fresh(), await fresh()];
    await rules.said('dormant_app', 'quarantine', 3);
    await restricted(used, 'quarantine');
    await rules.days(3.1);
    expect(await rules.restrictionsOf(idle)).toMatchObject([{ madeBy: 'policy', liftedAt: null }]);
    await rules.said('dormant_app', 'end', 3);
    await rules.days(3);
    expect([await isThere(used), await isThere(idle)]).toEqual([true, false]);
  });

  test('what is lifted or resumed meanwhile does not keep a policy from what lies in quarantine', async () => {
    const { world, rules } = of();
    const own = await registerVendor(world);
    const idle = {
      narrowed: await fresh(),
      keyed: await fresh({}, world.backendId),
      twice: await fresh({}, world.backendId),
      resumed: await fresh(),
      organization: await fresh({ organizationId: own.id, ownerId: own.ownerId, contractId: own.contractId }),
      behind: await fresh(),
    };
    await rules.said('dormant_app', 'alert', 3_000);
    await rules.days(3.1);
    for (const appId of Object.values(idle)) await restricted(appId, 'quarantine');
    const platformId = await fresh({}, world.backendId);
    await askPlatform(rules.deps, operator, idle.behind, { platformId });
    const { id: keyId } = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: idle.keyed } });
    const releases = [
      await restricted(idle.narrowed, 'narrow', { scopes: ['patient/Patient.rs'] }),
      await restricted(idle.keyed, 'quarantine', { keyId }),
      await restricted(idle.twice, 'step_up'),
      await suspended(idle.resumed),
      await organizationSuspended(own),
      await restricted(platformId, 'quarantine'),
    ];
    await rules.days(0.1);
    for (const release of releases) await release();
    await rules.said('dormant_app', 'end', 3);
    await rules.days(0.1);
    expect(await Promise.all(Object.values(idle).map(isThere))).toEqual(Array(6).fill(false));
  });
}
