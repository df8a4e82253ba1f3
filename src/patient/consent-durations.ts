import type { DurationId } from './consent-view.ts';

export interface Duration {
  readonly id: DurationId;
  readonly endsAt: Date;
}

const HOUR_MS = 3_600_000;
/** "One time" lives as long as a session may. */
const ONCE_MS = 12 * HOUR_MS;

/** How long a patient can agree for: never longer than the app declared to need, and never past its contract. */
export function offeredDurations(facts: {
  readonly offline: boolean;
  readonly maxConsentDays: number;
  readonly contractEndsAt: Date | null;
  readonly now: Date;
}): readonly Duration[] {
  const endsAt = (ms: number) => new Date(facts.now.getTime() + ms);
  const longer = ([30, 90, 365] as const)
    .filter((days) => facts.offline && days <= facts.maxConsentDays)
    .map((days) => ({ id: String(days) as DurationId, endsAt: endsAt(days * 24 * HOUR_MS) }))
    .filter((duration) => facts.contractEndsAt !== null && duration.endsAt <= facts.contractEndsAt);
  return [{ id: 'once', endsAt: endsAt(ONCE_MS) }, ...longer];
}

/** 90 days serve an app that comes back (ONC (g)(10): three months); less where less is offered. */
export function defaultDuration(offered: readonly Duration[]): DurationId {
  return offered.findLast(({ id }) => id !== '365')?.id ?? 'once';
}
