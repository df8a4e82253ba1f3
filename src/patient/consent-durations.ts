import { daysAfter } from '../policy/days.ts';
import { earliest } from '../policy/representation.ts';
import { foreseenEnd } from '../policy/standing.ts';
import { SESSION_S } from '../provider/sessions.ts';
import type { DurationId } from './consent-view.ts';

export interface Duration {
  readonly id: DurationId;
  readonly endsAt: Date;
}

/** How long a patient can agree for: never longer than the app declared to need, and never past its contract or use case. */
export function offeredDurations(facts: {
  readonly offline: boolean;
  readonly maxConsentDays: number;
  readonly contractEndsAt: Date | null;
  readonly useCaseEndsAt: Date | null;
  /** When who decides for another may no longer, or only in other ways; null: she decides for herself, or nobody knows. */
  readonly representationEndsAt?: Date | null;
  readonly now: Date;
}): readonly Duration[] {
  const { now, representationEndsAt = null } = facts;
  const end = earliest([foreseenEnd(facts), representationEndsAt]);
  const longer = ([30, 90, 365] as const)
    .filter((days) => facts.offline && days <= facts.maxConsentDays)
    .map((days) => ({ id: String(days) as DurationId, endsAt: daysAfter(now, days) }))
    .filter(({ endsAt }) => end === null || endsAt <= end);
  // "One time" lives as long as a session may.
  const session = new Date(now.getTime() + SESSION_S * 1_000);
  return [{ id: 'once', endsAt: earliest([session, representationEndsAt]) ?? session }, ...longer];
}

/** 90 days serve an app that comes back (ONC (g)(10): three months); less where less is offered. */
export function defaultDuration(offered: readonly Duration[]): DurationId {
  return offered.findLast(({ id }) => id !== '365')?.id ?? 'once';
}
