import type { ReceiptFacts } from '../store/receipts.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { kinds } from './my-apps-view.ts';
import { sharedKinds } from './shared-kinds.ts';
import { type ZoneId, zoneName } from './time-zone.ts';

export interface ReceiptPageFacts {
  readonly receipt: ReceiptFacts;
  /** Who reads it. */
  readonly personId: string;
  readonly operatorName: string;
  readonly purpose: string;
  readonly zone: ZoneId;
}

/** Whose end it was, where it did not end by itself. */
const BY = ['patient', 'representative', 'app', 'sign_out', 'replay'] as const;

export function receiptView(facts: ReceiptPageFacts, t: Translate, locale: Locale) {
  const { receipt, personId, operatorName, purpose, zone } = facts;
  const { id, state, at, by, appName, recipientName, patientId, patientName, scope, endsAt } = receipt;
  const instant = (value: Date) => longInstant(value, locale, zoneName(zone));
  const shared = sharedKinds(scope);
  const values = { app: appName };
  const own = `/my/receipts/${encodeURIComponent(id)}`;
  const ender = BY.find((one) => one === by);
  const isOver = state === 'withdrawn' || state === 'expired';
  return {
    title: t(`receipt.title.${state}`, values),
    lead: t(`receipt.lead.${state}`, values),
    patient: patientId === personId ? null : t('my-apps.patient', { name: patientName }),
    by: state === 'withdrawn' && ender !== undefined ? t(`receipt.by.${ender}`) : null,
    id,
    consentId: receipt.consentId,
    time: instant(at),
    instant: at.toISOString(),
    app: appName,
    organization: recipientName,
    purpose,
    statement: receipt.purposeStatement,
    policyUrl: receipt.policyUrl,
    view: kinds(shared, 'view', t),
    change: kinds(shared, 'change', t),
    given: instant(receipt.decidedAt),
    ends: isOver ? null : instant(endsAt),
    keeper: operatorName,
    signedUrl: `${own}/receipt.jws`,
    jsonUrl: `${own}/receipt.json`,
    reportUrl: reportUrlOf(receipt, personId),
    reportLabel: t('report.not-me-app', values),
    myAppsUrl: '/my',
    historyUrl: `${baseOf(receipt, personId)}/history?${new URLSearchParams({ app: receipt.appId })}`,
  };
}

const baseOf = ({ patientId }: ReceiptFacts, personId: string) =>
  patientId === personId ? '/my' : `/my/patients/${encodeURIComponent(patientId)}`;

/** Of what an audit event tells, that event; a consent itself is reported as the app. */
function reportUrlOf(receipt: ReceiptFacts, personId: string): string {
  const isEvent = /^\d+$/.test(receipt.id);
  const about = { app: receipt.appId, ...(isEvent ? { event: `e${receipt.id}` } : {}) };
  return `${baseOf(receipt, personId)}/report?${new URLSearchParams(about)}`;
}
