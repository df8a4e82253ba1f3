import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consentRequest, grantedScopes } from '../../src/smart/consent-choices.ts';
import { CATEGORIES, isSensitive, RESOURCE_TYPES } from '../../src/smart/resource-types.ts';
import { formatScope, formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { anyScopes } from './random-scopes.ts';

const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

const request = (text: string) => consentRequest(parseScopes(text).scopes);
const ids = (text: string) => request(text).choices.map((choice) => choice.id);
const grant = (text: string, chosen: string[], keepOffline = false) => {
  const granted = grantedScopes(request(text), new Set(chosen), keepOffline);
  return granted?.map(formatScope).join(' ');
};

describe('what can be ticked', () => {
  test('view and change are never one choice', () => {
    expect(ids('patient/Goal.cruds patient/Device.r patient/Encounter.write')).toEqual([
      'Goal.view',
      'Goal.change',
      'Device.view',
      'Encounter.change',
    ]);
  });

  test('a whole Observation or Condition stands beside its categories (170.315(g)(10), granular scopes)', () => {
    const { choices } = request('patient/Condition.rs patient/Observation.rs');
    expect(choices.map(({ id, broad }) => [id, broad])).toEqual([
      ['Condition.problem-list-item.view', false],
      ['Condition.encounter-diagnosis.view', false],
      ['Condition.health-concern.view', false],
      ['Condition.view', true],
      ['Observation.laboratory.view', false],
      ['Observation.vital-signs.view', false],
      ['Observation.social-history.view', false],
      ['Observation.survey.view', false],
      ['Observation.clinical-test.view', false],
      ['Observation.sdoh.view', false],
      ['Observation.view', true],
    ]);
  });

  test('a category that is asked for is the same choice, without the whole type', () => {
    const [choice, ...others] = request(`patient/Observation.rs?category=${encodeURIComponent(LAB)}`).choices;
    expect(others).toEqual([]);
    expect(choice).toMatchObject({
      id: 'Observation.laboratory.view',
      category: 'laboratory',
      group: 'Observation',
      access: 'view',
      broad: false,
      detail: undefined,
    });
  });

  test('any other constraint stays, with its words, under the type', () => {
    const text =
      'patient/Observation.rs?code=http://loinc.org|4548-4 patient/Observation.r?category=laboratory';
    const { choices } = request(`${text} patient/Observation.r?category=${LAB}&date=ge2026`);
    expect(choices.map((choice) => [choice.category, choice.detail, formatScopes(choice.scopes)])).toEqual([
      ['Observation', 'code=http://loinc.org|4548-4', 'patient/Observation.rs?code=http://loinc.org|4548-4'],
      ['Observation', 'category=laboratory', 'patient/Observation.r?category=laboratory'],
      ['Observation', `category=${LAB}&date=ge2026`, `patient/Observation.r?category=${LAB}&date=ge2026`],
    ]);
    expect(new Set(choices.map((choice) => choice.id)).size).toBe(3);
  });

  test('a category of another resource type is not the one that has a wording', () => {
    const [choice] = request(`patient/Procedure.r?category=${LAB}`).choices;
    expect(choice).toMatchObject({ category: 'Procedure', detail: `category=${LAB}` });
  });

  test('a wildcard can be taken whole or type by type (§wildcard scopes)', () => {
    const { choices } = request('patient/*.rs');
    expect(choices).toHaveLength(RESOURCE_TYPES.length + CATEGORIES.length + 1);
    expect(choices.at(-1)).toMatchObject({
      id: 'everything.view',
      category: 'everything',
      broad: true,
      sensitive: true,
    });
    expect(grant('patient/*.rs', ['Goal.view'])).toBe('patient/Goal.rs');
    expect(grant('patient/*.read', ['Goal.view'])).toBe('patient/Goal.read');
  });

  test('the same data asked for twice is one choice', () => {
    const { choices } = request('patient/Goal.r patient/Goal.s?x=1 patient/Goal.s');
    expect(choices.map(({ scopes }) => formatScopes(scopes))).toEqual([
      'patient/Goal.rs',
      'patient/Goal.s?x=1',
    ]);
  });

  test('the patient level and the user level stay apart', () => {
    expect(ids('patient/Patient.r user/Patient.r')).toEqual(['Patient.view', 'user.Patient.view']);
    expect(request('user/Patient.r').choices[0]?.level).toBe('user');
  });

  test('nobody is asked for system/ or for a type without a wording, so neither is ever granted', () => {
    expect(request('system/*.cruds patient/Foo.rs').choices).toEqual([]);
    expect(grant('system/*.cruds patient/Foo.rs openid', [])).toBe('openid');
  });

  test('a whole type is as sensitive as its most sensitive category', () => {
    const sensitive = request('patient/Observation.cruds patient/Goal.rs patient/DocumentReference.rs')
      .choices.filter((choice) => choice.sensitive)
      .map((choice) => choice.id);
    expect(sensitive).toEqual([
      'Observation.social-history.view',
      'Observation.survey.view',
      'Observation.sdoh.view',
      'Observation.view',
      'Observation.change',
      'DocumentReference.view',
    ]);
    expect(isSensitive('laboratory')).toBe(false);
  });

  test('identity, offline and online access are told apart', () => {
    expect(request('launch/patient openid offline_access')).toMatchObject({
      identity: true,
      offline: true,
      online: false,
    });
    expect(request('launch online_access')).toMatchObject({ identity: false, offline: false, online: true });
  });

  test('law: the ids are distinct and safe in a form', () => {
    fc.assert(
      fc.property(anyScopes, (scopes) => {
        const found = consentRequest(scopes).choices.map((choice) => choice.id);
        expect(new Set(found).size).toBe(found.length);
        for (const id of found) expect(id).toMatch(/^[A-Za-z0-9.-]+$/);
      }),
    );
  });
});
