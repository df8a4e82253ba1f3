import { expect, test } from '@jest/globals';
import { myAppsView, type SharingFacts } from '../../src/patient/my-apps-view.ts';
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
    stopLabel: 'Stop sharing with Lantern Health',
  });
  expect(view([sharing({ lastUsedAt: null })]).cards[0]?.lastUsed).toBe('Not yet');
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
