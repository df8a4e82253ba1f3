// What is not offered on the day after a recovery, in words.
import { underWatch, type WatchFacts, watchEndsAt } from '../policy/watch.ts';
import type { WatchedRequest } from '../policy/watched-request.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

export interface Watch {
  readonly heldBack: WatchedRequest['heldBack'];
  readonly until: Date;
}

export function heldBackLines(watch: Watch | undefined, t: Translate, locale: Locale): readonly string[] {
  if (watch === undefined || watch.heldBack.length === 0) return [];
  const names = watch.heldBack.map((category) => t(`scope.${category}.name`));
  const list = new Intl.ListFormat(locale).format(names);
  return [t('watch.held-back', { until: longInstant(watch.until, locale), list })];
}

/** What My apps says meanwhile; null: there is no watch. */
export function watchBanner(
  facts: WatchFacts & { readonly now: Date; readonly timeZone: string; readonly operatorName: string },
  t: Translate,
  locale: Locale,
): string | null {
  const until = watchEndsAt(facts);
  if (until === null || !underWatch(facts, facts.now)) return null;
  return t('watch.banner', {
    until: longInstant(until, locale, facts.timeZone),
    operator: facts.operatorName,
  });
}
