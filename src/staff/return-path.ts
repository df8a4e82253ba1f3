import { areas } from './area.ts';

const NOWHERE = 'http://nowhere.invalid';

/** A path of the portal or the console that a person may be sent back to; whatever else was asked for, `/staff`. */
export function returnPath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > 2_000 || !URL.canParse(asked, NOWHERE)) return '/staff';
  const { origin, pathname, search } = new URL(asked, NOWHERE);
  const known = areas.some(({ home }) => pathname === home || pathname.startsWith(`${home}/`));
  return origin === NOWHERE && known ? `${pathname}${search}` : '/staff';
}
