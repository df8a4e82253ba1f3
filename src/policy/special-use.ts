import { endOfDay } from './days.ts';
import type { Fault } from './faults.ts';
import { coversPurpose } from './purpose-of-use.ts';
import type { UseCase } from './use-case.ts';

/** Uses that carry a legal review, an answer on minimization and a hard end. */
export type SpecialUse = 'research' | 'data_broker' | 'cross_border';

const SPECIAL_YEARS_MAX = 2;

export interface UseFacts {
  readonly purposes: readonly string[];
  readonly basis: UseCase['basis'];
  readonly organizationKind: string;
  /** Of the organization, of its subprocessors and of where data is kept. */
  readonly countries: readonly string[];
  readonly operatorCountry: string;
}

export function specialUses(facts: UseFacts): SpecialUse[] {
  const { purposes, basis, organizationKind, countries, operatorCountry } = facts;
  const research = basis === 'research_protocol' || purposes.some((code) => coversPurpose('HRESCH', code));
  const uses: readonly (SpecialUse | false)[] = [
    research && 'research',
    organizationKind === 'data_broker' && 'data_broker',
    countries.some((country) => jurisdictionOf(country) !== jurisdictionOf(operatorCountry)) &&
      'cross_border',
  ];
  return uses.filter((use) => use !== false);
}

/** Territories with an ISO code of their own in which the law of the United States holds. */
const jurisdictionOf = (country: string) =>
  ['AS', 'GU', 'MP', 'PR', 'UM', 'VI'].includes(country) ? 'US' : country;

export function specialUseFaults(useCase: UseCase, uses: readonly SpecialUse[], now: Date): Fault[] {
  if (uses.length === 0) return [];
  const { legalReview, minimization, endsAt } = useCase;
  const value = uses.join(' ');
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + SPECIAL_YEARS_MAX);
  const findings: readonly (Fault | false)[] = [
    legalReview === null && { field: 'useCase.legalReview', code: 'legal_review_required', value },
    minimization === null && { field: 'useCase.minimization', code: 'minimization_required', value },
    endsAt === null && { field: 'useCase.endsAt', code: 'end_required', value },
    endsAt !== null &&
      Date.parse(endsAt) > latest.getTime() && {
        field: 'useCase.endsAt',
        code: 'end_too_late',
        value: endsAt,
      },
  ];
  return findings.filter((finding) => finding !== false);
}

/** A use that is over already gives no access; a review that has not happened is none. */
export function dayFaults({ endsAt, legalReview }: UseCase, now: Date): Fault[] {
  const reviewedAt = legalReview?.reviewedAt;
  const findings: readonly (Fault | false)[] = [
    endsAt !== null &&
      endOfDay(endsAt) <= now && { field: 'useCase.endsAt', code: 'date_past', value: endsAt },
    reviewedAt !== undefined &&
      Date.parse(reviewedAt) > now.getTime() && {
        field: 'useCase.legalReview.reviewedAt',
        code: 'date_future',
        value: reviewedAt,
      },
  ];
  return findings.filter((finding) => finding !== false);
}
