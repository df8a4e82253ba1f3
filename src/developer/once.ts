import type { Context } from 'koa';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import type { DeveloperDeps } from './deps.ts';

interface Shown {
  /** `developer-once.<key>.title` and `.lead`. */
  readonly key: 'token' | 'webhook' | 'invitation' | 'provider' | 'scim';
  readonly text: string;
  readonly next: string;
  readonly endsAt?: Date;
  readonly names?: Readonly<Record<string, string>>;
}

/** The answer to the form that made it, so that it is in no address and shown this once. */
export function showOnce(
  { pages }: DeveloperDeps,
  ctx: Context,
  { key, text, next, endsAt, names }: Shown,
): void {
  const t = pages.translate(ctx);
  renderStaff(ctx, 'developer-once', {
    ...{ text, next, title: t(`developer-once.${key}.title`, names) },
    lead: t(`developer-once.${key}.lead`, names),
    ends: endsAt && t('developer-secret.ends', { day: longDate(endsAt, pages.localeOf(ctx)) }),
  });
}
