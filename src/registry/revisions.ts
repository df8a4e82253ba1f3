// A revision read, judged and written: what creating and changing an app share.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../policy/faults.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import type { Revision } from '../policy/revision.ts';
import { insertRevision, type KeptRevision } from '../store/app-revisions.ts';
import type { Store, Transaction } from '../store/database.ts';
import { findNamed, hasLiveKeys } from '../store/revision-facts.ts';
import { record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { type OrganizationFacts, type RevisionFacts, revisionFaults } from './revision-faults.ts';
import { readRevision } from './revision-input.ts';

/** The app that a revision is for; `id` null: it is not there yet. */
export interface RevisedApp {
  readonly id: string | null;
  readonly environment: string;
  readonly organization: OrganizationFacts;
}

export async function revisionFacts(
  { store, settings }: RegistryDeps,
  db: Transaction | Store['prisma'],
  app: RevisedApp,
  named: Partial<Revision>,
): Promise<RevisionFacts> {
  const now = new Date();
  return {
    ...(await findNamed(db, app.environment, named)),
    ...{ now, environment: app.environment, organization: app.organization },
    ...{ operatorName: settings.operatorName, operatorCountry: settings.operatorCountry },
    hasKeys: app.id !== null && (await hasLiveKeys(db, app.id, now)),
  };
}
