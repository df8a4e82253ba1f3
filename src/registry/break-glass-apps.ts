// Who is in a hurry chooses from a list: the own apps that may ask for access in an emergency, and where.
import { mayAskInEmergency } from '../policy/break-glass.ts';
import type { Actor } from '../policy/permissions.ts';
import { type GlassAppRow, listBackendServices } from '../store/glass-apps.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';

export async function listGlassApps(
  { store }: RegistryDeps,
  actor: Actor,
): Promise<readonly Pick<GlassAppRow, 'id' | 'name' | 'audiences'>[]> {
  const { organizationId } = actor;
  assertMay(actor, 'break_glass.request', { organizationId });
  if (organizationId === null) return [];
  return (await listBackendServices(store.prisma, organizationId)).filter(mayAskInEmergency);
}
