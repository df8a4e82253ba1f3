import { expect, test } from '@jest/globals';
import { myAppsView } from '../../src/patient/my-apps-view.ts';
import type { SharingFacts } from '../../src/patient/sharing-facts.ts';
import { en, es, inDays, now, sharing } from './sample-facts.ts';

const view = (sharings: SharingFacts[]) =>
  myAppsView({ accountName: 'Ana Rivera', sharings, now, signOutUrl: '/my/sign-out' }, en, 'en');

test('a card tells what, since when, until when and when it was last used', () => {
  const [card] = view([sharing()]).cards;
  expect(card).toMatchObject({
    appName: 'Lantern Health',
    view: ['Lab results', 'Vital signs'],
    change: [],
    since: 'September 14, 2026',
    ends: 'June 21, 2027',
    countdown: null,
    lastUsed: 'December 2, 2026 at 2:05:09 PM UTC',
    labels: { stop: 'Stop sharing with Lantern Health', report: 'I did not do this: Lantern Health' },
    links: { stop: '/my/apps/1/stop', toggle: '/my/apps/1/pause', history: '/my/history?app=1' },
    status: 'on',
  });
  expect(view([sharing({ lastUsedAt: null })]).cards[0]?.lastUsed).toBe('Never, since September 14, 2026');
});

test('what the app may see and what it may change stand apart', () => {
  const shared = [
    { category: 'vital-signs', access: 'view' },
    { category: 'vital-signs', access: 'view' },
    { category: 'Goal', access: 'change' },
  ] as const;
  expect(view([sharing({ shared })]).cards[0]).toMatchObject({
    view: ['Vital signs'],
    change: ['Health goals'],
  });
});

test('sharing counts down within its last 30 days', () => {
  expect(view([sharing({ endsAt: inDays(31) })]).cards[0]?.countdown).toBeNull();
  expect(view([sharing({ endsAt: inDays(12) })]).cards[0]?.countdown).toBe('12 days left');
  expect(view([sharing({ endsAt: inDays(0.5) })]).cards[0]?.countdown).toBe('1 day left');
});

test('what is stopped or past its end is history, with the date and the reason, newest first', () => {
  const stopped = sharing({ appName: 'Stopped', ended: { at: inDays(-5), why: 'stopped' } });
  const expired = sharing({ appName: 'Expired', endsAt: now });
  const { cards, ended, summary } = view([stopped, expired]);
  expect(cards).toEqual([]);
  expect(summary).toBe('You share with no app now.');
  expect(ended.map(({ appName, text }) => [appName, text])).toEqual([
    ['Expired', 'Ended on December 3, 2026, as you chose.'],
    ['Stopped', 'You stopped on November 28, 2026.'],
  ]);
});

test('each reason for an end has words in both languages', () => {
  for (const why of ['stopped', 'expired', 'signed-out', 'protected', 'app-ended'] as const) {
    for (const t of [en, es]) expect(t(`my-apps.ended.${why}`, { date: 'DAY' })).toContain('DAY');
  }
});

test('what the network cut off is told with the instant', () => {
  const { ended } = view([sharing({ ended: { at: now, why: 'network' } })]);
  expect(ended[0]?.text).toMatch(/^The network ended this: December 3, 2026 at 2:05:09 PM UTC\./);
  expect(es('my-apps.ended.network', { instant: 'AHORA' })).toContain('AHORA');
});

test('what is paused says so and can be resumed', () => {
  const [card] = view([sharing({ isPaused: true, mayResume: true })]).cards;
  expect([card?.status, card?.links.toggle, card?.pausedBy]).toEqual(['paused', '/my/apps/1/resume', null]);
  const [other] = view([sharing({ isPaused: true })]).cards;
  expect([other?.status, other?.links.toggle]).toEqual(['paused', null]);
  expect(other?.pausedBy).toContain('Somebody else paused this.');
});

test('the pages of another’s record are below that record', () => {
  const base = '/my/apps/1/patients/p2';
  const [card] = view([sharing({ patientId: 'p2', patientName: 'Maya Chen', baseUrl: base })]).cards;
  expect(card?.links).toEqual({
    ...{
      change: `${base}/change`,
      toggle: `${base}/pause`,
      stop: `${base}/stop`,
      receipt: '/my/receipts/c1',
    },
    ...{ history: '/my/patients/p2/history?app=1', report: '/my/patients/p2/report?app=1' },
  });
});

test.each([
  ['nothing', [], false, 'Not used in the last 30 days.'],
  ['once', [0, 1, 0], false, 'Used 1 time on 1 day.'],
  ['more than is counted', [3, 0, 200], true, 'Used 203 times or more on 2 days.'],
])('uses of the last 30 days in words: %s', (_, uses, isCountCapped, text) => {
  const [card] = view([sharing({ uses, isCountCapped })]).cards;
  expect(card?.uses.text).toBe(text);
  expect(card?.uses.path === null).toBe(uses.length === 0);
});

test('a use that is small beside others is seen all the same', () => {
  const [card] = view([sharing({ uses: [1, 0, 199] })]).cards;
  expect(card?.uses.path?.match(/M/g)).toHaveLength(3);
  expect(card?.uses.path).toContain('M0 27h30v3h-30z');
});

test('what has ended is short: older ends are in the history', () => {
  const many = Array.from({ length: 12 }, () => sharing({ endsAt: inDays(-1) }));
  expect(view(many).ended).toHaveLength(10);
  expect(view(many).ended[0]?.receiptUrl).toBe('/my/receipts/c1-expired');
});
