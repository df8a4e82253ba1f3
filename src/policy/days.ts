const DAY_MS = 86_400_000;

export const daysAfter = (instant: Date, days: number): Date => new Date(instant.getTime() + days * DAY_MS);

export const daysBefore = (instant: Date, days: number): Date => daysAfter(instant, -days);

/** From one instant to a later one, parts of a day included. */
export const daysBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / DAY_MS;

/** For texts: the day without the time, `2027-01-31`, as UTC counts days. */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** The instant at which that day is over. */
export const endOfDay = (day: string): Date => daysAfter(new Date(`${day}T00:00:00Z`), 1);
