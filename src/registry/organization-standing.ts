import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

/** Input: {reason}. All its apps stop at the next request, its people are signed out. */
export declare function suspendOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. */
export declare function resumeOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. For good. */
export declare function offboardOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void>;
/** Input: {intoId, newOwnerId, newContractId?}: a transfer is proposed for each app; merged when all have moved. */
export declare function mergeOrganizations(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ transferIds: readonly string[] }>;
