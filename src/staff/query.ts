import type { Context } from 'koa';

/** A parameter that was given once; empty is as good as none. */
export function wordIn(ctx: Context, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 500) : undefined;
}

/** One of a fixed list; anything else is as good as none. */
export const choiceIn = <Choice extends string>(
  ctx: Context,
  name: string,
  choices: readonly Choice[],
): Choice | undefined => choices.find((choice) => choice === wordIn(ctx, name));

/** The links of a list that is read page by page, with its filters kept. */
export function pagerOf(ctx: Context, next: string | null) {
  const without = new URLSearchParams(ctx.querystring);
  without.delete('after');
  without.delete('done');
  const to = (query: URLSearchParams) => (query.size === 0 ? ctx.path : `${ctx.path}?${query}`);
  const onwards = new URLSearchParams(without);
  if (next !== null) onwards.set('after', next);
  return {
    firstUrl: wordIn(ctx, 'after') === undefined ? null : to(without),
    nextUrl: next === null ? null : to(onwards),
  };
}
