import type { EmploymentFacts } from '../policy/employment.ts';
import { isOversight, roles } from '../policy/permissions.ts';
import type { Organization, Patient, Person, PersonRole, StaffProvider } from './generated/client.ts';

/** Whose a passkey or an invitation is: a patient's, or that of a person who works for an organization. */
export type Holder = { readonly patientId: string } | { readonly personId: string };

export interface KnownHolder {
  readonly holder: Holder;
  readonly name: string;
  readonly userHandle: string;
  /** null: a patient. */
  readonly employment:
    | (EmploymentFacts & {
        readonly organizationId: string;
        /** Her organization wants her to come by its OpenID provider: a passkey alone does not sign her in. */
        readonly providerRequired: boolean;
      })
    | null;
}

const required = { where: { endedAt: null, required: true }, take: 1 } as const;
export const withHolder = {
  patient: true,
  person: {
    include: {
      organization: { include: { staffProviders: required } },
      roles: { where: { endedAt: null } },
    },
  },
} as const;

interface Held {
  readonly patient: Patient | null;
  readonly person:
    | (Person & {
        readonly organization: Organization & { readonly staffProviders: readonly StaffProvider[] };
        readonly roles: readonly PersonRole[];
      })
    | null;
}

export function holderOf({ patient, person }: Held): KnownHolder {
  if (patient !== null) {
    const { id: patientId, name, userHandle } = patient;
    return { holder: { patientId }, name, userHandle, employment: null };
  }
  // The database holds that it is one of the two.
  const known = person as NonNullable<typeof person>;
  const { id: personId, name, userHandle, leftAt, organization } = known;
  const employment = {
    ...{ leftAt, organizationId: organization.id, providerRequired: isProviderRequired(known) },
    organizationSuspendedAt: organization.suspendedAt,
    organizationOffboardedAt: organization.offboardedAt,
  };
  return { holder: { personId }, name, userHandle, employment };
}

/** Never for an operator, who must get in when the provider is gone, nor for whom it does not speak. */
function isProviderRequired({ organization, roles: held }: NonNullable<Held['person']>): boolean {
  const [provider] = organization.staffProviders;
  if (provider === undefined) return false;
  const names = roles.filter((role) => held.some((one) => one.role === role));
  return !names.includes('operator') && (provider.coversOversight || !names.some(isOversight));
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
