import { type EmploymentFacts, employment } from './employment.ts';
import { isOversight, type Role } from './permissions.ts';
import { decide } from './rules.ts';

/** What an organization registered of its OpenID provider. */
export interface StaffProviderTerms {
  readonly organizationId: string;
  /** Hosts of mail addresses. */
  readonly domains: readonly string[];
  /** What the id_token must say (OpenID Connect Core §2, RFC 8176); null: anything. */
  readonly acr: string | null;
  readonly amr: string | null;
  /** An operator registered it: an owner's speaks for owners and developers alone. */
  readonly coversOversight: boolean;
}

interface Colleague extends EmploymentFacts {
  readonly organizationId: string;
  readonly roles: readonly Role[];
}

export interface StaffIdentityFacts {
  readonly provider: StaffProviderTerms;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  /** Only one that the provider says it verified. */
  readonly email: string | undefined;
  /** Whom (issuer, sub) was bound to before. */
  readonly bound: Colleague | null;
  /** Who has that mail address, and whether another subject of the issuer is bound to her. */
  readonly named: Colleague | null;
  readonly namedIsBound: boolean;
  readonly now: Date;
}

export const domainOfAddress = (email: string): string =>
  email.slice(email.lastIndexOf('@') + 1).toLowerCase();

const works = ({ bound, named, now }: StaffIdentityFacts) => {
  const person = bound ?? named;
  return person !== null && decide(employment, { ...person, now }) === undefined;
};

// A mail address is believed once: it may be somebody else's next year (OpenID Connect Core §5.7).
const rules = [
  ['acr_missing', ({ provider, acr }) => provider.acr === null || provider.acr === acr],
  ['amr_missing', ({ provider, amr }) => provider.amr === null || amr.includes(provider.amr)],
  ['mail_unverified', ({ bound, email }) => bound !== null || email !== undefined],
  [
    'mail_of_another',
    ({ bound, email = '', provider }) => bound !== null || provider.domains.includes(domainOfAddress(email)),
  ],
  [
    'person_unknown',
    ({ bound, named, provider }) => (bound ?? named)?.organizationId === provider.organizationId,
  ],
  ['subject_of_another', ({ bound, namedIsBound }) => bound !== null || !namedIsBound],
  ['person_ended', works],
  [
    'oversight_not_covered',
    ({ bound, named, provider }) =>
      provider.coversOversight || !((bound ?? named)?.roles ?? []).some(isOversight),
  ],
] as const satisfies readonly (readonly [string, (facts: StaffIdentityFacts) => boolean])[];

export type StaffIdentityFault = (typeof rules)[number][0];

/** Why the answer of an organization's provider signs nobody in; undefined: it does. */
export const staffIdentityFault = (facts: StaffIdentityFacts): StaffIdentityFault | undefined =>
  rules.find(([, holds]) => !holds(facts))?.[0];
