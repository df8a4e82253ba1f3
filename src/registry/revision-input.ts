// What may be handed in as a revision, and nothing else: fields of ours that are not in here are faults, never ignored.
import type { ClientMetadata } from '../policy/client-metadata.ts';
import type { DataUse } from '../policy/data-use.ts';
import type { UseCase } from '../policy/use-case.ts';

export const SUBPROCESSOR_SERVICES = [
  ...(['hosting', 'analytics', 'support', 'ai', 'communication', 'other'] as const),
] as const;

export interface Subprocessor {
  readonly organizationId: string;
  readonly service: (typeof SUBPROCESSOR_SERVICES)[number];
}

/** A revision as it is kept: whole, and with `null` or nothing where it was silent. */
export interface Revision extends ClientMetadata {
  readonly logoId: string | null;
  readonly softwareId: string | null;
  readonly softwareVersion: string | null;
  readonly subprocessors: readonly Subprocessor[];
  readonly useCase: UseCase;
  readonly dataUse: DataUse;
}

/**
 * What callers write (JSON of the management API, a form of the portal). Required: name, purposeStatement, websiteUrl,
 * grantTypes, authMethod, scopeCeiling, purposes. Left out, profile is `smart`, applicationType `web`, maxConsentDays 0,
 * lists are empty and the rest null. `useCase` and `dataUse` may be partial in a draft.
 */
export type RevisionInput = Pick<
  Revision,
  'name' | 'purposeStatement' | 'websiteUrl' | 'grantTypes' | 'authMethod' | 'scopeCeiling' | 'purposes'
> &
  Partial<Omit<Revision, 'useCase' | 'dataUse'>> & {
    readonly useCase?: Partial<UseCase>;
    readonly dataUse?: Partial<{ [Q in keyof DataUse]: { answer: string; explanation?: string | null } | null }>;
  };
