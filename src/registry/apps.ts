import { randomUUID } from 'node:crypto';
import type { Fault } from '../policy/faults.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { findAppRow, holdAppRow, insertApp, putInForce } from '../store/app-records.ts';
import { insertRevision, listRevisionRows } from '../store/app-revisions.ts';
import type { Transaction } from '../store/database.ts';
import { isSubmitted } from '../store/submissions.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { refuseFaults } from './input.ts';
import { bind } from './new-app.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';
import { readRevision } from './revision-input.ts';
import { judge, saysTheSame } from './revisions.ts';

export interface Saved {
  readonly appId: string;
  readonly revisionId: string;
  readonly number: number;
  /** What still stands between this revision and a review. */
  readonly faults: readonly Fault[];
}

/** What a registration (RFC 7591) adds in the same transaction: nothing is kept when it throws. */
export interface Besides {
  readonly registrationTokenHash?: string;
  readonly also?: (tx: Transaction, appId: string) => Promise<void>;
}

/** `input` is a NewApp (new-app.ts), not yet read. Faults of its revision are under `revision.`. */
export async function createApp(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
  { registrationTokenHash, also }: Besides = {},
): Promise<Saved> {
  const { environment, organization, ownerId, backupOwnerId, contractId, ...rest } = await bind(
    deps,
    actor,
    input,
  );
  const within = (fault: Fault) => ({
    ...fault,
    field: fault.field === '' ? 'revision' : `revision.${fault.field}`,
  });
  if (environment === undefined || organization === undefined) {
    const { faults } = readRevision(rest.revision);
    throw new RegistryRefusal('input_invalid', [...rest.faults, ...faults.map(within)]);
  }
  const { revision, faults, open } = await judge(
    deps,
    { id: null, environment, organization, reviewedAt: null },
    rest.revision,
  );
  refuseFaults([...rest.faults, ...faults.map(within)]);
  const [appId, revisionId, now] = [randomUUID(), randomUUID(), new Date()];
  const about = { appId, organizationId: organization.id };
  await deps.store.prisma.$transaction(async (tx) => {
    await insertApp(tx, {
      ...{ id: appId, organizationId: organization.id, environment, ownerId, backupOwnerId, contractId },
      ...{ registeredThrough: actor.via, registrationTokenHash, createdAt: now },
    });
    await insertRevision(
      tx,
      { id: revisionId, appId, number: 1, createdAt: now, createdBy: authorOf(actor) },
      revision,
    );
    await putInForce(tx, appId, revisionId);
    await record(tx, actor, { type: 'app.registered', ...about, detail: { environment } });
    await also?.(tx, appId);
    await announce(tx, { type: 'app.registered', ...about, values: { environment } });
  });
  return { appId, revisionId, number: 1, faults: open };
}

/**
 * `input` is a RevisionInput, not yet read: a whole revision, never a patch. In the sandbox, and before the first approval,
 * it is in force at once; later the one in force stays as it is.
 */
export async function saveRevision(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
  { also }: Pick<Besides, 'also'> = {},
): Promise<Saved> {
  const { prisma } = deps.store;
  const seen = await findAppRow(prisma, appId);
  assertKnown(seen);
  assertMay(actor, 'app.revise', { organizationId: seen.organizationId });
  const [before] = await listRevisionRows(prisma, appId, { limit: 1 });
  const { revision, faults, open } = await judge(deps, seen, input, before);
  refuseFaults(faults);
  return prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    assertKnown(app);
    // It may have gone to another organization while its keys were fetched.
    assertMay(actor, 'app.revise', { organizationId: app.organizationId });
    if (app.offboardedAt !== null || app.organization.offboardedAt !== null)
      throw new RegistryRefusal('state_conflict');
    const [newest] = await listRevisionRows(tx, appId, { limit: 1 });
    if (newest !== undefined && saysTheSame(newest, revision) && !(await isSubmitted(tx, newest.id))) {
      await also?.(tx, appId);
      return { appId, revisionId: newest.id, number: newest.number, faults: open };
    }
    const [id, number] = [randomUUID(), (newest?.number ?? 0) + 1];
    await insertRevision(
      tx,
      { id, appId, number, createdAt: new Date(), createdBy: authorOf(actor) },
      revision,
    );
    if (app.environment === 'sandbox' || app.reviewedAt === null) await putInForce(tx, appId, id);
    const detail = { revisionId: id, number };
    await record(tx, actor, { type: 'revision.saved', appId, organizationId: app.organizationId, detail });
    await also?.(tx, appId);
    return { appId, revisionId: id, number, faults: open };
  });
}
