// Rows of a history, and a receipt, as the store tells them.
import type { HistoryFacts } from '../../src/patient/history-view.ts';
import type { HistoryRow } from '../../src/store/history.ts';
import type { PartyNames } from '../../src/store/party-names.ts';
import type { ReceiptFacts } from '../../src/store/receipts.ts';
import { inDays, now } from './sample-facts.ts';

export function historyRow(changes: Partial<HistoryRow> = {}): HistoryRow {
  return {
    ...{ kind: 'event', id: '4711', at: now, type: 'decision.permitted', requestId: 'r1', appId: 'a1' },
    ...{ accountId: 'p1', organizationId: 'o1', grantId: 'g1', consentId: null, resourceServerId: 's1' },
    ...{ resource: 'Observation?category,patient', purpose: 'PATRQT', reason: null, covered: false },
    detail: { interaction: 'search', resources: 20 },
    ...changes,
  };
}

export const namesOf = (name: string): PartyNames => ({
  apps: new Map([['a1', name]]),
  organizations: new Map([['o1', name]]),
  servers: new Map([['s1', name]]),
});

export const names: PartyNames = {
  apps: new Map([['a1', 'Lantern Health']]),
  organizations: new Map([['o1', 'Lantern Health Incorporated']]),
  servers: new Map([['s1', 'Harbor Clinic']]),
};

export function historyFacts(changes: Partial<HistoryFacts> = {}): HistoryFacts {
  return {
    ...{ patientName: null, isLimited: false, base: '/my', rows: [historyRow()], names, next: null },
    ...{ isFirst: true, apps: [{ id: 'a1', name: 'Lantern Health' }], months: ['2026-12', '2026-11'] },
    ...{ chosen: { app: undefined, month: undefined }, zone: 'utc', others: [] },
    ...changes,
  };
}

export function receiptFacts(changes: Partial<ReceiptFacts> = {}): ReceiptFacts {
  return {
    ...{ id: 'c1', state: 'given', at: now, by: null, actorId: 'p1', consentId: 'c1', patientId: 'p1' },
    ...{ patientName: 'Ana Rivera', accountId: 'p1', appId: 'a1', appName: 'Lantern Health' },
    ...{ websiteUrl: 'https://lantern.example', policyUrl: 'https://lantern.example/privacy' },
    purposeStatement: 'Lantern shows your lab results over time.',
    ...{
      organizationId: 'o1',
      recipientName: 'Lantern Health Incorporated',
      audience: 'https://fhir.example',
    },
    ...{ purpose: 'PATRQT', locale: 'en', wording: '2026-11', decidedAt: now, endsAt: inDays(90) },
    scope: 'openid patient/Patient.rs patient/QuestionnaireResponse.cu',
    ...changes,
  };
}
