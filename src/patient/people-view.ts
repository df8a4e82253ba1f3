// Who may act for a person, and for whom she may, as data.
import { type AgeRules, hidesConfidential, isOfAge } from '../policy/birthdays.ts';
import { endOfRepresentation, mayEndOwn, standsAtHerAge } from '../policy/representation.ts';
import type { RepresentationRow } from '../store/representation-records.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { kinds } from './my-apps-view.ts';
import { sharedKinds } from './shared-kinds.ts';

export interface PeopleFacts {
  personId: string;
  accountName: string;
  operatorName: string;
  /** All in which she has a part. */
  representations: readonly RepresentationRow[];
  /** Of the staff who recorded them. */
  staffNames: ReadonlyMap<string, string>;
  ageRules: AgeRules;
  now: Date;
  timeZone?: string;
}

export interface PersonCard {
  /** Safe as an element's id. */
  id: string;
  name: string;
  status: string;
  standing: boolean;
  facts: readonly { term: string; text: string }[];
  notes: readonly string[];
  /** Where she ends it; null: it is not hers to end. */
  endUrl: string | null;
  endLabel: string;
}

export interface PeopleView {
  signedIn: string;
  forMe: readonly PersonCard[];
  byMe: readonly PersonCard[];
  over: readonly string[];
}

export const endUrlOf = (id: string): string => `/my/people/${encodeURIComponent(id)}/end`;

export function peopleView(facts: PeopleFacts, t: Translate, locale: Locale): PeopleView {
  const { personId, representations, ageRules, now } = facts;
  const date = (value: Date) => longDate(value, locale, facts.timeZone);
  const until = (row: RepresentationRow) => endOfRepresentation(row, ageRules);
  const isOver = (row: RepresentationRow) =>
    row.endedAt !== null || (until(row)?.getTime() ?? Infinity) <= now.getTime();
  const going = representations.filter((row) => !isOver(row));
  const cards = (rows: readonly RepresentationRow[], side: 'for-me' | 'by-me') =>
    rows.map((row, index) => card(row, `${side}-${index + 1}`, side, { facts, t, locale, date }));
  return {
    signedIn: t('consent.signed-in', { account: facts.accountName }),
    forMe: cards(
      going.filter(({ patientId }) => patientId === personId),
      'for-me',
    ),
    byMe: cards(
      going.filter(({ representativeId }) => representativeId === personId),
      'by-me',
    ),
    over: representations.filter(isOver).map((row) => {
      const side = row.patientId === personId ? 'for-me' : 'by-me';
      const name = side === 'for-me' ? row.representativeName : row.patientName;
      return t(`people.over.${side}`, { name, date: date(row.endedAt ?? until(row) ?? now) });
    }),
  };
}

interface Reading {
  facts: PeopleFacts;
  t: Translate;
  locale: Locale;
  date: (value: Date) => string;
}

function card(row: RepresentationRow, id: string, side: 'for-me' | 'by-me', reading: Reading): PersonCard {
  const { facts, t, date } = reading;
  const { operatorName, ageRules, now } = facts;
  const name = side === 'for-me' ? row.representativeName : row.patientName;
  const standing = standsAtHerAge(row, ageRules, now);
  const isHers = side === 'for-me';
  const mayEnd = isHers && mayEndOwn(row.basis, isOfAge(row.birthDate, ageRules, now));
  const hides = hidesConfidential(row.birthDate, ageRules, now);
  const until = endOfRepresentation(row, ageRules);
  const recorder = facts.staffNames.get(row.recordedBy);
  const recordedBy = recorder === undefined ? operatorName : `${recorder}, ${operatorName}`;
  const told = [
    ['as', t(`people.as.${row.relationship}`)],
    ['why', t(`people.basis.${row.basis}.${side}`)],
    ['what', scopeOf(row.scope, reading)],
    ['from', date(row.startsAt)],
    ['until', until === null ? t('people.no-end') : date(until)],
    ['recorded', t('people.recorded-by', { name: recordedBy, date: date(row.recordedAt) })],
    ['evidence', row.evidence],
  ] as const;
  return {
    id,
    name,
    standing,
    status: t(standing ? 'people.now' : 'people.later'),
    facts: told
      .filter(([, text]) => text !== '')
      .map(([term, text]) => ({ term: t(`people.${term}`), text })),
    notes: [
      ...(hides ? [t(`people.confidential.${side}`, { name })] : []),
      ...(isHers && !mayEnd
        ? [t(`people.not-yours.${row.basis === 'court_order' ? 'court' : 'age'}`, { operator: operatorName })]
        : []),
    ],
    endUrl: mayEnd ? endUrlOf(row.id) : null,
    endLabel: t('people.end-name', { name }),
  };
}

function scopeOf(scope: string | null, { t, locale }: Reading): string {
  if (scope === null) return t('people.whole');
  const shared = sharedKinds(scope);
  const list = new Intl.ListFormat(locale);
  const parts = (['view', 'change'] as const).flatMap((access) => {
    const names = kinds(shared, access, t);
    return names.length === 0 ? [] : [t(`people.only.${access}`, { list: list.format(names) })];
  });
  return parts.join(' ');
}

export interface EndPersonView {
  heading: string;
  consequences: readonly string[];
  actionUrl: string;
  backUrl: string;
}

export function endPersonView(
  { id, representativeName }: Pick<RepresentationRow, 'id' | 'representativeName'>,
  operatorName: string,
  t: Translate,
): EndPersonView {
  const values = { name: representativeName, operator: operatorName };
  return {
    heading: t('people.end.heading', values),
    consequences: ['at-once', 'sharing', 'kept', 'again'].map((what) => t(`people.end.${what}`, values)),
    actionUrl: endUrlOf(id),
    backUrl: '/my/people',
  };
}
