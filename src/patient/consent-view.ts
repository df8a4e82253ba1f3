// The consent page as data: facts in, everything that the template prints out, in the order of reading.
import { type LeftOut, NOTHING_LEFT_OUT } from '../policy/represented-request.ts';
import type { ConsentRequest } from '../smart/consent-choices.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import { logoUrlOf } from '../web/logo-url.ts';
import type { Translate } from '../web/messages.ts';
import { type ChoiceSection, choiceSections, type PreviousConsent } from './consent-choices-view.ts';
import { heldBackLines, type Watch } from './held-back-view.ts';
import { leftOutLines } from './left-out-view.ts';

export type DurationId = 'once' | '30' | '90' | '365';

export interface ConsentFacts {
  accountName: string;
  patientName: string;
  /** The record is the signed-in person's own. */
  self: boolean;
  app: {
    name: string;
    organizationName: string;
    websiteHost: string;
    logoId: string | null;
    reviewedAt: Date | null;
    attestationDueAt: Date | null;
    /** Who acts for the app, if it does not act for itself. */
    platform?: { readonly name: string; readonly organizationName: string } | null | undefined;
    /** The owner's reviewed sentence. */
    purposeStatement: string;
    policyUrl: string | null;
  };
  operatorName: string;
  /** HL7 v3 PurposeOfUse code. */
  purposeOfUse: string;
  request: ConsentRequest;
  /** What somebody who acts for another is not asked. */
  leftOut?: LeftOut;
  /** What she is not asked on the day after a recovery. */
  watch?: Watch;
  previous: PreviousConsent | null;
  /** How many entries of a kind there are, by choice, where the FHIR server told in time. */
  counts?: ReadonlyMap<string, number>;
  /** Shortest first, already limited by the app's policy and its contract. */
  durations: readonly { id: DurationId; endsAt: Date }[];
  defaultDuration: DurationId;
  now: Date;
  timeZone?: string;
  actionUrl: string;
  /** What the form was made from: an answer to another question is none to this one. */
  basis: string;
  /** Where "Not you?" posts. */
  switchUrl: string;
  /** What was sent, when the page is shown again with a problem. */
  submitted?: { choiceIds: ReadonlySet<string>; duration: string; problem: ConsentProblem };
}

export type ConsentProblem = 'nothing-chosen' | 'no-duration' | 'changed';

export interface ConsentView {
  actionUrl: string;
  basis: string;
  switchUrl: string;
  appName: string;
  heading: string;
  problem: string | null;
  signedIn: string;
  record: string;
  returning: string | null;
  who: {
    organization: string;
    websiteHost: string;
    policyUrl: string | null;
    platform: string | null;
    reviewed: string | null;
    attested: string | null;
    warning: string | null;
  };
  why: { purpose: string; statement: string };
  lead: string;
  /** What is not offered because she acts for another. */
  leftOut: readonly string[];
  sections: readonly ChoiceSection[];
  noChoices: string | null;
  always: { name: string; what: string } | null;
  offline: string | null;
  durations: readonly { id: DurationId; label: string; ends: string; checked: boolean }[];
  after: readonly string[];
}

export function consentView(facts: ConsentFacts, t: Translate, locale: Locale): ConsentView {
  const { app, request, submitted } = facts;
  const date = (value: Date) => longDate(value, locale, facts.timeZone);
  const values = { app: app.name, operator: facts.operatorName, name: facts.patientName };
  return {
    ...{ actionUrl: facts.actionUrl, basis: facts.basis },
    switchUrl: facts.switchUrl,
    appName: app.name,
    heading: t(facts.self ? 'consent.heading' : 'consent.heading.other', values),
    problem: submitted ? t(`consent.problem.${submitted.problem}`) : null,
    signedIn: t('consent.signed-in', { account: facts.accountName }),
    record: t(facts.self ? 'consent.record.self' : 'consent.record.other', values),
    returning: facts.previous
      ? t('consent.returning', { ...values, date: date(facts.previous.agreedAt) })
      : null,
    who: whoAsks(facts, t, date),
    why: {
      purpose: t(`purpose.${facts.purposeOfUse}`),
      statement: app.purposeStatement,
    },
    lead: t(facts.self ? 'consent.what.lead' : 'consent.what.lead.other', values),
    leftOut: [
      ...leftOutLines(facts.leftOut ?? NOTHING_LEFT_OUT, facts.patientName, t, locale),
      ...heldBackLines(facts.watch, t, locale),
    ],
    sections: choiceSections(
      {
        ...{ choices: request.choices, previous: facts.previous, chosen: submitted?.choiceIds },
        counts: facts.counts,
      },
      t,
      date,
    ),
    noChoices: request.choices.length === 0 ? t('consent.no-choices', values) : null,
    always: request.identity
      ? { name: t('consent.identity.name'), what: t('consent.identity.what', values) }
      : null,
    offline: request.offline
      ? t(offersOnce(facts) ? 'consent.offline' : 'consent.offline.no-once', values)
      : null,
    durations: durations(facts, t, date),
    after: [
      t('consent.after.stop', values),
      t('consent.after.at-once', values),
      t('consent.after.kept', values),
      t('consent.after.care'),
    ],
  };
}

function offersOnce({ durations }: ConsentFacts): boolean {
  return durations.some(({ id }) => id === 'once');
}

export function whoAsks(
  { app, operatorName, now }: Pick<ConsentFacts, 'app' | 'operatorName' | 'now'>,
  t: Translate,
  date: (value: Date) => string,
) {
  const attested = app.attestationDueAt !== null && app.attestationDueAt > now ? app.attestationDueAt : null;
  const values = { organization: app.organizationName, operator: operatorName };
  const warning = app.reviewedAt === null ? 'not-reviewed' : attested === null ? 'not-attested' : null;
  return {
    organization: app.organizationName,
    websiteHost: app.websiteHost,
    logoUrl: logoUrlOf(app.logoId),
    policyUrl: app.policyUrl,
    platform: app.platform
      ? t('consent.platform', {
          ...{ app: app.name, platform: app.platform.name },
          organization: app.platform.organizationName,
        })
      : null,
    reviewed: app.reviewedAt ? t('consent.who.reviewed', { ...values, date: date(app.reviewedAt) }) : null,
    attested:
      app.reviewedAt && attested ? t('consent.who.attested', { ...values, date: date(attested) }) : null,
    warning: warning ? t(`consent.who.${warning}`, values) : null,
  };
}

function durations(
  facts: ConsentFacts,
  t: Translate,
  date: (value: Date) => string,
): ConsentView['durations'] {
  const offered = facts.durations.map(({ id }) => id as string);
  const sent = facts.submitted?.duration;
  const checked = sent !== undefined && offered.includes(sent) ? sent : facts.defaultDuration;
  return facts.durations.map(({ id, endsAt }) => ({
    id,
    label: t(`consent.duration.${id}`),
    ends: t(id === 'once' ? 'consent.duration.once.ends' : 'consent.duration.ends', { date: date(endsAt) }),
    checked: id === checked,
  }));
}
