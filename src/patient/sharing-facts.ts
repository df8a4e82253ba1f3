import type { Access } from '../smart/consent-choices.ts';

export type SharingEnd =
  | 'stopped'
  | 'stopped-other'
  | 'representation-ended'
  | 'unused'
  | 'recipient-changed'
  | 'expired'
  | 'signed-out'
  | 'protected'
  | 'network'
  | 'app-ended';

export interface SharedKind {
  /** A wording key: a resource type, a category or 'everything'. */
  category: string;
  access: Access;
}

export interface SharingFacts {
  /** The latest of those that one card stands for. */
  consentId: string;
  appId: string;
  appName: string;
  organizationName: string;
  websiteHost: string;
  /** Whose record, when it is not the signed-in person's own. */
  patientName: string | null;
  patientId: string | null;
  /** Who agreed for the signed-in person, when it was not she herself. */
  decidedBy: string | null;
  shared: readonly SharedKind[];
  offline: boolean;
  since: Date;
  /** The end that the patient chose. */
  endsAt: Date;
  isPaused: boolean;
  /** It is this person's to end the pause. */
  mayResume: boolean;
  lastUsedAt: Date | null;
  /** On each of the last 30 days, the oldest first. */
  uses: readonly number[];
  /** There were more on some day. */
  isCountCapped: boolean;
  ended: { at: Date; why: SharingEnd } | null;
  /** Above the pages about it. */
  baseUrl: string;
}
