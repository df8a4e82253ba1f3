import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ConsentFacts, consentView } from '../../src/patient/consent-view.ts';
import { consentRequest } from '../../src/smart/consent-choices.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { consentFacts, en, es, inDays, now, scope } from './sample-facts.ts';

const view = (changes: Partial<ConsentFacts> = {}, scopes = scope) =>
  consentView(consentFacts(changes, scopes), en, 'en');
const cards = (shown: ReturnType<typeof view>) => shown.sections.flatMap((section) => section.cards);

test('the patient reads who is signed in, whose record it is and who asks', () => {
  const shown = view();
  expect(shown.signedIn).toBe('You are signed in as Ana Rivera.');
  expect(shown.record).toBe('This is about your own record.');
  expect(shown.who).toMatchObject({
    organization: 'Lantern Health Incorporated',
    websiteHost: 'lantern.example',
    reviewed: 'Test network reviewed this app on September 4, 2026.',
    warning: null,
  });
  expect(shown.who.attested).toContain('June 21, 2027');
  expect(view({ self: false, patientName: 'Maya Chen' }).record).toBe(
    'This is about the record of Maya Chen.',
  );
});

test('an app that was not reviewed, or whose attestation is overdue, comes with a plain warning and no praise', () => {
  const { app } = consentFacts();
  const unreviewed = view({ app: { ...app, reviewedAt: null } }).who;
  expect(unreviewed).toMatchObject({ reviewed: null, attested: null });
  expect(unreviewed.warning).toContain('We have not reviewed this app');
  for (const attestationDueAt of [null, now, inDays(-1)]) {
    const overdue = view({ app: { ...app, attestationDueAt } }).who;
    expect(overdue.attested).toBeNull();
    expect(overdue.warning).toContain('has not told us');
  }
});

test('nothing is ticked for a patient who has not agreed before', () => {
  expect(cards(view()).filter(({ checked }) => checked)).toEqual([]);
});

test('what was kept before is ticked with its date, but sensitive kinds are never ticked for the patient', () => {
  const choiceIds = new Set(['Observation.laboratory.view', 'Observation.survey.view']);
  const shown = view({ previous: { agreedAt: inDays(-40), choiceIds } });
  expect(
    cards(shown)
      .filter(({ checked }) => checked)
      .map(({ id }) => id),
  ).toEqual(['Observation.laboratory.view']);
  const notes = new Map(cards(shown).map(({ id, notes }) => [id, notes]));
  expect(notes.get('Observation.laboratory.view')).toEqual(['You have shared this since October 24, 2026.']);
  expect(notes.get('Observation.survey.view')).toEqual([
    'You have shared this since October 24, 2026. Tick it to go on.',
  ]);
  expect(shown.returning).toContain('October 24, 2026');
});

test('view and change never share a section, nor do sensitive kinds the section of others', () => {
  const { request } = consentFacts();
  const choices = new Map(request.choices.map((choice) => [choice.id, choice]));
  for (const section of view().sections) {
    for (const card of section.cards) {
      const choice = choices.get(card.id);
      expect(section.id).toBe(`${choice?.access}${choice?.sensitive ? '-sensitive' : ''}`);
    }
  }
  expect(view().sections.map(({ id }) => id)).toEqual([
    'view',
    'view-sensitive',
    'change',
    'change-sensitive',
  ]);
});

test('every choice that was asked for is offered exactly once, whatever was asked', () => {
  const types = ['Patient', 'Observation', 'Condition', 'Goal', 'DocumentReference', '*'];
  const asked = fc.uniqueArray(fc.tuple(fc.constantFrom(...types), fc.constantFrom('rs', 'cud', 'cruds')), {
    minLength: 1,
  });
  fc.assert(
    fc.property(asked, (pairs) => {
      const text = pairs.map(([type, letters]) => `patient/${type}.${letters}`).join(' ');
      const request = consentRequest(parseScopes(text).scopes);
      const shown = cards(view({ request })).map(({ id }) => id);
      expect([...shown].sort()).toEqual(request.choices.map(({ id }) => id).sort());
    }),
    { numRuns: 40 },
  );
});

test('"Tick all" is never offered for sensitive kinds', () => {
  const offered = view({}, 'patient/*.cruds').sections.filter(({ chooseAll }) => chooseAll);
  expect(offered.map(({ id }) => id)).toEqual(['view', 'change']);
});

test('each duration tells its end date in full; the default is the one given', () => {
  const shown = view().durations;
  expect(shown.map(({ id, checked }) => [id, checked])).toEqual([
    ['once', false],
    ['30', true],
    ['90', false],
  ]);
  expect(shown.map(({ ends }) => ends)).toEqual([
    'Ends on December 3, 2026 at the latest. The app cannot come back on its own.',
    'Ends on January 2, 2027',
    'Ends on March 3, 2027',
  ]);
  expect(consentView(consentFacts(), es, 'es').durations[2]?.ends).toBe('Termina el 3 de marzo de 2027');
});

test('the patient is told of offline access when it is asked for (170.315(g)(10)), and only then', () => {
  expect(view().offline).toContain('when you are not using it');
  expect(view().offline).toContain('One time');
  const { durations } = consentFacts();
  expect(view({ durations: durations.slice(1) }).offline).not.toContain('One time');
  expect(view({}, 'patient/Patient.rs').offline).toBeNull();
});

test('identity is named as always shared only when it is asked for', () => {
  expect(view().always?.what).toContain('Your name');
  expect(view({}, 'patient/Patient.rs').always).toBeNull();
  expect(view({}, 'openid fhirUser').noChoices).toContain('does not ask for any part');
});

test('after a problem the page keeps what was sent and says what to do', () => {
  const choiceIds = new Set(['Observation.survey.view']);
  const shown = view({ submitted: { choiceIds, duration: '90', problem: 'nothing-chosen' } });
  expect(
    cards(shown)
      .filter(({ checked }) => checked)
      .map(({ id }) => id),
  ).toEqual([...choiceIds]);
  expect(shown.durations.find(({ checked }) => checked)?.id).toBe('90');
  expect(shown.problem).toContain('Nothing is ticked');
});

test('a duration that was not offered is never ticked', () => {
  const submitted = { choiceIds: new Set<string>(), duration: '9999', problem: 'no-duration' } as const;
  expect(
    view({ submitted })
      .durations.filter(({ checked }) => checked)
      .map(({ id }) => id),
  ).toEqual(['30']);
});

test('a constraint without a wording is shown as it is, and user-level access as such', () => {
  const [detail] = cards(view({}, 'patient/Observation.rs?code=http://loinc.org|4548-4'));
  expect(detail?.notes[0]).toMatch(/^Only entries that match: .*4548-4/);
  expect(cards(view({}, 'user/Patient.rs'))[0]?.notes).toContain('In every record that you may open here.');
});
