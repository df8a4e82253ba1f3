import type { Reason } from '../errors.ts';
import { beyondContract } from '../policy/contract-use.ts';
import type { Fault } from '../policy/faults.ts';
import { skeletonOf } from '../policy/names.ts';
import { type About, type Actor, refusalOf } from '../policy/permissions.ts';
import { redirectDomains } from '../policy/redirect-domains.ts';
import { listCoveredChanges } from '../store/app-changes.ts';
import { type AppRow, findAppRow } from '../store/app-records.ts';
import { findRevision, type KeptRevision } from '../store/app-revisions.ts';
import { findOpenTransfer } from '../store/app-transfers.ts';
import { findContractRow } from '../store/contracts.ts';
import type { Store } from '../store/database.ts';
import { listClaims } from '../store/domain-proofs.ts';
import { findOrganizationRow, listOrganizationNames } from '../store/organizations.ts';
import { findPersonRow } from '../store/people.ts';
import { findReview, listDecisions, type ReviewRow } from '../store/reviews.ts';
import { findLookAlikes, type LookAlike } from '../store/revision-facts.ts';
import type { ChangeRow } from './changes.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';

export interface ReviewDetail {
  readonly review: ReviewRow;
  /** Under review. */
  readonly revision: KeptRevision;
  /** What it would replace: the one that was approved last. */
  readonly inForce: KeptRevision | null;
  readonly app: AppRow;
  readonly subprocessors: readonly {
    readonly organizationId: string;
    readonly legalName: string;
    readonly country: string;
    readonly service: string;
  }[];
  /** Where answers are brought to; `verifiedAt` null: not shown to be the organization's. */
  readonly domains: readonly { readonly domain: string; readonly verifiedAt: Date | null }[];
  readonly lookAlikes: readonly LookAlike[];
  readonly decisions: Awaited<ReturnType<typeof listDecisions>>;
  /** What its approval clears. */
  readonly openChanges: readonly ChangeRow[];
  /** The move on which the app is; `completes`: the approval completes it. */
  readonly transfer: {
    readonly id: string;
    readonly toOrganizationId: string;
    readonly toOrganizationName: string;
    readonly newOwnerName: string;
    readonly acceptedAt: Date | null;
    readonly completes: boolean;
  } | null;
  /** What of it is more than the contract covers under which the app would be. */
  readonly faults: readonly Fault[];
  /** Why this actor may not decide it; undefined: she may. */
  readonly refusal: Reason | undefined;
}

type OpenTransfer = NonNullable<Awaited<ReturnType<typeof findOpenTransfer>>>;

interface Reviewed {
  readonly app: Pick<AppRow, 'organizationId'>;
  readonly review: Pick<ReviewRow, 'submittedBy'>;
  readonly revision: Pick<KeptRevision, 'createdBy'>;
  readonly transfer: OpenTransfer | null;
}

/** Of whom a reviewer must be independent: the approval may complete a move as well. */
export function partiesTo({ app, review, revision, transfer }: Reviewed): About {
  const authors = [review.submittedBy, revision.createdBy];
  return {
    organizationId: app.organizationId,
    alsoOrganizationIds: transfer === null ? [] : [transfer.toOrganizationId],
    authors: transfer === null ? authors : [...authors, transfer.proposedBy, transfer.newOwnerId],
  };
}

/** What a reviewer must see; the differences are `revisionDiff(inForce, revision)`. */
export async function reviewFor(
  { store }: RegistryDeps,
  actor: Actor,
  reviewId: string,
): Promise<ReviewDetail> {
  assertMay(actor, 'review.read');
  const db = store.prisma;
  const review = await findReview(store, reviewId);
  assertKnown(review);
  const [app, revision] = await Promise.all([
    findAppRow(db, review.appId),
    findRevision(db, review.revisionId),
  ]);
  assertKnown(app);
  assertKnown(revision);
  const { organizationId } = app;
  const nameSkeleton = skeletonOf(revision.name);
  const move = await findOpenTransfer(db, app.id);
  // Who will own the app has to own its addresses.
  const holderId = move?.acceptedAt == null ? organizationId : move.toOrganizationId;
  const contractId = move?.acceptedAt == null ? app.contractId : move.newContractId;
  const agreed = contractId === null ? null : await findContractRow(db, contractId);
  const [inForce, subprocessors, domains, lookAlikes, decisions, openChanges, transfer] = await Promise.all([
    app.reviewedAt === null || app.revisionId === null ? null : findRevision(db, app.revisionId),
    subprocessorsOf(store, revision),
    domainsOf(store, holderId, revision.redirectUris),
    findLookAlikes(db, { nameSkeleton, organizationId }),
    listDecisions(db, reviewId),
    listCoveredChanges(db, app.id, review.submittedAt),
    transferOf(store, review, move),
  ]);
  const may = refusalOf(actor, 'review.decide', partiesTo({ app, review, revision, transfer: move }));
  const over = review.closedAt !== null || decisions.some(({ reviewerId }) => reviewerId === actor.personId);
  return {
    ...{
      review,
      revision,
      inForce,
      app,
      subprocessors,
      domains,
      lookAlikes,
      decisions,
      openChanges,
      transfer,
    },
    faults: beyondContract(revision, agreed?.limits ?? null),
    refusal: may ?? (over ? 'state_conflict' : undefined),
  };
}

async function subprocessorsOf({ prisma }: Store, { subprocessors }: KeptRevision) {
  const known = await listOrganizationNames(
    prisma,
    subprocessors.map(({ organizationId }) => organizationId),
  );
  return subprocessors.map(({ organizationId, service }) => {
    const { legalName = organizationId, country = '' } = known.get(organizationId) ?? {};
    return { organizationId, legalName, country, service };
  });
}

async function domainsOf({ prisma }: Store, organizationId: string, redirectUris: readonly string[]) {
  const claims = await listClaims(prisma, organizationId);
  return redirectDomains(redirectUris).map(({ domain, shownBy }) => {
    const shown = claims.find((claim) => claim.verifiedAt !== null && shownBy.includes(claim.domain));
    return { domain, verifiedAt: shown?.verifiedAt ?? null };
  });
}

async function transferOf({ prisma }: Store, { submittedAt }: ReviewRow, transfer: OpenTransfer | null) {
  if (transfer === null) return null;
  const { id, toOrganizationId, newOwnerId, acceptedAt } = transfer;
  const [organization, owner] = await Promise.all([
    findOrganizationRow(prisma, toOrganizationId),
    findPersonRow(prisma, newOwnerId),
  ]);
  return {
    ...{ id, toOrganizationId, acceptedAt },
    toOrganizationName: organization?.legalName ?? toOrganizationId,
    newOwnerName: owner?.name ?? newOwnerId,
    completes: acceptedAt !== null && acceptedAt <= submittedAt,
  };
}
