import { expect, test } from '@jest/globals';
import { receiptClaims } from '../../src/patient/receipt.ts';
import { receiptView } from '../../src/patient/receipt-view.ts';
import { RECEIPT_STATES } from '../../src/store/receipts.ts';
import { receiptFacts } from './history-facts.ts';
import { en, es, inDays, now } from './sample-facts.ts';

const publisher = { issuer: 'https://id.example', operatorName: 'Test network' };
const claims = (changes = {}) => receiptClaims(receiptFacts(changes), publisher);

test('a receipt has the fields of ISO/IEC TS 27560, and is the same whenever it is made', () => {
  const made = claims();
  expect(made).toMatchObject({
    ...{ iss: 'https://id.example', iat: now.getTime() / 1_000 - 0, jti: 'receipt:c1' },
    receipt: {
      ...{ schema_version: 'ISO/IEC TS 27560:2023', receipt_id: 'c1' },
      record: { record_id: 'c1', pii_principal_id: 'p1' },
      pii_processing: {
        ...{ privacy_notice: 'https://lantern.example/privacy', language: 'en' },
        purposes: [
          {
            ...{ lawful_basis: 'consent', pii_controllers: ['o1'], valid_until: inDays(90).toISOString() },
            pii_information: [
              { pii_type: 'Patient', access: 'view', sensitive_pii_category: false },
              { pii_type: 'QuestionnaireResponse', access: 'change', sensitive_pii_category: true },
            ],
          },
        ],
      },
      event: [{ event_state: 'given', event_time: now.toISOString(), validity_duration: 90 * 86_400 }],
    },
  });
  expect(JSON.stringify(claims())).toBe(JSON.stringify(made));
});

test('it is no other token, and tells no name and nothing of the record', () => {
  expect(Object.keys(claims()).sort()).toEqual(['iat', 'iss', 'jti', 'receipt']);
  expect(JSON.stringify(claims())).not.toContain('Ana');
});

test.each([
  ['withdrawn', 'withdrawn', 0],
  ['expired', 'expired', 0],
  ['paused', 'paused', 80 * 86_400],
  ['amended', 'changed', 80 * 86_400],
] as const)('of a change, %s, it tells the decision and the change', (state, event_state, seconds) => {
  const { event } = claims({ state, at: inDays(10) }).receipt;
  expect(event).toMatchObject([
    { event_state: 'given', event_time: now.toISOString() },
    { event_state, event_time: inDays(10).toISOString(), validity_duration: seconds },
  ]);
});

test('every state has words in both languages', () => {
  for (const state of RECEIPT_STATES) {
    for (const [t, locale] of [
      [en, 'en'],
      [es, 'es'],
    ] as const) {
      const facts = { receipt: receiptFacts({ state }), personId: 'p1', operatorName: 'N', purpose: '' };
      expect(receiptView({ ...facts, zone: 'utc' }, t, locale).title).toContain('Lantern Health');
    }
  }
});

test('of another’s record it says whose; only of what ended it says by whom', () => {
  const facts = { personId: 'p2', operatorName: 'N', purpose: '', zone: 'utc' } as const;
  const view = receiptView({ ...facts, receipt: receiptFacts({ state: 'withdrawn', by: 'app' }) }, en, 'en');
  expect(view).toMatchObject({ patient: 'Record of Ana Rivera', by: 'The app', ends: null });
  expect(view.historyUrl).toBe('/my/patients/p1/history?app=a1');
  expect(receiptView({ ...facts, receipt: receiptFacts() }, en, 'en').by).toBeNull();
});
