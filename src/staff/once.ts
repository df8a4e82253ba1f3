import type { Context } from 'koa';
import { longDate } from '../web/dates.ts';
import type { StaffDeps } from './deps.ts';
import { renderStaff } from './render.ts';

interface Shown {
  /** `staff-once.<key>.title` and `.lead`. */
  readonly key: 'token' | 'webhook' | 'invitation' | 'provider' | 'scim';
  readonly text: string;
  readonly next: string;
  readonly endsAt?: Date;
  readonly names?: Readonly<Record<string, string>>;
}

/** The answer to the form that made it, so that it is in no address and shown this once. */
export function showOnce(
  { pages }: StaffDeps,
  ctx: Context,
  { key, text, next, endsAt, names }: Shown,
): void {
  const t = pages.translate(ctx);
  renderStaff(ctx, 'staff-once', {
    ...{ text, next, title: t(`staff-once.${key}.title`, names) },
    lead: t(`staff-once.${key}.lead`, names),
    ends: endsAt && t('developer-secret.ends', { day: longDate(endsAt, pages.localeOf(ctx)) }),
  });
}
