import { SESSION_S } from '../provider/sessions.ts';
import type { DurationId } from './consent-view.ts';

export interface Duration {
  readonly id: DurationId;
  readonly endsAt: Date;
}

const DAY_MS = 86_400_000;

/** How long a patient can agree for: never longer than the app declared to need, and never past its contract or use case. */
export function offeredDurations(facts: {
  readonly offline: boolean;
  readonly maxConsentDays: number;
  /** null: a sandbox app may have no contract. */
  readonly contractEndsAt: Date | null;
  readonly useCaseEndsAt?: Date | null;
  readonly now: Date;
}): readonly Duration[] {
  const endsAt = (ms: number) => new Date(facts.now.getTime() + ms);
  const longer = ([30, 90, 365] as const)
    .filter((days) => facts.offline && days <= facts.maxConsentDays)
    .map((days) => ({ id: String(days) as DurationId, endsAt: endsAt(days * DAY_MS) }))
    .filter(
      (duration) => lasts(facts.contractEndsAt, duration) && lasts(facts.useCaseEndsAt ?? null, duration),
    );
  // "One time" lives as long as a session may.
  return [{ id: 'once', endsAt: endsAt(SESSION_S * 1_000) }, ...longer];
}

const lasts = (end: Date | null, { endsAt }: Duration) => end === null || endsAt <= end;

/** 90 days serve an app that comes back (ONC (g)(10): three months); less where less is offered. */
export function defaultDuration(offered: readonly Duration[]): DurationId {
  return offered.findLast(({ id }) => id !== '365')?.id ?? 'once';
}
