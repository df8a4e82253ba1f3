import { kindOfNotice, noticeKinds } from '../registry/patient-notices.ts';
import type { PatientAddressRow } from '../store/patient-addresses.ts';
import type { KeptNotice } from '../store/patient-contacts.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { verifyUrl } from './own-path.ts';

export type NoticesProblem = 'address' | 'address-there' | 'code';

export interface NoticesFacts {
  readonly addresses: readonly PatientAddressRow[];
  readonly muted: readonly string[];
  readonly notices: readonly KeptNotice[];
  readonly isFresh: boolean;
  readonly problem: NoticesProblem | null;
  readonly typed: string;
  readonly timeZone: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** What was told, in words; a type that has none any more is left out. */
export function noticeLines(
  { notices, timeZone }: Pick<NoticesFacts, 'notices' | 'timeZone'>,
  t: Translate,
  locale: Locale,
) {
  return notices
    .filter(({ type }) => type in kindOfNotice)
    .map(({ type, values, createdAt }) => {
      const inWords = Object.entries(values).map(([name, value]) => [
        name,
        DAY.test(value) ? longDate(new Date(value), locale) : value,
      ]);
      const said = { ...Object.fromEntries(inWords), on: longDate(createdAt, locale, timeZone) };
      return { at: longInstant(createdAt, locale, timeZone), text: t(`mail.${type}.subject`, said) };
    });
}

export function noticesView(facts: NoticesFacts, t: Translate, locale: Locale) {
  const { addresses, muted, isFresh, problem, typed, timeZone } = facts;
  const confirmed = addresses.filter(({ confirmedAt }) => confirmedAt !== null);
  return {
    isFresh,
    problem,
    typed,
    verifyUrl: verifyUrl('/my/notices'),
    addresses: confirmed.map(({ id, address }) => ({ id, address })),
    waiting: addresses
      .filter(({ confirmedAt }) => confirmedAt === null)
      .map(({ id, address, confirmBy }) => ({
        id,
        address,
        until: longInstant(confirmBy, locale, timeZone),
      })),
    kinds: noticeKinds.map((kind) => ({
      kind,
      fixed: kind === 'safety',
      on: kind === 'safety' || !muted.includes(kind),
      label: t(`notices.kind.${kind}`),
      hint: t(`notices.kind.${kind}.hint`),
    })),
    told: noticeLines(facts, t, locale),
  };
}
