import type { Rule } from './rules.ts';

/** What decides whether a person may act for her organization now. Instants; null = it has not happened. */
export interface EmploymentFacts {
  readonly leftAt: Date | null;
  readonly organizationSuspendedAt: Date | null;
  readonly organizationOffboardedAt: Date | null;
}

/** Held to at sign-in and at every request after it. */
export const employment: readonly Rule<EmploymentFacts & { readonly now: Date }>[] = [
  ['person_left', (p) => p.leftAt === null || p.now < p.leftAt],
  ['organization_offboarded', (p) => p.organizationOffboardedAt === null],
  ['organization_suspended', (p) => p.organizationSuspendedAt === null],
];
