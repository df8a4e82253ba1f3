import { expect, test } from '@jest/globals';
import { changedView, stopView } from '../../src/patient/stop-view.ts';
import { en, es, now, sharing } from './sample-facts.ts';

test('before stopping, the patient reads what is shared and every consequence', () => {
  const view = stopView({ ...sharing(), actionUrl: '/stop', backUrl: '/my' }, en);
  expect(view.shared).toEqual(['Lab results', 'Vital signs']);
  const text = view.consequences.join(' ');
  for (const part of [
    'at once',
    'cannot take it back',
    'Check with Lantern Health Incorporated',
    'share again',
  ]) {
    expect(text).toContain(part);
  }
});

test('after stopping, the patient reads the second at which it took effect and the receipt number', () => {
  const facts = {
    appName: 'Lantern Health',
    organizationName: 'Lantern',
    changedAt: now,
    receiptIds: ['4711'],
    change: 'stop' as const,
    myAppsUrl: '/my',
  };
  expect(changedView(facts, en, 'en')).toMatchObject({
    instant: '2026-12-03T14:05:09.000Z',
    time: 'December 3, 2026 at 2:05:09 PM UTC',
    receipts: [{ id: '4711', url: '/my/receipts/4711' }],
  });
  expect(changedView(facts, es, 'es').time).toMatch(/^3 de diciembre de 2026.*2:05:09.*UTC$/);
});

test('what was paused or resumed has words of its own, in the time zone of the reader', () => {
  const facts = {
    ...sharing(),
    changedAt: now,
    receiptIds: [],
    myAppsUrl: '/my',
    timeZone: 'America/Chicago',
  };
  const paused = changedView({ ...facts, change: 'pause' }, en, 'en');
  expect(paused.heading).toBe('Sharing with Lantern Health is paused');
  expect(paused.time).toBe('December 3, 2026 at 8:05:09 AM CST');
  const resumed = changedView({ ...facts, change: 'resume' }, es, 'es');
  expect(resumed.heading).toBe('Usted comparte de nuevo con Lantern Health');
});
