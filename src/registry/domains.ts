import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

export interface DomainRow {
  readonly domain: string;
  /** What the file at `url` must hold. */
  readonly code: string;
  readonly url: string;
  readonly createdAt: Date;
  readonly verifiedAt: Date | null;
}

/** Input: {domain}: a host, with its port where it is not 443. */
export declare function startDomainProof(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<DomainRow>;
/** Looks for the file now; refused with fault `domain_unverified` when it is not there. */
export declare function verifyDomain(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<DomainRow>;
export declare function listDomains(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly DomainRow[]>;
