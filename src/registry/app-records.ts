import type { Reason } from '../errors.ts';
import type { Environment } from '../policy/environments.ts';
import type { Fault } from '../policy/faults.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import { decide } from '../policy/rules.ts';
import { type Platform, standing } from '../policy/standing.ts';
import { type AppFilter, type AppListed, listAppRows } from '../store/app-lists.ts';
import { type AppRow, findAppRow } from '../store/app-records.ts';
import { findRevision, type KeptRevision, listRevisionRows } from '../store/app-revisions.ts';
import { findApp } from '../store/apps.ts';
import type { Page, Paging } from '../store/paging.ts';
import { listPlatformHolds, type PlatformHold } from '../store/restrictions.ts';
import { latestReview } from '../store/submissions.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, placeAfter } from './input.ts';
import { submissionFaults } from './submissions.ts';

export type { AppFilter, AppListed } from '../store/app-lists.ts';
export type { KeptRevision } from '../store/app-revisions.ts';

export interface AppRecord extends Omit<AppRow, 'environment'> {
  readonly environment: Environment;
  /** Why it may not act now, or null: it may. */
  readonly standing: Reason | null;
  /** Since when nothing new is issued to it, as the doors have it; null: it is not in quarantine. */
  readonly quarantinedAt: Date | null;
  /** When the last of its credentials ends, or ended; undefined: it needs none that is registered here. */
  readonly credentialEndsAt: Date | null | undefined;
  /** Scopes that a recorded change stops. */
  readonly stoppedScopes: readonly string[];
  /** Who acts for it; null: it acts for itself. */
  readonly platform: ActingPlatform | null;
  /** The revision in force; null: none was approved yet. */
  readonly live: KeptRevision | null;
  readonly newest: KeptRevision;
  /** What stands between the newest revision and a review. */
  readonly faults: readonly Fault[];
  /** The latest submission. */
  readonly review: LatestReview | null;
}

export interface ActingPlatform {
  readonly id: string;
  readonly name: string;
  readonly organizationName: string;
  /** What of it holds for the app, too. */
  readonly holds: readonly PlatformHold[];
}

export interface LatestReview {
  readonly id: string;
  readonly revisionId: string;
  readonly submittedAt: Date;
  readonly approvalsNeeded: number;
  readonly closedAt: Date | null;
  /** `approved`, `refused`, `changes_asked`, `withdrawn` or `superseded`. */
  readonly outcome: string | null;
  /** What the reviewer wrote last. */
  readonly reason: string | null;
}

/** An app of another organization is not there. */
export async function readableApp(deps: RegistryDeps, actor: Actor, appId: string): Promise<AppRow> {
  const app = await findAppRow(deps.store.prisma, appId);
  assertKnown(app);
  assertMay(actor, 'app.read', { organizationId: app.organizationId });
  return app;
}

export async function findAppFor(deps: RegistryDeps, actor: Actor, appId: string): Promise<AppRecord> {
  const { store } = deps;
  const app = await readableApp(deps, actor, appId);
  const [newest] = await listRevisionRows(store.prisma, appId, { limit: 1 });
  const acting = await findApp(store, appId);
  // An app and its first revision are written together.
  if (newest === undefined || acting === undefined) throw new Error(`the app ${appId} has no revision`);
  const approved = app.environment === 'sandbox' || app.reviewedAt !== null;
  const review = await latestReview(store.prisma, appId);
  return {
    ...app,
    environment: app.environment === 'sandbox' ? 'sandbox' : 'production',
    standing: decide(standing, acting) ?? null,
    quarantinedAt: acting.quarantinedAt,
    credentialEndsAt: acting.needsCredential ? acting.credentialEndsAt : undefined,
    stoppedScopes: acting.stoppedScopes,
    platform: acting.platform && (await platformOf(deps, acting.platform)),
    live: approved && app.revisionId !== null ? await findRevision(store.prisma, app.revisionId) : null,
    newest,
    faults: await submissionFaults(deps, app, newest),
    review: review === null ? null : latest(review),
  };
}

async function platformOf({ store }: RegistryDeps, { id, name, organizationName }: Platform) {
  return { id, name, organizationName, holds: await listPlatformHolds(store.prisma, id) };
}

function latest({ decisions: [decision], ...review }: NonNullable<Awaited<ReturnType<typeof latestReview>>>) {
  return { ...review, reason: decision?.reason ?? null };
}

/** Of the actor's organization, or of all where she oversees; in the order of their names. */
export async function listApps(
  deps: RegistryDeps,
  actor: Actor,
  { filter = {}, ...paging }: Paging & { readonly filter?: AppFilter },
): Promise<Page<AppListed>> {
  const organizationId = seesAll(actor) ? filter.organizationId : (actor.organizationId ?? '');
  assertMay(actor, 'app.read', organizationId === undefined ? {} : { organizationId });
  assertFindable(filter);
  return listAppRows(deps.store, { ...filter, organizationId }, placeAfter(paging, 2), paging);
}

/** The newest first. */
export async function listRevisions(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  { below, limit = 50 }: { readonly below?: number | undefined; readonly limit?: number | undefined } = {},
): Promise<readonly KeptRevision[]> {
  await readableApp(deps, actor, appId);
  return listRevisionRows(deps.store.prisma, appId, { below, limit: Math.min(200, Math.max(1, limit)) });
}

export async function findRevisionFor(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  revisionId: string,
): Promise<KeptRevision> {
  await readableApp(deps, actor, appId);
  const revision = await findRevision(deps.store.prisma, revisionId);
  assertKnown(revision?.appId === appId ? revision : null);
  return revision as KeptRevision;
}
