import { randomUUID } from 'node:crypto';
import { beyondContract } from '../policy/contract-use.ts';
import { worksAt } from '../policy/employment.ts';
import type { Fault } from '../policy/faults.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import type { Revision } from '../policy/revision.ts';
import { needsSecondReviewer } from '../policy/use-case.ts';
import { parseScopes } from '../smart/scope.ts';
import { type AppRow, holdAppRow } from '../store/app-records.ts';
import { findRevision } from '../store/app-revisions.ts';
import { findContractRow } from '../store/contracts.ts';
import type { Db, Transaction } from '../store/database.ts';
import { closeOpenReview, insertReview, isSubmitted } from '../store/submissions.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { refuseFaults } from './input.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';
import { openFaults, revisionFaults } from './revision-faults.ts';
import { factsOf } from './revisions.ts';

/** Hands a revision in for production; one that is under review already is overtaken by it. */
export async function submitRevision(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  revisionId: string,
): Promise<{ readonly reviewId: string; readonly approvalsNeeded: number }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const app = await holdRevised(tx, actor, appId);
    const revision = await findRevision(tx, revisionId);
    assertKnown(revision);
    if (revision.appId !== appId) throw new RegistryRefusal('record_unknown');
    if (app.environment !== 'production' || (await isSubmitted(tx, revisionId))) {
      throw new RegistryRefusal('state_conflict');
    }
    refuseFaults(await submissionFaults(deps, app, revision, tx));
    const now = new Date();
    await closeOpenReview(tx, appId, { outcome: 'superseded', now });
    const reviewId = randomUUID();
    const approvalsNeeded = needsSecondReviewer(parseScopes(revision.scopeCeiling).scopes) ? 2 : 1;
    const review = { id: reviewId, revisionId, appId, submittedAt: now, submittedBy: authorOf(actor) };
    await insertReview(tx, { ...review, approvalsNeeded });
    const { number } = revision;
    const about = { appId, organizationId: app.organizationId };
    const detail = { reviewId, revisionId, number, approvalsNeeded };
    await record(tx, actor, { type: 'revision.submitted', ...about, detail });
    await announce(tx, { type: 'app.submitted', ...about, values: { revision: String(number) } });
    return { reviewId, approvalsNeeded };
  });
}

/** Takes back what is under review. */
export async function withdrawSubmission(deps: RegistryDeps, actor: Actor, appId: string): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const { organizationId } = await holdRevised(tx, actor, appId);
    const now = new Date();
    const closed = await closeOpenReview(tx, appId, { outcome: 'withdrawn', now });
    if (closed === undefined) throw new RegistryRefusal('state_conflict');
    const { id: reviewId, revisionId } = closed;
    const number = (await findRevision(tx, revisionId))?.number ?? 0;
    const detail = { reviewId, revisionId, number, ...turned('closedAt', null, now) };
    await record(tx, actor, { type: 'revision.withdrawn', appId, organizationId, detail });
  });
}

async function holdRevised(tx: Transaction, actor: Actor, appId: string): Promise<AppRow> {
  const app = await holdAppRow(tx, appId);
  assertKnown(app);
  assertMay(actor, 'app.revise', { organizationId: app.organizationId });
  if (app.offboardedAt !== null || app.organization.offboardedAt !== null)
    throw new RegistryRefusal('state_conflict');
  return app;
}

/** All that stands between a revision and a review, of the revision and of what the app is bound to. */
export async function submissionFaults(
  deps: RegistryDeps,
  app: AppRow,
  revision: Revision,
  db?: Db,
): Promise<readonly Fault[]> {
  const facts = await factsOf(deps, app, revision, db);
  const agreed = app.contract && (await findContractRow(db ?? deps.store.prisma, app.contract.id));
  return [
    ...revisionFaults(revision, facts),
    ...openFaults(revision, facts),
    ...bindingFaults(app, facts.now),
    ...beyondContract(revision, agreed?.limits ?? null),
  ];
}

/** No path to PHI without a name on it: an owner, a backup, and a contract of an admitted organization. */
function bindingFaults({ owner, backupOwner, contract, organization }: AppRow, now: Date): Fault[] {
  const works = (person: AppRow['owner']) => person !== null && worksAt(now, person);
  const findings: readonly (Fault | false)[] = [
    organization.admittedAt === null && { field: 'organizationId', code: 'organization_not_admitted' },
    !works(owner) && { field: 'ownerId', code: 'required' },
    !works(backupOwner) && { field: 'backupOwnerId', code: 'required' },
    works(owner) && owner?.id === backupOwner?.id && { field: 'backupOwnerId', code: 'person_twice' },
    (contract === null || contract.endsAt <= now) && { field: 'contractId', code: 'required' },
  ];
  return findings.filter((finding) => finding !== false);
}
