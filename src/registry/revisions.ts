// A revision read, judged and written: what creating an app and changing it share.
import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../policy/faults.ts';
import type { Revision } from '../policy/revision.ts';
import type { KeptRevision } from '../store/app-revisions.ts';
import type { Db } from '../store/database.ts';
import { findNamed, hasLiveKeys } from '../store/revision-facts.ts';
import type { RegistryDeps } from './deps.ts';
import { type OrganizationFacts, openFaults, type RevisionFacts, revisionFaults } from './revision-faults.ts';
import { readRevision } from './revision-input.ts';

/** What a revision is for; `id` null: an app that is not there yet. */
export interface RevisedApp {
  readonly id: string | null;
  readonly environment: string;
  readonly organization: OrganizationFacts;
  /** Approved, what is saved is not in force yet: the revision in force goes on with its keys. */
  readonly reviewedAt: Date | null;
}

export async function factsOf(
  { store: { prisma }, settings }: RegistryDeps,
  { id, environment, organization, reviewedAt }: RevisedApp,
  named: Partial<Revision>,
  db: Db = prisma,
): Promise<RevisionFacts> {
  const now = new Date();
  return {
    ...(await findNamed(db, environment, named)),
    ...{ now, environment, organization },
    ...{ operatorName: settings.operatorName, operatorCountry: settings.operatorCountry },
    hasKeys: id !== null && reviewedAt === null && (await hasLiveKeys(db, id, now)),
  };
}

export interface Judged {
  /** Whole where there are no faults. */
  readonly revision: Revision;
  readonly faults: readonly Fault[];
  /** What stands between it and a review, once it has no faults. */
  readonly open: readonly Fault[];
}

/** All that is wrong with what was handed in; `before`: the newest revision, if any. */
export async function judge(
  deps: RegistryDeps,
  app: RevisedApp,
  input: unknown,
  before?: Revision,
): Promise<Judged> {
  const { given, faults: unread } = readRevision(input);
  const facts = await factsOf(deps, app, given);
  const faults = [...unread, ...revisionFaults(given, facts)];
  const { jwksUri } = given;
  if (
    typeof jwksUri === 'string' &&
    jwksUri !== before?.jwksUri &&
    !faults.some(({ field }) => field === 'jwksUri')
  ) {
    faults.push(...(await publishedKeyFaults(deps, jwksUri)));
  }
  const revision = given as Revision;
  return { revision, faults, open: faults.length > 0 ? [] : openFaults(revision, facts) };
}

/** Keys that we cannot fetch safely are not registered. */
async function publishedKeyFaults({ fetch }: RegistryDeps, jwksUri: string): Promise<Fault[]> {
  const fetched = await fetch(jwksUri);
  const why = 'fault' in fetched ? fetched.fault : isKeySet(fetched.answer) ? undefined : 'no_key_set';
  return why === undefined ? [] : [{ field: 'jwksUri', code: 'keys_unreadable', value: why }];
}

function isKeySet({ status, text }: { readonly status: number; readonly text: string }): boolean {
  try {
    const set: unknown = JSON.parse(text);
    return (
      status === 200 && typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys)
    );
  } catch {
    return false;
  }
}

/** The words of a revision, without when and by whom; subprocessors have no order. */
export function wordsOf(revision: Revision | KeptRevision): Revision {
  const {
    id: _,
    appId,
    number,
    createdAt,
    createdBy,
    nameSkeleton,
    endsAt,
    ...words
  } = revision as KeptRevision;
  const key = (one: Revision['subprocessors'][number]) => `${one.organizationId} ${one.service}`;
  const subprocessors = words.subprocessors.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return { ...words, subprocessors };
}

export const saysTheSame = (a: Revision, b: Revision): boolean => isDeepStrictEqual(wordsOf(a), wordsOf(b));
