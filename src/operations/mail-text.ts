import { addressCode } from '../registry/address-codes.ts';
import type { MessageContent } from '../store/outbox.ts';
import { longDate } from '../web/dates.ts';
import { knownLocale, type Locale, locales } from '../web/locale.ts';
import type { Messages } from '../web/messages.ts';

export interface MailTextDeps {
  readonly messages: Messages;
  readonly issuer: string;
  readonly operatorName: string;
  /** From what codes in mails to patients are derived. */
  readonly contactKey: string;
}

/** In the language that is known to be hers; where none is, in each. */
export function mailText(deps: MailTextDeps, content: MessageContent, createdAt: Date) {
  const { messages, issuer, operatorName: operator } = deps;
  const known = knownLocale(content.locale);
  const parts = (known === undefined ? locales : [known]).map((locale) => {
    const t = messages.translator(locale);
    const isPatients = content.patientId !== undefined;
    const values = isPatients ? patientValues(deps, content, createdAt, locale) : content.values;
    return {
      subject: t(`mail.${content.type}.subject`, values),
      text: t(`mail.${content.type}.text`, values),
      footer: t(isPatients ? 'mail.patient-footer' : 'mail.footer', { operator, issuer }),
    };
  });
  const text = parts
    .map(({ subject, text: body, footer }) => `${subject}\n\n${body}\n\n${footer}\n`)
    .join('\n\n');
  return { subject: parts[0]?.subject ?? '', text };
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** With the day on which it happened; days in words; the code of an address, which is kept nowhere. */
function patientValues(
  { contactKey }: MailTextDeps,
  { values }: MessageContent,
  createdAt: Date,
  locale: Locale,
): Readonly<Record<string, string>> {
  const { addressId, ...told } = values;
  const inWords = Object.entries(told).map(([name, value]): [string, string] => [
    name,
    DAY.test(value) ? longDate(new Date(value), locale) : value,
  ]);
  return {
    ...Object.fromEntries(inWords),
    on: longDate(createdAt, locale),
    ...(addressId === undefined ? {} : { code: addressCode(contactKey, addressId) }),
  };
}
