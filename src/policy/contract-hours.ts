// When the apps under a contract may act: windows of a week, as clocks of one place show it.

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From `08:00` to `18:00`; a window that ends before it begins goes over midnight, into the day after. */
export interface ContractWindow {
  /** On which it begins. */
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
}

export interface ContractHours {
  /** IANA, `America/New_York`. */
  readonly timeZone: string;
  readonly windows: readonly ContractWindow[];
}

/** Whether an instant is in one of the windows: with their first minute, without their last. */
export function isWithinWindows(at: Date, hours: ContractHours | null): boolean {
  if (hours === null) return true;
  const { day, time } = placeInWeek(at, hours.timeZone);
  return hours.windows.some(({ days, from, to }) => {
    const begun = days.includes(day) && from <= time;
    if (from < to) return begun && time < to;
    return begun || (days.includes(dayBefore(day)) && time < to);
  });
}

const dayBefore = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const form = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', form);
  clocks.set(timeZone, clock);
  return clock;
}

export function placeInWeek(at: Date, timeZone: string): { readonly day: Weekday; readonly time: string } {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const name = parts.get('weekday')?.toLowerCase();
  const day = WEEKDAYS.find((one) => one === name) ?? 'mon';
  return { day, time: `${parts.get('hour')}:${parts.get('minute')}` };
}

/** `US/Eastern` is `America/New_York`. */
const isSameZone = (one: string, other: string): boolean =>
  one === other || clockOf(one).resolvedOptions().timeZone === clockOf(other).resolvedOptions().timeZone;

/** Whether every minute of one is a minute of the other; clocks of different places are not compared. */
export function hoursCover(wide: ContractHours | null, narrow: ContractHours | null): boolean {
  if (wide === null) return true;
  const open = minutesOf(wide);
  // The whole week is that by whatever clocks.
  if (open.size === 7 * DAY_MIN) return true;
  if (narrow === null || !isSameZone(wide.timeZone, narrow.timeZone)) return false;
  return [...minutesOf(narrow)].every((minute) => open.has(minute));
}

export const DAY_MIN = 24 * 60;

/** Of the week, from Monday 00:00. */
function minutesOf({ windows }: ContractHours): ReadonlySet<number> {
  const minutes = new Set<number>();
  for (const { days, from, to } of windows) {
    const [first, last] = [minuteOf(from), minuteOf(to)];
    const length = (last - first + DAY_MIN) % DAY_MIN || DAY_MIN;
    for (const day of days)
      for (let at = 0; at < length; at += 1)
        minutes.add((WEEKDAYS.indexOf(day) * DAY_MIN + first + at) % (7 * DAY_MIN));
  }
  return minutes;
}

export function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
