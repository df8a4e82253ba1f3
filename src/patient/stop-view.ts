import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { kinds } from './my-apps-view.ts';
import type { SharedKind } from './sharing-facts.ts';

export interface StopFacts {
  appName: string;
  organizationName: string;
  patientName: string | null;
  shared: readonly SharedKind[];
  /** Where the confirmation posts. */
  actionUrl: string;
  backUrl: string;
}

export interface StopView {
  actionUrl: string;
  backUrl: string;
  appName: string;
  organization: string;
  heading: string;
  patient: string | null;
  shared: readonly string[];
  consequences: readonly string[];
}

export function stopView(facts: StopFacts, t: Translate): StopView {
  const values = { app: facts.appName, organization: facts.organizationName };
  return {
    actionUrl: facts.actionUrl,
    backUrl: facts.backUrl,
    appName: facts.appName,
    organization: facts.organizationName,
    heading: t('stop-sharing.heading', values),
    patient: facts.patientName === null ? null : t('my-apps.patient', { name: facts.patientName }),
    shared: [...new Set([...kinds(facts.shared, 'view', t), ...kinds(facts.shared, 'change', t)])],
    consequences: [
      t('stop-sharing.at-once', values),
      t('stop-sharing.kept', values),
      t('stop-sharing.check', values),
      t('stop-sharing.again', values),
      t('stop-sharing.care'),
    ],
  };
}

export interface ChangedFacts {
  /** What was done. */
  change: 'stop' | 'pause' | 'resume';
  appName: string;
  organizationName: string;
  changedAt: Date;
  /** One for each decision that it was about. */
  receiptIds: readonly string[];
  myAppsUrl: string;
  timeZone?: string;
}

export interface ChangedView {
  heading: string;
  effect: string;
  whenLabel: string;
  /** ISO 8601, for the time element. */
  instant: string;
  time: string;
  receipts: readonly { id: string; url: string }[];
  kept: string;
  myAppsUrl: string;
}

const WORDS = { stop: 'stopped', pause: 'paused', resume: 'resumed' } as const;

/** When it was done, and its receipts. */
export function changedView(facts: ChangedFacts, t: Translate, locale: Locale): ChangedView {
  const values = { app: facts.appName, organization: facts.organizationName };
  const words = WORDS[facts.change];
  return {
    heading: t(`${words}.heading`, values),
    effect: t(`${words}.effect`, values),
    whenLabel: t(`${words}.when`),
    instant: facts.changedAt.toISOString(),
    time: longInstant(facts.changedAt, locale, facts.timeZone),
    receipts: facts.receiptIds.map((id) => ({ id, url: `/my/receipts/${id}` })),
    kept: t(`${words}.kept`, values),
    myAppsUrl: facts.myAppsUrl,
  };
}
