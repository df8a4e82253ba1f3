import type { Rule } from './rules.ts';

/** What decides whether a client may act now. Instants; null = it has not happened. */
export interface ClientFacts {
  readonly offboardedAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly organizationOffboardedAt: Date | null;
  readonly organizationSuspendedAt: Date | null;
  readonly reviewedAt: Date | null;
  readonly ownerId: string | null;
  readonly ownerLeftAt: Date | null;
  readonly contractStartsAt: Date | null;
  readonly contractEndsAt: Date | null;
  readonly attestationDueAt: Date | null;
}

/** One list, applied at every door: authorize, token, introspection, decision. */
export const standing: readonly Rule<ClientFacts & { readonly now: Date }>[] = [
  ['client_offboarded', (c) => c.offboardedAt === null],
  ['organization_offboarded', (c) => c.organizationOffboardedAt === null],
  ['client_suspended', (c) => c.suspendedAt === null],
  ['organization_suspended', (c) => c.organizationSuspendedAt === null],
  ['client_not_reviewed', (c) => c.reviewedAt !== null && c.reviewedAt <= c.now],
  ['owner_missing', (c) => c.ownerId !== null && (c.ownerLeftAt === null || c.now < c.ownerLeftAt)],
  ['contract_missing', (c) => c.contractStartsAt !== null && c.contractEndsAt !== null],
  ['contract_not_started', (c) => c.contractStartsAt !== null && c.contractStartsAt <= c.now],
  ['contract_expired', (c) => c.contractEndsAt !== null && c.now < c.contractEndsAt],
  ['attestation_overdue', (c) => c.attestationDueAt !== null && c.now < c.attestationDueAt],
];
