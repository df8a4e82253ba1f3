// A recorded change at the vendor, and its approval.
import { randomUUID } from 'node:crypto';
import type { World } from './world.ts';

/** Stops scopes of an app; answers with what lets them go on. */
export async function stopScopes(world: World, appId: string, ...affectedScopes: string[]) {
  const { prisma } = world.store;
  const change = { kind: 'subprocessor', description: 'Another host', recordedBy: 'test' };
  const { id } = await prisma.appChange.create({
    data: { id: randomUUID(), appId, affectedScopes, ...change },
  });
  return () => prisma.appChange.update({ where: { id }, data: { clearedAt: new Date() } });
}
