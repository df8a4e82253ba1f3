import { expect, test } from '@jest/globals';
import { stoppedView, stopView } from '../../src/patient/stop-view.ts';
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
    stoppedAt: now,
    receiptId: '4711',
    myAppsUrl: '/my',
  };
  expect(stoppedView(facts, en, 'en')).toMatchObject({
    instant: '2026-12-03T14:05:09.000Z',
    time: 'December 3, 2026 at 2:05:09 PM UTC',
    receiptId: '4711',
  });
  expect(stoppedView(facts, es, 'es').time).toMatch(/^3 de diciembre de 2026.*2:05:09.*UTC$/);
});
