// What is not offered to somebody who acts for another, in words.
import type { LeftOut } from '../policy/represented-request.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

export function leftOutLines(leftOut: LeftOut, name: string, t: Translate, locale: Locale): string[] {
  const listed = (categories: LeftOut['beyond']) =>
    new Intl.ListFormat(locale).format(categories.map((category) => t(`scope.${category}.name`)));
  const line = (why: keyof LeftOut) =>
    leftOut[why].length === 0
      ? []
      : [t(`representation.left-out.${why}`, { name, list: listed(leftOut[why]) })];
  return [...line('confidential'), ...line('beyond')];
}
