import type { Account } from '../store/accounts.ts';
import { representedPeople } from '../store/represented-people.ts';
import { PageError } from '../web/page-error.ts';
import type { PatientDeps } from './deps.ts';

/** Whose history or receipt a page shows. */
export interface WhoseRecord {
  readonly patientId: string;
  /** Null: the signed-in person's own. */
  readonly name: string | null;
  /** Only what this person decided is hers to see; undefined: all of it. */
  readonly decidedBy: string | undefined;
  /** Before the path of a page about it. */
  readonly base: string;
}

/**
 * Her own record, or that of somebody whom she may act for now: nobody else's. Where the right is limited, or the age of
 * that patient keeps something from her, she sees what she decided herself.
 */
export async function whoseRecord(
  { store, ageRules }: PatientDeps,
  person: Account,
  patientId: string | undefined,
): Promise<WhoseRecord> {
  if (patientId === undefined) {
    return { patientId: person.id, name: null, decidedBy: undefined, base: '/my' };
  }
  const people = await representedPeople(store, person.id, ageRules);
  const meant = people.find((one) => one.patientId === patientId);
  if (meant === undefined) throw new PageError(404, 'not-found');
  const seesAll = meant.limits.some(({ scope, hidesConfidential }) => scope === null && !hidesConfidential);
  return {
    ...{ patientId, name: meant.name, decidedBy: seesAll ? undefined : person.id },
    base: `/my/patients/${encodeURIComponent(patientId)}`,
  };
}
