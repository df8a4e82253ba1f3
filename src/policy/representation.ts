import { type AgeRules, birthdayBegins, hidesConfidential, nextAgeLimit } from './birthdays.ts';

/** Who may act for whom, as far as time decides it. `startsAt` null: there is no such representation. */
export interface RepresentationFacts {
  readonly startsAt: Date | null;
  /** null: without a set end. */
  readonly endsAt: Date | null;
  readonly endedAt: Date | null;
}

export function representationStands(facts: RepresentationFacts, now: Date): boolean {
  const { startsAt, endsAt, endedAt } = facts;
  return startsAt !== null && startsAt <= now && endedAt === null && (endsAt === null || now < endsAt);
}

export const RELATIONSHIPS = ['parent', 'guardian', 'caregiver'] as const;

/** Because she is under age, because a court said so, or because she, of age, named them herself. */
export const BASES = ['minority', 'court_order', 'named'] as const;
export type Basis = (typeof BASES)[number];

/** A representation with what it rests on. */
export interface RepresentationTerms extends RepresentationFacts {
  readonly basis: string;
  /** At most these SMART scopes; null: whatever the patient could share. */
  readonly scope: string | null;
  /** Of the patient, `2017-06-05`; null: not known. */
  readonly birthDate: string | null;
}

/** What holds for a decision that somebody takes for another. */
export interface RepresentationLimit {
  /** At most these SMART scopes; null: whatever the patient could share. */
  readonly scope: string | null;
  /** What is confidential is hers alone: it is not offered. */
  readonly hidesConfidential: boolean;
  /** A decision never outlives it: the end of the representation, or the birthday on which the rules change. */
  readonly endsAt: Date | null;
}

/** When it ends by itself: on its set day, or with her minority if it rests on nothing else. */
export function endOfRepresentation(terms: RepresentationTerms, rules: AgeRules): Date | null {
  const { basis, birthDate, startsAt, endsAt } = terms;
  if (basis === 'court_order' || birthDate === null) return endsAt;
  const majority = birthdayBegins(birthDate, rules.majorityAge);
  // Whom she named before she was of age, a minor named.
  const isHers = basis === 'named' && startsAt !== null && startsAt >= majority;
  return isHers ? endsAt : earliest([endsAt, majority]);
}

/** Whether it stands with what her age makes of it. */
export const standsAtHerAge = (terms: RepresentationTerms, rules: AgeRules, now: Date): boolean =>
  representationStands({ ...terms, endsAt: endOfRepresentation(terms, rules) }, now);

export function representationLimit(
  terms: RepresentationTerms,
  rules: AgeRules,
  now: Date,
): RepresentationLimit {
  const { scope, birthDate } = terms;
  return {
    scope,
    hidesConfidential: hidesConfidential(birthDate, rules, now),
    endsAt: earliest([endOfRepresentation(terms, rules), nextAgeLimit(birthDate, rules, now)]),
  };
}

export function earliest(instants: readonly (Date | null)[]): Date | null {
  const set = instants.flatMap((instant) => instant?.getTime() ?? []);
  return set.length === 0 ? null : new Date(Math.min(...set));
}

/** Whether the represented person may end it herself: what a court ordered only the operator ends. */
export const mayEndOwn = (basis: string, isOfAge: boolean | null): boolean =>
  basis === 'named' || (basis === 'minority' && isOfAge === true);
