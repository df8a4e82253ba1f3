import { describe, expect, test } from '@jest/globals';
import { heldBackLines, watchBanner } from '../../src/patient/held-back-view.ts';
import { type NoticesFacts, noticesView } from '../../src/patient/notices-view.ts';
import { watchedRequest } from '../../src/policy/watched-request.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { createMessages } from '../../src/web/messages.ts';

const t = createMessages('views').translator('en');
const NOW = new Date('2026-11-22T18:00:00Z');

const facts = (changes: Partial<NoticesFacts> = {}): NoticesFacts => ({
  ...{ addresses: [], muted: [], notices: [], isFresh: true, problem: null, typed: '', timeZone: 'UTC' },
  ...changes,
});
const view = (changes: Partial<NoticesFacts>) => noticesView(facts(changes), t, 'en');

describe('notices as she reads them', () => {
  test('her safety is on and stays on; what she switched off is off', () => {
    expect(view({ muted: ['apps', 'safety'] }).kinds.map(({ kind, on, fixed }) => [kind, on, fixed])).toEqual(
      [
        ['safety', true, true],
        ['apps', false, false],
        ['reminders', true, false],
      ],
    );
  });

  test('what was told is told in words, with days as days; what has no words any more is left out', () => {
    const notice = (type: string, values: Record<string, string>) => ({
      id: type,
      type,
      values,
      createdAt: NOW,
    });
    const notices = [
      notice('patient.sharing_ends_soon', { app: 'Lantern', endsOn: '2026-11-29' }),
      notice('patient.of_another_time', {}),
    ];
    expect(view({ notices, timeZone: 'America/Chicago' }).told).toEqual([
      { at: 'November 22, 2026 at 12:00:00 PM CST', text: 'Sharing with Lantern ends on November 29, 2026' },
    ]);
  });

  test('an address that waits for its code is none yet', () => {
    const row = (id: string, confirmedAt: Date | null) => ({
      id,
      address: id,
      createdAt: NOW,
      confirmedAt,
      confirmBy: NOW,
    });
    const { addresses, waiting } = view({ addresses: [row('a', NOW), row('b', null)] });
    expect([addresses.map(({ id }) => id), waiting.map(({ id }) => id)]).toEqual([['a'], ['b']]);
  });
});

describe('the watch', () => {
  const asked = (scope: string, isWatched: boolean, hidesConfidential?: boolean) =>
    watchedRequest(
      parseScopes(scope).scopes,
      hidesConfidential === undefined ? null : { scope: null, endsAt: null, hidesConfidential },
      isWatched,
    );
  const SCOPES = 'patient/Observation.rs patient/Patient.rs patient/*.rs';

  test('holds back every choice that is sensitive, whole ones too, and nothing else', () => {
    const all = asked(SCOPES, false).request.choices;
    const { request, heldBack } = asked(SCOPES, true);
    expect(request.choices).toEqual(all.filter(({ sensitive }) => !sensitive));
    expect(request.choices.length).toBeLessThan(all.length);
    expect(heldBack).toContain('social-history');
    expect(asked(SCOPES, false).heldBack).toEqual([]);
  });

  test('what a teenager alone decides is not told as held back', () => {
    const { heldBack, leftOut } = asked(SCOPES, true, true);
    expect(heldBack).toEqual([]);
    expect(leftOut.confidential).toContain('social-history');
  });

  test('says until when, while it lasts', () => {
    const about = { now: NOW, timeZone: 'UTC', operatorName: 'Riverside' };
    const banner = (recoveredAt: Date | null) => watchBanner({ ...about, recoveredAt }, t, 'en');
    expect(banner(null)).toBeNull();
    expect(banner(new Date('2026-11-21T18:00:00Z'))).toBeNull();
    expect(banner(NOW)).toContain('Until November 23, 2026 at 6:00:00 PM UTC');
    expect(heldBackLines(undefined, t, 'en')).toEqual([]);
    expect(heldBackLines({ heldBack: [], until: NOW }, t, 'en')).toEqual([]);
    expect(heldBackLines({ heldBack: ['survey'], until: NOW }, t, 'en')).toHaveLength(1);
  });
});
