import type { Actor } from '../policy/permissions.ts';
import type { Page, Paging } from '../store/paging.ts';
import type { RegistryDeps } from './deps.ts';

export interface EhrRow {
  readonly id: string;
  readonly name: string;
  readonly fhirBaseUrl: string;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  /** Public keys. */
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
}

/** Input: {name, fhirBaseUrl, jwks, organizationId?, ownerId?}. */
export declare function createEhr(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ ehrId: string }>;
/** Input: any of {name, jwks, organizationId, ownerId}. */
export declare function changeEhr(
  deps: RegistryDeps,
  actor: Actor,
  ehrId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. */
export declare function suspendEhr(
  deps: RegistryDeps,
  actor: Actor,
  ehrId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. */
export declare function resumeEhr(
  deps: RegistryDeps,
  actor: Actor,
  ehrId: string,
  input: unknown,
): Promise<void>;
export declare function findEhrFor(deps: RegistryDeps, actor: Actor, ehrId: string): Promise<EhrRow>;
export declare function listEhrs(deps: RegistryDeps, actor: Actor, query: Paging): Promise<Page<EhrRow>>;
