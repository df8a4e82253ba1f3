import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

export interface ChangeRow {
  readonly id: string;
  readonly kind: string;
  readonly description: string;
  readonly affectedScopes: readonly string[];
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly clearedAt: Date | null;
  readonly clearedBy: string | null;
}

/** Input: {kind: 'vendor' | 'subprocessor' | 'module' | 'data_flow', description, affectedScopes: string[]}. */
export declare function recordChange(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<{ changeId: string }>;
/** Newest first. */
export declare function listChanges(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
): Promise<readonly ChangeRow[]>;
