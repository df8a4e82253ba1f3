// What rules found about apps of a world, and what an operator says should follow.
import type { GovernanceDeps } from '../../src/monitoring/deps.ts';
import { watchUse } from '../../src/monitoring/watch-use.ts';
import { setPolicy } from '../../src/registry/governance-policies.ts';
import { createLog } from '../../src/web/log.ts';
import { registryDeps } from './registry-deps.ts';
import { operator } from './reviewed.ts';
import type { World } from './world.ts';

export const DAY_MS = 86_400_000;

export function governed(world: World) {
  const deps: GovernanceDeps = { ...registryDeps(world), log: createLog('silent') };
  const { prisma } = world.store;
  return {
    deps,
    said: (rule: string, action: string, afterDays = 2) =>
      setPolicy(deps, operator, rule, { action, afterDays, reason: 'A test.' }),
    /** The days pass, and the instance that leads looks. */
    days: async (count: number): Promise<void> => {
      world.clock.advance(count * DAY_MS);
      await watchUse(deps);
    },
    findingsOf: (appId: string, kind: string) =>
      prisma.finding.findMany({ where: { appId, kind }, orderBy: { openedAt: 'asc' } }),
    restrictionsOf: (appId: string) =>
      prisma.appRestriction.findMany({ where: { appId }, orderBy: { madeAt: 'asc' } }),
  };
}
