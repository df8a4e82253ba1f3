import type { EmploymentFacts } from '../policy/employment.ts';
import type { Organization, Patient, Person } from './generated/client.ts';

/** Whose a passkey or an invitation is: a patient's, or that of a person who works for an organization. */
export type Holder = { readonly patientId: string } | { readonly personId: string };

export interface KnownHolder {
  readonly holder: Holder;
  readonly name: string;
  readonly userHandle: string;
  /** null: a patient. */
  readonly employment: (EmploymentFacts & { readonly organizationId: string }) | null;
}

export const withHolder = { patient: true, person: { include: { organization: true } } } as const;

interface Held {
  readonly patient: Patient | null;
  readonly person: (Person & { readonly organization: Organization }) | null;
}

export function holderOf({ patient, person }: Held): KnownHolder {
  if (patient !== null) {
    const { id: patientId, name, userHandle } = patient;
    return { holder: { patientId }, name, userHandle, employment: null };
  }
  // The database holds that it is one of the two.
  const { id: personId, name, userHandle, leftAt, organization } = person as NonNullable<typeof person>;
  const employment = {
    ...{ leftAt, organizationId: organization.id },
    organizationSuspendedAt: organization.suspendedAt,
    organizationOffboardedAt: organization.offboardedAt,
  };
  return { holder: { personId }, name, userHandle, employment };
}

/** The columns of a row that is the holder's. */
export const holderColumns = (holder: Holder) =>
  'patientId' in holder
    ? { patientId: holder.patientId, personId: null }
    : { patientId: null, personId: holder.personId };

/** Whom an audit event is about that a holder caused herself. */
export function aboutHolder({ holder, employment }: KnownHolder) {
  return 'patientId' in holder
    ? { patientId: holder.patientId }
    : { accountId: holder.personId, organizationId: employment?.organizationId };
}
