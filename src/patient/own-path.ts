const NOWHERE = 'http://nowhere.invalid';

/** A path of her own pages that a person may be sent on to; whatever else was asked for, `/my`. */
export function ownPath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > 2_000 || !URL.canParse(asked, NOWHERE)) return '/my';
  const { origin, pathname, search } = new URL(asked, NOWHERE);
  const own = pathname === '/my' || pathname.startsWith('/my/');
  return origin === NOWHERE && own && !pathname.startsWith('/my/verify') ? `${pathname}${search}` : '/my';
}

/** Where she shows her passkey before she comes to `next`, which is read by a GET. */
export const verifyUrl = (next: unknown): string =>
  `/my/verify?${new URLSearchParams({ next: ownPath(next) })}`;
