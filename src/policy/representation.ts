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
