import { expect, test } from '@jest/globals';
import { BLOCKED_WORDS, blockedWord, unknownReasons } from '../../src/patient/blocked-words.ts';
import { historyView } from '../../src/patient/history-view.ts';
import { historyWords } from '../../src/patient/history-words.ts';
import { monthRange, monthsSince, zoneIds } from '../../src/patient/time-zone.ts';
import { HISTORY_TYPES, type HistoryRow } from '../../src/store/history.ts';
import { historyFacts, historyRow, names } from './history-facts.ts';
import { en, es } from './sample-facts.ts';

const words = (changes: Partial<HistoryRow> = {}) => historyWords(historyRow(changes), names, en);

test('a read says who, what, how much, from whom and what for', () => {
  expect(words()).toEqual({
    ...{ app: 'Lantern Health', organization: 'Lantern Health Incorporated', source: 'Harbor Clinic' },
    ...{ what: 'Lantern Health read from the record.', kinds: ['Test results, measurements and answers'] },
    ...{
      count: 'up to 20 entries',
      outcome: 'allowed',
      reason: null,
      purpose: 'To do what you ask it to do',
    },
  });
});

test.each<[Partial<HistoryRow>, string, string | null]>([
  [
    { resource: 'Goal/1', detail: { interaction: 'update', resources: 1 } },
    'Lantern Health added to the record or changed it.',
    '1 entry',
  ],
  [
    { type: 'decision.denied', detail: { interaction: 'read' } },
    'Lantern Health asked to read from the record.',
    null,
  ],
  [
    { type: 'decision.denied', detail: { interaction: 'create' } },
    'Lantern Health asked to change the record.',
    null,
  ],
  [{ type: 'introspection.refused' }, 'Lantern Health tried to use its access.', null],
  [{ type: 'authorization.refused' }, 'Lantern Health asked to connect.', null],
  [{ type: 'consent.withdrawn', detail: { by: 'app' } }, 'Lantern Health ended its own access.', null],
  [
    { type: 'consent.withdrawn', detail: { by: 'replay' } },
    'We ended the access of Lantern Health, at sign-out or to keep the record safe.',
    null,
  ],
  [{ appId: null, type: 'token.refused' }, 'An app asked to connect.', null],
])('%j', (changes, what, count) => {
  expect([words(changes).what, words(changes).count]).toEqual([what, count]);
});

test('a minute of use tells what the app may see, and no number that nobody knows', () => {
  const use = words({
    ...{ kind: 'use', type: 'use', resource: null, consentId: 'c1' },
    detail: { scope: 'patient/Patient.rs patient/Immunization.rs' },
  });
  expect(use).toMatchObject({
    kinds: ['Name and contact details', 'Vaccines'],
    count: null,
    outcome: 'allowed',
  });
});

test.each([
  ['consent_paused', 'paused'],
  ['consent_withdrawn', 'stopped'],
  ['scope_insufficient', 'not-shared'],
  ['client_suspended', 'app-off'],
  ['a reason that nobody knows', 'rules'],
])('why it was blocked: %s', (reason, word) => {
  expect(blockedWord(reason)).toBe(word);
  const told = words({ type: 'decision.denied', reason });
  expect(told).toMatchObject({ outcome: 'blocked', reason: en(`history.blocked.${word}`) });
});

test('every reason that has words is a reason, and every type and word is told in both languages', () => {
  expect(unknownReasons()).toEqual([]);
  for (const t of [en, es]) {
    for (const word of BLOCKED_WORDS) expect(t(`history.blocked.${word}`)).not.toBe('');
    for (const type of HISTORY_TYPES)
      for (const kind of ['treatment', 'support'])
        expect(historyWords(historyRow({ type, detail: { kind } }), names, t).what).not.toBe('');
    for (const zone of zoneIds) expect(t(`zone.${zone}`)).not.toBe('');
  }
});

test('links keep the filter; a row can be reported, and a choice has its receipt', () => {
  const chosen = { app: 'a1', month: '2026-11' };
  const rows = [historyRow(), historyRow({ type: 'consent.paused', id: '9' })];
  const view = historyView(historyFacts({ rows, chosen, next: 'cursor', isFirst: false }), en, 'en');
  expect(view.olderUrl).toBe('/my/history?app=a1&month=2026-11&after=cursor');
  expect(view.newestUrl).toBe('/my/history?app=a1&month=2026-11');
  expect(view.exports[2]?.href).toBe('/my/history/export?app=a1&month=2026-11&format=fhir');
  expect(view.rows.map(({ receiptUrl }) => receiptUrl)).toEqual([null, '/my/receipts/9']);
  expect(view.rows[0]?.reportUrl).toBe('/my/report?app=a1&event=e4711');
  expect(view.months[2]).toEqual({ value: '2026-11', label: 'November 2026', selected: true });
});

test('times are told with their zone', () => {
  const time = (zone: 'utc' | 'eastern') => historyView(historyFacts({ zone }), en, 'en').rows[0]?.time;
  expect(time('utc')).toBe('December 3, 2026 at 2:05:09 PM UTC');
  expect(time('eastern')).toBe('December 3, 2026 at 9:05:09 AM EST');
});

test('a month begins at midnight of the reader, also where clocks change in it', () => {
  expect(monthRange('eastern', '2026-11')).toEqual({
    from: new Date('2026-11-01T04:00:00Z'),
    to: new Date('2026-12-01T05:00:00Z'),
  });
  expect(monthRange('utc', '2026-12')?.to).toEqual(new Date('2027-01-01T00:00:00Z'));
  for (const none of ['2026-13', '2026-1', 'November', '']) expect(monthRange('utc', none)).toBeUndefined();
  expect(monthsSince(new Date('2025-11-30T00:00:00Z'), new Date('2026-01-01T00:00:00Z'))).toEqual([
    ...['2026-01', '2025-12', '2025-11'],
  ]);
});
