import type { AppListed, AppRecord } from '../registry/app-records.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

type CredentialFacts = Pick<AppListed, 'needsCredential' | 'credentialEndsAt'>;

export const credentialFacts = ({ credentialEndsAt }: AppRecord): CredentialFacts => ({
  needsCredential: credentialEndsAt !== undefined,
  credentialEndsAt: credentialEndsAt ?? null,
});

/** Until when an app can prove itself, in words. */
export function credentialText(
  { needsCredential, credentialEndsAt }: CredentialFacts,
  t: Translate,
  locale: Locale,
): string {
  if (!needsCredential) return t('developer.credential.not-needed');
  return credentialEndsAt === null ? t('developer.credential.none') : longDate(credentialEndsAt, locale);
}
