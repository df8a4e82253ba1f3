// Who is in a hurry chooses from a list: the own apps that may ask for access in an emergency, and where.
import type { Reason } from '../errors.ts';
import { mayAskInEmergency } from '../policy/break-glass.ts';
import type { Actor } from '../policy/permissions.ts';
import { decide } from '../policy/rules.ts';
import { standing } from '../policy/standing.ts';
import type { App } from '../store/apps.ts';
import { listBackendServices } from '../store/glass-apps.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';

export async function listGlassApps(
  { store }: RegistryDeps,
  actor: Actor,
): Promise<readonly Pick<App, 'id' | 'name' | 'audiences'>[]> {
  const { organizationId } = actor;
  assertMay(actor, 'break_glass.request', { organizationId });
  if (organizationId === null) return [];
  const apps = await listBackendServices(store, organizationId);
  return apps.filter((app) => mayAskInEmergency(app) && heldBy(app) === undefined);
}

/** Why it would get no token now: who asks in an emergency hears it before, not from the token endpoint. */
export const heldBy = (app: App): Reason | undefined =>
  decide(standing, app) ?? (app.quarantinedAt === null ? undefined : 'client_quarantined');
