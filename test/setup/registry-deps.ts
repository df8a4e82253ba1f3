// The commands of the registry as a process has them, and who gives them.

import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import type { Actor, Role } from '../../src/policy/permissions.ts';
import type { RegistryDeps, RegistrySettings } from '../../src/registry/deps.ts';
import { RegistryRefusal } from '../../src/registry/refusal.ts';
import type { World } from './world.ts';

export function registryDeps(world: World, changes: Partial<RegistrySettings> = {}): RegistryDeps {
  const { config, store } = world;
  const { issuer, operatorName, registry } = config;
  return {
    store,
    settings: { issuer, operatorName, ...registry, ...changes },
    fetch: createSafeFetch({ allowLoopback: true }),
    sealKey: 'a seal key of the tests',
    // What is signed is asked for at the doors.
    sign: () => Promise.reject(new Error('nothing is signed here')),
  };
}

export function actor(organizationId: string | null, roles: readonly Role[], personId = 'somebody'): Actor {
  return { personId, organizationId, roles, via: 'portal' };
}

/** What a command refused with: its reason, and each fault as `field code`. */
export async function refusedWith(command: Promise<unknown>): Promise<readonly string[]> {
  try {
    await command;
  } catch (cause) {
    if (!(cause instanceof RegistryRefusal)) throw cause;
    return [cause.reason, ...cause.faults.map(({ field, code }) => `${field} ${code}`)];
  }
  throw new Error('it was not refused');
}
