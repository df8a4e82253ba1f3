// Who answers for a server or an EHR: an organization, and a person who works for it.
import { worksAt } from '../policy/employment.ts';
import type { Fault } from '../policy/faults.ts';
import type { Transaction } from '../store/database.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import { findPersonRow } from '../store/people.ts';

interface Answerable {
  readonly organizationId: string | null;
  readonly ownerId: string | null;
}

export async function answerableFaults(
  tx: Transaction,
  { organizationId, ownerId }: Answerable,
): Promise<readonly Fault[]> {
  const organization = organizationId === null ? null : await findOrganizationRow(tx, organizationId);
  const owner = ownerId === null ? null : await findPersonRow(tx, ownerId);
  const works = owner !== null && worksAt(new Date(), owner);
  const faults: readonly (Fault | false)[] = [
    organizationId !== null &&
      organization?.offboardedAt !== null && {
        field: 'organizationId',
        code: 'organization_unknown',
        value: organizationId,
      },
    ownerId !== null &&
      !(works && (organizationId === null || owner.organizationId === organizationId)) && {
        field: 'ownerId',
        code: 'person_unknown',
        value: ownerId,
      },
  ];
  return faults.filter((fault) => fault !== false);
}
