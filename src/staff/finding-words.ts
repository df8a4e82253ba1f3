// What a rule measured, as people read it: on the pages of operators and of vendors.
import type { Figure } from '../registry/findings.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

/** `figure.<name>`; of an anomaly the last part of `volume.requests`. */
const NAMED = [
  ...['hour', 'networks', 'kinds', 'requests', 'resources', 'patients', 'refusals', 'places', 'replays'],
  ...['new_networks', 'new_kinds', 'points', 'unused_days', 'last_used', 'unused_scopes', 'scopes', 'days'],
  ...['evidence', 'unused_consents', 'days_over', 'ended', 'not_shown', 'failing_days', 'since', 'fault'],
  ...['review_due_at', 'due_at'],
];
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Name, value and threshold of each; beside the name what it is called in the API and in mails. */
export function figureRows(figures: readonly Figure[], t: Translate, locale: Locale) {
  const told = (value: number | string): string => {
    if (typeof value === 'number') return value.toLocaleString(locale);
    if (INSTANT.test(value)) return longInstant(new Date(value), locale);
    return DAY.test(value) ? longDate(new Date(value), locale) : value;
  };
  return figures.map(({ name, value, threshold }) => {
    const known = NAMED.find((one) => one === name.split('.').at(-1));
    return [
      known === undefined ? { text: name, literal: true } : { text: t(`figure.${known}`), quiet: name },
      { text: told(value) },
      threshold === undefined ? [] : { text: told(threshold) },
    ];
  });
}
