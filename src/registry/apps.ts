// SIGNATURES FIRST (bodies follow within the hour).
import type { Fault } from '../policy/faults.ts';
import type { Actor } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import type { RegistryDeps } from './deps.ts';
import type { RevisionInput } from './revision-input.ts';

export interface NewApp {
  readonly environment: 'sandbox' | 'production';
  /** Left out: the actor's own. */
  readonly organizationId?: string;
  /** Left out: the actor herself, where she belongs to the organization. */
  readonly ownerId?: string;
  readonly backupOwnerId?: string | null;
  /** Left out in production: the only contract of the organization that is in force. */
  readonly contractId?: string;
  readonly revision: RevisionInput;
}

export interface Saved {
  readonly appId: string;
  readonly revisionId: string;
  readonly number: number;
  /** What still stands between this revision and its submission for production. */
  readonly faults: readonly Fault[];
}

/** What registration (RFC 7591) adds in the same transaction: nothing is kept when it throws. */
export interface Besides {
  readonly registrationTokenHash?: string;
  also?(tx: Transaction, appId: string): Promise<void>;
}

/** `input` is a NewApp, untrusted; every fault at once (RegistryRefusal input_invalid), under `revision.` for those of the revision. */
export declare function createApp(deps: RegistryDeps, actor: Actor, input: unknown, besides?: Besides): Promise<Saved>;
/** `input` is a RevisionInput, untrusted; a whole revision, never a patch. Fields of faults as in the input: `redirectUris.0`. */
export declare function saveRevision(deps: RegistryDeps, actor: Actor, appId: string, input: unknown): Promise<Saved>;
// registry/submissions.ts
export declare function submitRevision(deps: RegistryDeps, actor: Actor, appId: string, revisionId: string): Promise<{ reviewId: string; approvalsNeeded: number }>;
export declare function withdrawSubmission(deps: RegistryDeps, actor: Actor, appId: string): Promise<void>;
/** registry/app-records.ts: every revision keeps Revision + {id, number, createdAt, createdBy}. */
export declare function findAppFor(deps: RegistryDeps, actor: Actor, appId: string): Promise<AppRecord>;
export declare function listRevisions(deps: RegistryDeps, actor: Actor, appId: string): Promise<readonly KeptRevision[]>;
export declare function listApps(deps: RegistryDeps, actor: Actor, query: { filter?: AppFilter; after?: string; limit?: number }): Promise<{ apps: readonly AppListed[]; next: string | null }>;
export declare function timelineOf(deps: RegistryDeps, actor: Actor, appId: string, page: { after?: string; limit?: number }): Promise<{ entries: readonly TimelineEntry[]; next: string | null }>;

export interface KeptRevision extends Required<RevisionInput> { readonly id: string; readonly number: number; readonly createdAt: Date; readonly createdBy: string; readonly faults: readonly Fault[] }
export interface AppRecord {
  readonly id: string;
  readonly environment: 'sandbox' | 'production';
  readonly organization: { readonly id: string; readonly legalName: string };
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly backupOwner: { readonly id: string; readonly name: string } | null;
  readonly contract: { readonly id: string; readonly reference: string; readonly endsAt: Date } | null;
  readonly registeredThrough: string;
  readonly createdAt: Date;
  readonly reviewedAt: Date | null;
  readonly attestationDueAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly offboardedAt: Date | null;
  /** Why it may not act now (policy/standing), or null: it may. */
  readonly standing: import('../errors.ts').Reason | null;
  readonly stoppedScopes: readonly string[];
  /** In force; null: none was approved yet. */
  readonly live: KeptRevision | null;
  readonly newest: KeptRevision;
  /** The latest submission. */
  readonly review: { readonly id: string; readonly revisionId: string; readonly submittedAt: Date; readonly approvalsNeeded: number; readonly closedAt: Date | null; readonly outcome: string | null; readonly reason: string | null } | null;
}
export interface AppFilter { readonly organizationId?: string; readonly ownerId?: string; readonly environment?: string; readonly name?: string; readonly state?: 'in_review' | 'not_approved' | 'suspended' | 'offboarded' | 'acting' }
export interface AppListed { readonly id: string; readonly name: string; readonly environment: string; readonly organizationId: string; readonly organizationName: string; readonly ownerName: string | null; readonly createdAt: Date; readonly reviewedAt: Date | null; readonly attestationDueAt: Date | null; readonly suspendedAt: Date | null; readonly offboardedAt: Date | null; readonly inReviewSince: Date | null }
export interface TimelineEntry { readonly at: Date; readonly type: string; readonly by: string | null; readonly reason: string | null; readonly detail: Readonly<Record<string, unknown>> }
