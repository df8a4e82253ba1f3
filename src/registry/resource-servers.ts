import type { Actor } from '../policy/permissions.ts';
import type { Page, Paging } from '../store/paging.ts';
import type { RegistryDeps } from './deps.ts';

export interface FhirBaseRow {
  readonly url: string;
  readonly slug: string;
  readonly environment: string;
}

export interface ResourceServerRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  readonly fhirBases: readonly FhirBaseRow[];
  /** Live secrets, without the hashes. */
  readonly secrets: readonly { readonly id: string; readonly createdAt: Date; readonly endsAt: Date }[];
}

/** Input: {name, organizationId?, ownerId?, fhirBases: [{url, slug, environment}]}. Its secrets: server-secrets.ts. */
export declare function createResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ resourceServerId: string }>;
/** Input: any of {name, organizationId, ownerId}. */
export declare function changeResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void>;
/** Input: {url, slug, environment}. */
export declare function addFhirBase(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. It hears of no token any more. */
export declare function suspendResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void>;
/** Input: {reason}. */
export declare function resumeResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void>;
export declare function findResourceServerFor(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
): Promise<ResourceServerRow>;
export declare function listResourceServers(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging,
): Promise<Page<ResourceServerRow>>;
/** What an app of that environment may name as audience. */
export declare function listFhirBases(
  deps: RegistryDeps,
  environment: string,
): Promise<readonly (FhirBaseRow & { readonly serverName: string })[]>;
