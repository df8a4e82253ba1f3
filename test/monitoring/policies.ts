import { expect, test } from '@jest/globals';
import { ASKED_WITHOUT_USE, policiesNow, verdictsWithoutUse } from '../../src/monitoring/dormancy.ts';
import { follow } from '../../src/monitoring/follow.ts';
import { resumeApp } from '../../src/registry/app-standing.ts';
import { endRestriction } from '../../src/registry/restriction-commands.ts';
import { findGovernedApp, type GovernedApp } from '../../src/store/governed-apps.ts';
import { DAY_MS, type governed } from '../setup/governed.ts';
import { operator } from '../setup/reviewed.ts';
import type { Vendor } from '../setup/vendor.ts';
import type { World } from '../setup/world.ts';

interface Governed {
  readonly world: World;
  readonly rules: ReturnType<typeof governed>;
  readonly vendor: Vendor;
  readonly appOf: (changes?: object) => Promise<string>;
}

const LONG_AGO = new Date(Date.now() - 2_000 * DAY_MS);
const OPAQUE = { purposeStatement: ' ', createdAt: LONG_AGO, reviewedAt: LONG_AGO };

/** What an operator says of a rule, and of what it found. Before the days pass: audit events are of the real time. */
export function policies(of: () => Governed): void {
  test('what an operator lifted or resumed is not done again while the finding is open, whatever follows otherwise', async () => {
    const { world, rules, appOf } = of();
    const look = () => rules.days(0);
    const [lifted, resumed] = [await appOf(OPAQUE), await appOf(OPAQUE)];
    const isSuspended = async (id: string) =>
      (await world.store.prisma.app.findUniqueOrThrow({ where: { id } })).suspendedAt !== null;
    await look();
    expect(await rules.findingsOf(lifted, 'integration_opaque')).toMatchObject([{ closedAt: null }]);
    // The policy takes hold of what is open.
    await rules.said('integration_opaque', 'quarantine', 1);
    await look();
    const [laid] = await rules.restrictionsOf(lifted);
    expect(laid).toMatchObject({ kind: 'quarantine', liftedAt: null });
    await endRestriction(rules.deps, operator, laid?.id ?? '', { reason: 'It is known.' });
    await rules.said('integration_opaque', 'quarantine', 1);
    await look();
    expect(await rules.restrictionsOf(lifted)).toHaveLength(1);

    await rules.said('integration_opaque', 'suspend', 1);
    await look();
    expect([await isSuspended(lifted), await isSuspended(resumed)]).toEqual([false, true]);
    await resumeApp(rules.deps, operator, resumed, { reason: 'It is known.' });
    await rules.said('integration_opaque', 'suspend', 1);
    await look();
    expect(await isSuspended(resumed)).toBe(false);
    expect(await rules.findingsOf(resumed, 'integration_opaque')).toMatchObject([{ closedAt: null }]);
    await rules.said('integration_opaque', 'alert', 1);
  });

  test('a policy that was taken back while a pass goes on is followed no more', async () => {
    const { world, rules, appOf } = of();
    const { store } = world;
    for (const [action, days] of [
      ['alert', 1],
      ['suspend', 30],
    ] as const) {
      const appId = await appOf(OPAQUE);
      const found = (await findGovernedApp(store, appId)) as GovernedApp;
      await rules.said('integration_opaque', 'suspend', 1);
      const verdicts = verdictsWithoutUse({ ...found, policies: await policiesNow(store) });
      expect(verdicts).toMatchObject([{ policy: { action: 'suspend' } }]);
      await rules.said('integration_opaque', action, days);
      await follow(rules.deps, found, verdicts, ASKED_WITHOUT_USE);
      expect(await store.prisma.app.count({ where: { id: appId, suspendedAt: null } })).toBe(1);
    }
    await rules.said('integration_opaque', 'alert', 1);
  });

  test('what is left after its contract, or cannot show why it is there, is found and ended where that is the policy', async () => {
    const { world, rules, vendor, appOf } = of();
    const endsAt = new Date(Date.now() + DAY_MS);
    const terms = { organizationId: vendor.id, reference: 'A short one', startsAt: new Date(0), endsAt };
    await world.store.prisma.contract.create({ data: { id: `${vendor.id}-short`, ...terms } });
    const next = { ...terms, id: 'next', startsAt: endsAt, endsAt: new Date('2999-01-01'), renewsId: 'old' };
    await world.store.prisma.contract.create({ data: { id: 'old', ...terms } });
    const renewed = await appOf({ contractId: 'old' });
    await world.store.prisma.contract.create({ data: next });
    const over = await appOf({ contractId: `${vendor.id}-short` });
    const opaque = await appOf({ purposeStatement: ' ' });
    await rules.said('contract_over', 'end', 1);
    await rules.days(4);
    expect(await world.store.prisma.app.count({ where: { id: over, offboardedAt: { not: null } } })).toBe(1);
    expect(await rules.findingsOf(renewed, 'contract_over')).toEqual([]);
    expect((await rules.findingsOf(over, 'contract_over'))[0]?.detail).toMatchObject({
      figures: [{ name: 'days_over', value: 3, threshold: 1 }, { name: 'ended' }],
    });
    expect((await rules.findingsOf(opaque, 'integration_opaque'))[0]?.detail).toMatchObject({
      figures: [{ name: 'not_shown', value: 'why' }],
    });
  });
}
