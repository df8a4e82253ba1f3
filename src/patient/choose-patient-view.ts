// The page that asks whose record is meant, as data.
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

/** The value of the choice that means the signed-in person herself. */
export const SELF = 'self';

export interface ChoosePatientFacts {
  accountName: string;
  /** She has a record of her own at the FHIR server that the app asks for. */
  hasRecord: boolean;
  represented: readonly {
    representationId: string;
    name: string;
    relationship: string;
    until: Date | null;
  }[];
  appName: string;
  actionUrl: string;
  switchUrl: string;
  /** The page is shown again because nobody was chosen. */
  problem: boolean;
}

export interface ChoosePatientView {
  actionUrl: string;
  switchUrl: string;
  heading: string;
  signedIn: string;
  lead: string;
  problem: string | null;
  choices: readonly { value: string; name: string; what: string }[];
}

export function choosePatientView(
  facts: ChoosePatientFacts,
  t: Translate,
  locale: Locale,
): ChoosePatientView {
  const { accountName, appName, represented, hasRecord } = facts;
  const self = { value: SELF, name: accountName, what: t('choose-patient.self') };
  return {
    actionUrl: facts.actionUrl,
    switchUrl: facts.switchUrl,
    heading: t('choose-patient.heading', { app: appName }),
    signedIn: t('consent.signed-in', { account: accountName }),
    lead: t('choose-patient.lead', { app: appName }),
    problem: facts.problem ? t('choose-patient.problem') : null,
    choices: [
      ...(hasRecord ? [self] : []),
      ...represented.map(({ representationId, name, relationship, until }) => ({
        value: representationId,
        name,
        what: [
          t(`choose-patient.as.${relationship}`),
          ...(until === null ? [] : [t('choose-patient.until', { date: longDate(until, locale) })]),
        ].join('. '),
      })),
    ],
  };
}
