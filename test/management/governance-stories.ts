import { expect, test } from '@jest/globals';
import { byPolicy } from '../../src/policy/permissions.ts';
import { openRuleFinding } from '../../src/registry/findings.ts';
import { restrictApp } from '../../src/registry/restrictions.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { registerApp } from '../setup/registrations.ts';

/** A rule found something: the vendor answers, an operator decides, restricts, and says what follows the next time. */
export function governanceStories(of: () => ApiWorld): void {
  test('findings are read, answered and closed; apps restricted and let go; policies set', async () => {
    const { world, vendor, api } = of();
    const appId = await registerApp(world, world.backendId, { organizationId: vendor.id });
    const { id } = await world.store.prisma.$transaction((tx) =>
      openRuleFinding(tx, world.store, {
        ...{ kind: 'dormant_app', rule: 'dormant_app', appId },
        figures: [{ name: 'unused_days', value: 100, threshold: 90 }],
      }),
    );
    const at = { findingId: id };
    expect((await api('owner', 'listOwnFindings')).rows).toMatchObject([{ id, kind: 'dormant_app' }]);
    const body = { text: 'It is used in spring.' };
    await api('developer', 'answerFinding', { at, body });
    const { rows } = await api('operator', 'listFindings', { query: { kind: 'dormant_app', appId } });
    expect(rows).toMatchObject([{ id, openedBy: 'rule:dormant_app' }]);
    expect(await api('operator', 'findFinding', { at })).toMatchObject({
      ...{ answers: [{ text: body.text }], figures: [{ name: 'unused_days', value: 100, threshold: 90 }] },
    });
    const reason = { reason: 'A reason.' };
    await api('operator', 'closeFinding', { at, body: reason });

    const made = await api('operator', 'addRestriction', {
      ...{ at: { appId }, body: { kind: 'narrow', scopes: ['system/Observation.rs'], ...reason } },
    });
    await api('operator', 'liftRestriction', { at: { restrictionId: made.restrictionId }, body: reason });
    expect((await api('owner', 'listRestrictions', { at: { appId } })).rows).toMatchObject([
      { kind: 'narrow', scopes: ['system/Observation.rs'], liftReason: 'A reason.' },
    ]);
    const { id: findingId } = await world.store.prisma.$transaction((tx) =>
      openRuleFinding(tx, world.store, { kind: 'dormant_app', rule: 'dormant_app', appId, figures: [] }),
    );
    await world.store.prisma.$transaction((tx) =>
      restrictApp(tx, world, { appId, kind: 'quarantine', findingId, reason: 'Unused', by: byPolicy }),
    );
    await api('owner', 'confirmApp', { at: { appId }, body: reason });
    expect((await api('owner', 'listRestrictions', { at: { appId } })).rows[0]).toMatchObject({
      ...{ kind: 'quarantine', liftReason: 'A reason.' },
    });
    const policy = { action: 'quarantine', afterDays: 45, ...reason };
    await api('operator', 'setPolicy', { at: { rule: 'dormant_app' }, body: policy });
    expect((await api('operator', 'listPolicies')).rows).toContainEqual(
      expect.objectContaining({ rule: 'dormant_app', action: 'quarantine', afterDays: 45 }),
    );
  });
}
