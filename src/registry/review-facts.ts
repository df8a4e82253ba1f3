import type { Reason } from '../errors.ts';
import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';
import type { ReviewRow } from './reviews.ts';

export interface ReviewDetail {
  readonly review: ReviewRow & { readonly submittedBy: string; readonly submittedByName: string | null };
  /** The revision under review: all columns of app_revision. */
  readonly revision: import('../store/generated/client.ts').AppRevision;
  /** The one in force, where there is one that was approved. */
  readonly inForce: import('../store/generated/client.ts').AppRevision | null;
  readonly subprocessors: readonly {
    readonly organizationId: string;
    readonly legalName: string;
    readonly country: string;
    readonly service: string;
  }[];
  readonly app: {
    readonly id: string;
    readonly environment: string;
    readonly reviewedAt: Date | null;
    readonly attestationDueAt: Date | null;
    readonly owner: { readonly id: string; readonly name: string; readonly email: string } | null;
    readonly backupOwner: { readonly id: string; readonly name: string; readonly email: string } | null;
    readonly contract: {
      readonly id: string;
      readonly reference: string;
      readonly startsAt: Date;
      readonly endsAt: Date;
    } | null;
  };
  /** Hosts of the redirect URIs; null: not shown to be the organization's. */
  readonly domains: readonly { readonly host: string; readonly verifiedAt: Date | null }[];
  readonly lookAlikes: readonly {
    readonly kind: 'app' | 'organization';
    readonly id: string;
    readonly name: string;
    readonly organizationName: string;
  }[];
  readonly decisions: readonly {
    readonly reviewerId: string;
    readonly reviewerName: string | null;
    readonly decision: string;
    readonly reason: string | null;
    readonly decidedAt: Date;
  }[];
  /** Changes that its approval clears. */
  readonly openChanges: readonly {
    readonly id: string;
    readonly kind: string;
    readonly description: string;
    readonly affectedScopes: readonly string[];
    readonly recordedAt: Date;
  }[];
  /** The move that its approval completes. */
  readonly transfer: {
    readonly id: string;
    readonly toOrganizationId: string;
    readonly toOrganizationName: string;
    readonly newOwnerName: string | null;
  } | null;
  /** Why this actor may not decide it; undefined: she may. */
  readonly refusal: Reason | undefined;
}

/** What a reviewer must see. The diff: `revisionDiff(inForce, revision)` of revision-diff.ts. */
export declare function reviewFor(deps: RegistryDeps, actor: Actor, reviewId: string): Promise<ReviewDetail>;
