// Apps of one vendor behind platforms of another, and what is said of them at each door.
import { askPlatform } from '../../src/registry/delegations.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { listInventory } from '../../src/registry/inventory.ts';
import { foreseeOffboarding } from '../../src/registry/offboarding.ts';
import { backendToken } from './backend-client.ts';
import { textOf } from './console-browser.ts';
import { registerApp } from './registrations.ts';
import { registryDeps } from './registry-deps.ts';
import { operator } from './reviewed.ts';
import { staffBrowser } from './staff-browser.ts';
import { registerVendor, type Vendor } from './vendor.ts';
import { createWorld, type World } from './world.ts';

export async function createPlatformWorld() {
  const world: World = await createWorld('postgresql');
  const deps: RegistryDeps = registryDeps(world);
  const [vendor, hub] = [await registerVendor(world), await registerVendor(world)];
  const systemOf = ({ id, ownerId, contractId }: Vendor, name: string, more: object = {}) =>
    registerApp(world, world.backendId, { name, organizationId: id, ownerId, contractId, ...more });
  return {
    ...{ world, deps, vendor, hub, systemOf },
    async pair(of = hub, more: object = {}) {
      const [appId, platformId] = [await systemOf(vendor, 'Behind'), await systemOf(of, 'Hub', more)];
      await askPlatform(deps, operator, appId, { platformId });
      return { appId, platformId };
    },
    async tokenOf(clientId: string): Promise<string> {
      const answer = (await (await backendToken(world, {}, { clientId })).json()) as { access_token: string };
      return answer.access_token;
    },
    isActive: async (token: string) => (await world.introspect(token)).active,
    /** As this person sees it. */
    page: async (personId: string, path: string) =>
      textOf((await (await staffBrowser(world, personId)).open(path)).html),
    row: async (id: string) =>
      (await listInventory(deps, operator, { filter: { text: id } })).rows.find((one) => one.id === id),
    foreseen: (kind: string, subjectId: string) => foreseeOffboarding(deps, operator, { kind, subjectId }),
  };
}

export type PlatformWorld = Awaited<ReturnType<typeof createPlatformWorld>>;
