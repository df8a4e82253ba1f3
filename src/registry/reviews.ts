import type { Actor } from '../policy/permissions.ts';
import type { Page, Paging } from '../store/paging.ts';
import type { RegistryDeps } from './deps.ts';

export interface ReviewRow {
  readonly id: string;
  readonly appId: string;
  readonly revisionId: string;
  readonly revisionNumber: number;
  readonly appName: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly submittedAt: Date;
  readonly approvalsNeeded: number;
  /** So far. */
  readonly approvals: number;
  readonly closedAt: Date | null;
  readonly outcome: string | null;
}

export interface ReviewFilter {
  readonly state?: 'open' | 'closed' | undefined;
  readonly appId?: string | undefined;
  readonly organizationId?: string | undefined;
}

/** The oldest open one first; closed ones newest first. */
export declare function listReviews(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: ReviewFilter },
): Promise<Page<ReviewRow>>;
/** Input: {decision: 'approve' | 'ask_for_changes' | 'refuse', reason?}. `closed` is false while another reviewer must approve. */
export declare function decideReview(
  deps: RegistryDeps,
  actor: Actor,
  reviewId: string,
  input: unknown,
): Promise<{ closed: boolean; outcome: string | null }>;
