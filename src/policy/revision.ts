import type { ClientMetadata } from './client-metadata.ts';
import type { DataUse } from './data-use.ts';
import type { UseCase } from './use-case.ts';

export const SUBPROCESSOR_SERVICES = [
  'hosting',
  'analytics',
  'support',
  'ai',
  'communication',
  'other',
] as const;

/** An organization that processes data for an app. */
export interface Subprocessor {
  readonly organizationId: string;
  readonly service: (typeof SUBPROCESSOR_SERVICES)[number];
}

/** All that an app is and may ask for, as one revision says it; `null` and empty where it is silent. */
export interface Revision extends ClientMetadata {
  readonly logoId: string | null;
  readonly softwareId: string | null;
  readonly softwareVersion: string | null;
  readonly subprocessors: readonly Subprocessor[];
  readonly useCase: UseCase;
  readonly dataUse: DataUse;
}
