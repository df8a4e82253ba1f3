import type { HistoryRow } from '../store/history.ts';
import { eventName } from '../store/history-event.ts';
import type { PartyNames } from '../store/party-names.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type HistoryWords, historyWords } from './history-words.ts';
import { type ZoneId, zoneIds, zoneName } from './time-zone.ts';

export interface HistoryFacts {
  /** Null: her own. */
  readonly patientName: string | null;
  /** A representative sees only what she decided. */
  readonly isLimited: boolean;
  readonly base: string;
  readonly rows: readonly HistoryRow[];
  readonly names: PartyNames;
  readonly next: string | null;
  readonly isFirst: boolean;
  readonly apps: readonly { readonly id: string; readonly name: string }[];
  readonly months: readonly string[];
  readonly chosen: { readonly app: string | undefined; readonly month: string | undefined };
  readonly zone: ZoneId;
  readonly others: readonly { readonly name: string; readonly href: string }[];
}

interface Option {
  readonly value: string;
  readonly label: string;
  readonly selected: boolean;
}

export interface HistoryRowView extends HistoryWords {
  readonly instant: string;
  readonly time: string;
  readonly tag: string;
  readonly receiptUrl: string | null;
  readonly reportUrl: string | null;
  readonly reportLabel: string;
}

/** Ids of audit events that a receipt can be made of. */
const WITH_RECEIPT = /^consent\.(granted|amended|paused|resumed|withdrawn)$/;

export function historyView(facts: HistoryFacts, t: Translate, locale: Locale) {
  const { base, rows, names, next, isFirst, chosen, zone, patientName } = facts;
  const path = `${base}/history`;
  const filter = new URLSearchParams();
  if (chosen.app !== undefined) filter.set('app', chosen.app);
  if (chosen.month !== undefined) filter.set('month', chosen.month);
  const withFilter = (to: string, more: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams([...filter, ...Object.entries(more)]);
    return query.size === 0 ? to : `${to}?${query}`;
  };
  return {
    title: patientName === null ? t('history.title') : t('history.title-of', { name: patientName }),
    limited: facts.isLimited ? t('history.limited', { name: patientName ?? '' }) : null,
    actionUrl: path,
    apps: options(
      [['', t('history.all-apps')], ...facts.apps.map(({ id, name }) => [id, name] as const)],
      chosen.app,
    ),
    months: options(
      [
        ['', t('history.all-months')],
        ...facts.months.map((month) => [month, monthName(month, locale)] as const),
      ],
      chosen.month,
    ),
    zones: options(
      zoneIds.map((id) => [id, t(`zone.${id}`)] as const),
      zone,
    ),
    zone: t('history.zone', { zone: t(`zone.${zone}`) }),
    isFiltered: filter.size > 0,
    rows: rows.map((row) => rowView(row, historyWords(row, names, t), { t, locale, zone, base })),
    none: t(filter.size > 0 || !isFirst ? 'history.none-here' : 'history.none'),
    newestUrl: isFirst ? null : withFilter(path),
    olderUrl: next === null ? null : withFilter(path, { after: next }),
    exports: (['csv', 'json', 'fhir'] as const).map((format) => ({
      href: withFilter(`${path}/export`, { format }),
      label: t(`history.export.${format}`),
    })),
    others: facts.others,
    myAppsUrl: '/my',
  };
}

const options = (pairs: readonly (readonly [string, string])[], chosen: string | undefined): Option[] =>
  pairs.map(([value, label]) => ({ value, label, selected: value === (chosen ?? '') }));

function monthName(month: string, locale: Locale): string {
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-US' : 'es-US', {
    ...{ month: 'long', year: 'numeric', timeZone: 'UTC' },
  });
  return format.format(new Date(`${month}-01T00:00:00Z`));
}

interface Reading {
  readonly t: Translate;
  readonly locale: Locale;
  readonly zone: ZoneId;
  readonly base: string;
}

function rowView(row: HistoryRow, words: HistoryWords, { t, locale, zone, base }: Reading): HistoryRowView {
  const time = longInstant(row.at, locale, zoneName(zone));
  const about = { app: row.appId ?? '', event: eventName(row) };
  const isOurs = row.type === 'finding.opened' || row.appId === null;
  return {
    ...words,
    ...{ time, instant: row.at.toISOString(), tag: t(`history.outcome.${words.outcome}`) },
    receiptUrl: WITH_RECEIPT.test(row.type) ? `/my/receipts/${row.id}` : null,
    reportUrl: isOurs ? null : `${base}/report?${new URLSearchParams(about)}`,
    reportLabel: t('history.report-row', { what: words.what, time }),
  };
}
