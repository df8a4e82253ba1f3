import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

/** Input: {reason}. True at the next request. */
export declare function suspendApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. */
export declare function resumeApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. For good: all access ends, records stay. */
export declare function offboardApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void>;
/** Input: {ownerId?, backupOwnerId? (null: none)}: people of the app's organization. */
export declare function assignOwner(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void>;
/** Input: {contractId}: one of the app's organization. */
export declare function assignContract(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void>;
