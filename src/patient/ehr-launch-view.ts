// The page for a clinician whose EHR opens an app, as data.
import type { ConsentRequest } from '../smart/consent-choices.ts';
import { formatScopes } from '../smart/scope.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type ConsentFacts, whoAsks } from './consent-view.ts';
import { sharedKinds } from './shared-kinds.ts';

export interface EhrLaunchFacts {
  userName: string;
  ehrName: string;
  app: ConsentFacts['app'];
  operatorName: string;
  /** HL7 v3 PurposeOfUse code. */
  purposeOfUse: string;
  request: ConsentRequest;
  /** The EHR has a patient open. */
  hasPatient: boolean;
  endsAt: Date;
  now: Date;
  actionUrl: string;
}

interface Reach {
  heading: string;
  kinds: readonly string[];
}

export interface EhrLaunchView {
  actionUrl: string;
  heading: string;
  signedIn: string;
  patient: string | null;
  who: ReturnType<typeof whoAsks>;
  appName: string;
  purpose: string;
  statement: string;
  reaches: readonly Reach[];
  identity: string | null;
  offline: string | null;
}

// Names of kinds that speak to the patient herself.
const REWORDED: ReadonlySet<string> = new Set([
  ...['everything', 'encounter-diagnosis', 'social-history'],
  ...['MedicationRequest', 'MedicationDispense', 'Medication', 'QuestionnaireResponse'],
]);

const reaches = [
  { level: 'patient', access: 'view' },
  { level: 'patient', access: 'change' },
  { level: 'user', access: 'view' },
  { level: 'user', access: 'change' },
] as const;

export function ehrLaunchView(facts: EhrLaunchFacts, t: Translate, locale: Locale): EhrLaunchView {
  const { app, request } = facts;
  const date = (value: Date) => longDate(value, locale);
  const values = { app: app.name, ehr: facts.ehrName, name: facts.userName };
  return {
    actionUrl: facts.actionUrl,
    heading: t('ehr-launch.heading', values),
    signedIn: t('ehr-launch.signed-in', values),
    patient: facts.hasPatient ? t('ehr-launch.patient', values) : null,
    who: whoAsks(facts, t, date),
    appName: app.name,
    purpose: t('ehr-launch.purpose', {
      purpose: t(`purpose-name.${facts.purposeOfUse}`),
      code: facts.purposeOfUse,
    }),
    statement: app.purposeStatement,
    reaches: reaches.flatMap(({ level, access }) => {
      const scopes = request.scopes.filter((scope) => scope.kind === 'resource' && scope.level === level);
      const kinds = sharedKinds(formatScopes(scopes)).filter((kind) => kind.access === access);
      const names = [
        ...new Set(
          kinds.map(({ category }) =>
            t(REWORDED.has(category) ? `ehr-launch.kind.${category}` : `scope.${category}.name`),
          ),
        ),
      ];
      return names.length === 0
        ? []
        : [{ heading: t(`ehr-launch.${level}.${access}`, values), kinds: names }];
    }),
    identity: request.identity ? t('ehr-launch.identity', values) : null,
    offline: request.offline ? t('ehr-launch.offline', { ...values, date: date(facts.endsAt) }) : null,
  };
}
