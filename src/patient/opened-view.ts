// What was opened of her record without asking her first: who, why, when, and until when.
import type { GlassRow } from '../store/break-glass.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

export interface OpenedView {
  readonly who: string;
  readonly when: string;
  readonly why: string;
  /** What was found of it; null: nobody has looked into it. */
  readonly outcome: string | null;
}

export function openedView(
  opened: readonly GlassRow[],
  timeZone: string,
  t: Translate,
  locale: Locale,
): OpenedView[] {
  const instant = (at: Date | null) => (at === null ? '' : longInstant(at, locale, timeZone));
  return opened.map(({ kind, who, organizationName, appName, purpose, reason, outcome, ...glass }) => ({
    who: t(`my-apps.opened.${kind}`, { who, organization: organizationName ?? '', app: appName ?? '' }),
    when: t('my-apps.opened.when', {
      ...{ from: instant(glass.startsAt), until: instant(glass.endedAt ?? glass.endsAt) },
    }),
    why: t('my-apps.opened.why', { purpose: t(`purpose.${purpose}`), reason }),
    outcome: outcome === null ? null : t(`my-apps.opened.${outcome}`),
  }));
}
