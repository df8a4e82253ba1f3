import { countries } from '../policy/countries.ts';
import { type Field, fieldsIn, type Option } from '../staff/fields.ts';
import { countryName } from '../staff/revision-words.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import type { Cell, Cells, Fact, Table } from './blocks.ts';

/** How the console says things in the language of the reader. */
export interface Words {
  readonly t: Translate;
  readonly locale: Locale;
  readonly field: ReturnType<typeof fieldsIn>;
  /** Its label is `console.label.<name>`. */
  fact(name: string, ...cells: readonly Cell[]): Fact;
  /** Its columns are `console.label.<name>`. */
  table(columns: readonly string[], rows: Table['rows'], none?: string): Table;
  day(at: Date | null): string;
  instant(at: Date): string;
  number(value: number): string;
  country(code: string): string;
  /** Someone who answers for it, or that nobody does. */
  person(name: string | null, id?: string | null): Cell;
  /** Of a fixed list: `console.<list>.<value>`. */
  options(list: string, values: readonly string[], all?: boolean): Option[];
  countryOptions(): Option[];
  /** A select over a fixed list; a filter has "all" before it. */
  choice(name: string, list: string, values: readonly string[], all?: boolean): Field;
}

export function wordsOf(t: Translate, locale: Locale): Words {
  const field = fieldsIn(t, {
    label: (name) => `console.label.${name}`,
    hint: (name) => `console.hint.${name}`,
  });
  const day = (at: Date | null) => (at === null ? t('console.never') : longDate(at, locale));
  const country = (code: string) => countryName(code, locale);
  const options = (list: string, values: readonly string[], all = false) => [
    ...(all ? [{ value: '', label: t('console.all') }] : []),
    ...values.map((value) => ({ value, label: t(`console.${list}.${value}`) })),
  ];
  return {
    ...{ t, locale, field, day, country, options },
    fact: (name, ...cells) => ({ label: t(`console.label.${name}`), cells }),
    table: (columns, rows: readonly (readonly Cells[])[], none = t('staff.none')) => ({
      ...{ columns: columns.map((column) => t(`console.label.${column}`)), rows, none },
    }),
    instant: (at) => longInstant(at, locale),
    number: (value) => new Intl.NumberFormat(locale).format(value),
    person: (name, id) =>
      name === null
        ? { text: t('console.nobody'), look: 'off' }
        : { text: name, ...(id == null ? {} : { href: `/admin/people/${encodeURIComponent(id)}` }) },
    countryOptions: () =>
      countries
        .map((code) => ({ value: code, label: country(code) }))
        .sort((a, b) => a.label.localeCompare(b.label, locale)),
    choice: (name, list, values, all = false) =>
      field('select', name, { options: options(list, values, all) }),
  };
}
