import type { Rule } from './rules.ts';

/** What decides whether a person may act for her organization now. Instants; null = it has not happened. */
export interface EmploymentFacts {
  readonly leftAt: Date | null;
  readonly organizationSuspendedAt: Date | null;
  readonly organizationOffboardedAt: Date | null;
}

/** Whether a person still works there: until the instant at which she leaves. */
export const worksAt = (now: Date, { leftAt }: Pick<EmploymentFacts, 'leftAt'>): boolean =>
  leftAt === null || now < leftAt;

/** Held to at sign-in and at every request after it. */
export const employment: readonly Rule<EmploymentFacts & { readonly now: Date }>[] = [
  ['person_left', (p) => worksAt(p.now, p)],
  ['organization_offboarded', (p) => p.organizationOffboardedAt === null],
  ['organization_suspended', (p) => p.organizationSuspendedAt === null],
];
