import { worksAt } from './employment.ts';
import { decide, type Rule } from './rules.ts';

/** What decides whether a client may act now. Instants; null = it has not happened. */
export interface ClientFacts extends OwnFacts {
  /** Who acts for it, with keys of its own; null: it acts for itself. */
  readonly platform: Platform | null;
}

interface OwnFacts {
  /** `sandbox`: invented patients only, so neither review nor contract nor attestation is asked for. */
  readonly environment: string;
  /** The environments of the FHIR bases that it may name. */
  readonly environments: readonly string[];
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
  /** The hard end of the use case; null: it has none. */
  readonly useCaseEndsAt: Date | null;
  /** Whether it proves who it is with a key or secret that is registered here. */
  readonly needsCredential: boolean;
  /** When the last of its live credentials ends. */
  readonly credentialEndsAt: Date | null;
}

/** An app through which others act: with it they stop. Nobody acts for it. */
export interface Platform extends OwnFacts {
  readonly id: string;
  readonly name: string;
  readonly organizationName: string;
}

const inSandbox = (c: Pick<OwnFacts, 'environment'>) => c.environment === 'sandbox';

const own: readonly Rule<OwnFacts & { readonly now: Date }>[] = [
  ['client_offboarded', (c) => c.offboardedAt === null],
  ['organization_offboarded', (c) => c.organizationOffboardedAt === null],
  ['client_suspended', (c) => c.suspendedAt === null],
  ['organization_suspended', (c) => c.organizationSuspendedAt === null],
  ['client_not_reviewed', (c) => inSandbox(c) || (c.reviewedAt !== null && c.reviewedAt <= c.now)],
  ['owner_missing', (c) => c.ownerId !== null && worksAt(c.now, { leftAt: c.ownerLeftAt })],
  ['contract_missing', (c) => inSandbox(c) || (c.contractStartsAt !== null && c.contractEndsAt !== null)],
  ['contract_not_started', (c) => c.contractStartsAt === null || c.contractStartsAt <= c.now],
  ['contract_expired', (c) => c.contractEndsAt === null || c.now < c.contractEndsAt],
  ['attestation_overdue', (c) => inSandbox(c) || (c.attestationDueAt !== null && c.now < c.attestationDueAt)],
  ['use_case_ended', (c) => c.useCaseEndsAt === null || c.now < c.useCaseEndsAt],
  [
    'credential_expired',
    (c) => !c.needsCredential || (c.credentialEndsAt !== null && c.now < c.credentialEndsAt),
  ],
  ['environment_wrong', (c) => c.environments.every((environment) => environment === c.environment)],
];

/** As its own: who acts for it may do so only as long as it may act itself. */
export const isPlatformStopped = ({
  platform,
  now,
}: Pick<ClientFacts, 'platform'> & { readonly now: Date }) =>
  platform ? decide(own, { ...platform, now }) !== undefined : false;

/** One list, applied at every door: authorize, token, introspection, decision. */
export const standing: readonly Rule<ClientFacts & { readonly now: Date }>[] = [
  ...own,
  ['platform_stopped', (c) => !isPlatformStopped(c)],
];

/** What ends first of the contract and the use case; null: neither has an end, as may be in the sandbox. */
export function foreseenEnd(app: Pick<ClientFacts, 'contractEndsAt' | 'useCaseEndsAt'>): Date | null {
  const { contractEndsAt: contract, useCaseEndsAt: useCase } = app;
  if (contract === null || useCase === null) return contract ?? useCase;
  return contract < useCase ? contract : useCase;
}
