import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { kinds, type SharedKind } from './my-apps-view.ts';

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

export interface StoppedFacts {
  appName: string;
  organizationName: string;
  stoppedAt: Date;
  receiptId: string;
  myAppsUrl: string;
  timeZone?: string;
}

export interface StoppedView {
  heading: string;
  effect: string;
  /** ISO 8601, for the time element. */
  instant: string;
  time: string;
  receiptId: string;
  kept: string;
  myAppsUrl: string;
}

export function stoppedView(facts: StoppedFacts, t: Translate, locale: Locale): StoppedView {
  const values = { app: facts.appName, organization: facts.organizationName };
  return {
    heading: t('stopped.heading', values),
    effect: t('stopped.effect', values),
    instant: facts.stoppedAt.toISOString(),
    time: longInstant(facts.stoppedAt, locale, facts.timeZone),
    receiptId: facts.receiptId,
    kept: t('stopped.kept', values),
    myAppsUrl: facts.myAppsUrl,
  };
}
