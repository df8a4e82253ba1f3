import { expect, test } from '@jest/globals';
import { givesLess, isWithinLimit, representedRequest } from '../../src/policy/represented-request.ts';
import { isSensitive } from '../../src/smart/resource-types.ts';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';

const scopes = (text: string) => parseScopes(text).scopes;
const open = { scope: null, hidesConfidential: false, endsAt: null };

const asked = (text: string, limit: Parameters<typeof representedRequest>[1]) => {
  const { request, leftOut } = representedRequest(scopes(text), limit);
  return { ids: request.choices.map(({ id }) => id), scope: formatScopes([...request.scopes]), leftOut };
};

test('for herself nothing is left out', () => {
  const { ids, leftOut } = asked('patient/Observation.rs patient/DocumentReference.rs', null);
  expect(ids).toContain('DocumentReference.view');
  expect(leftOut).toEqual({ confidential: [], beyond: [] });
});

test('of a teenager nothing sensitive is offered, nor what would hold it', () => {
  const limit = { ...open, hidesConfidential: true };
  const { ids, leftOut } = asked(
    'launch/patient openid offline_access patient/*.rs user/Observation.rs',
    limit,
  );
  expect(ids).toContain('Observation.laboratory.view');
  expect(ids).toContain('Condition.problem-list-item.view');
  for (const id of ['everything.view', 'Observation.view', 'Condition.view', 'Observation.survey.view'])
    expect(ids).not.toContain(id);
  expect(ids).not.toContain('user.Observation.survey.view');
  expect(leftOut.beyond).toEqual([]);
  expect(leftOut.confidential).toEqual(
    expect.arrayContaining(['DocumentReference', 'survey', 'health-concern']),
  );
  expect(leftOut.confidential.every(isSensitive)).toBe(true);
});

test('a scope of the representation narrows what is of a record, and nothing else', () => {
  const limit = {
    ...open,
    scope: 'patient/MedicationRequest.rs patient/Observation.rs?category=vital-signs',
  };
  const text =
    'launch/patient openid fhirUser offline_access patient/MedicationRequest.cruds patient/Patient.rs';
  const { ids, scope, leftOut } = asked(text, limit);
  expect(ids).toEqual(['MedicationRequest.view']);
  expect(scope).toBe('launch/patient openid fhirUser offline_access patient/MedicationRequest.rs');
  expect(leftOut).toEqual({ confidential: [], beyond: ['Patient'] });
});

test('levels are never exchanged: a right to a record opens nothing of the user', () => {
  expect(asked('user/Patient.rs', { ...open, scope: 'patient/*.rs' }).ids).toEqual([]);
});

test.each([
  ['within', {}, true],
  ['beyond the end', { expiresAt: new Date('2027-01-02T00:00:00Z') }, false],
  ['exactly until the end', { expiresAt: new Date('2027-01-01T00:00:00Z') }, true],
  ['of what is confidential', { scope: 'patient/DocumentReference.rs' }, false],
  ['of everything', { scope: 'patient/*.rs' }, false],
])('what was decided %s', (_what, changes, within) => {
  const limit = { scope: null, hidesConfidential: true, endsAt: new Date('2027-01-01T00:00:00Z') };
  const decided = { scope: 'patient/MedicationRequest.rs', expiresAt: new Date('2026-12-01T00:00:00Z') };
  expect(isWithinLimit({ ...decided, ...changes }, limit)).toBe(within);
});

test.each([
  ['the same', {}, {}, false],
  ['an end where there was none', { endsAt: new Date(5) }, {}, true],
  ['no end where there was one', {}, { endsAt: new Date(5) }, false],
  ['a later end', { endsAt: new Date(6) }, { endsAt: new Date(5) }, false],
  ['a scope where there was none', { scope: 'patient/*.cruds' }, {}, true],
  ['no scope where there was one', {}, { scope: 'patient/Patient.rs' }, false],
  ['a wider scope', { scope: 'patient/*.rs' }, { scope: 'patient/Patient.rs' }, false],
  ['another scope', { scope: 'patient/Observation.rs' }, { scope: 'patient/Patient.rs' }, true],
])('a right with %s: does it give less?', (_what, right, earlier, less) => {
  const whole = { scope: null, endsAt: null };
  expect(givesLess({ ...whole, ...right }, { ...whole, ...earlier })).toBe(less);
});
