// In which time zone a patient reads times: the one that she chose in this browser; UTC until then, and said so.
import type { Context } from 'koa';

const ZONES = {
  utc: 'UTC',
  eastern: 'America/New_York',
  central: 'America/Chicago',
  mountain: 'America/Denver',
  arizona: 'America/Phoenix',
  pacific: 'America/Los_Angeles',
  alaska: 'America/Anchorage',
  hawaii: 'Pacific/Honolulu',
  'puerto-rico': 'America/Puerto_Rico',
} as const;

/** Its words are `zone.<id>`. */
export type ZoneId = keyof typeof ZONES;
export const zoneIds = Object.keys(ZONES) as readonly ZoneId[];
export const zoneName = (id: ZoneId): string => ZONES[id];

const COOKIE = 'postern-zone';

const known = (value: unknown): ZoneId | undefined => zoneIds.find((id) => id === value);

/** What she chooses with `?zone=` is kept for the next pages. */
export function zoneOf(ctx: Context): ZoneId {
  const chosen = known(ctx.query.zone);
  if (chosen !== undefined) {
    ctx.cookies.secure = ctx.secure;
    ctx.cookies.set(COOKIE, chosen, { httpOnly: true, sameSite: 'lax', path: '/my', signed: false });
    return chosen;
  }
  return known(ctx.cookies.get(COOKIE, { signed: false })) ?? 'utc';
}

/** How far the zone's clock is ahead at that instant. */
function offsetMs(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const shown = [part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')];
  return Date.UTC(...(shown as [number, number])) - Math.floor(at.getTime() / 1_000) * 1_000;
}

/** When the first day of a month begins there; months are counted from 0, and 12 is the January after. */
function startOfMonth(zone: string, year: number, month: number): Date {
  const local = Date.UTC(year, month, 1);
  const near = new Date(local - offsetMs(zone, new Date(local)));
  return new Date(local - offsetMs(zone, near));
}

const MONTH = /^(20\d\d)-(0[1-9]|1[0-2])$/;

/** `2026-11`, from its first instant to the first of the next; undefined: that is no month. */
export function monthRange(
  id: ZoneId,
  month: string,
): { readonly from: Date; readonly to: Date } | undefined {
  const [, year, number] = MONTH.exec(month) ?? [];
  if (year === undefined || number === undefined) return undefined;
  const at = (later: number) => startOfMonth(ZONES[id], Number(year), Number(number) - 1 + later);
  return { from: at(0), to: at(1) };
}

const MOST_MONTHS = 120;

/** `2026-11`, `2026-10` ... down to that of an instant. */
export function monthsSince(first: Date, now: Date): string[] {
  const count = (at: Date) => at.getUTCFullYear() * 12 + at.getUTCMonth();
  const length = Math.min(MOST_MONTHS, Math.max(1, count(now) - count(first) + 1));
  return Array.from({ length }, (_, back) => {
    const month = count(now) - back;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
}
