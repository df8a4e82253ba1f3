import { describe, expect, test } from '@jest/globals';
import {
  launchContextSchema,
  launchParameters,
  requiresEncounter,
  requiresPatient,
} from '../../src/smart/launch-context.ts';
import { parseScopes } from '../../src/smart/scope.ts';

const read = (text: string) => parseScopes(text).scopes;

const full = {
  patient: '123',
  encounter: 'e-1.2',
  fhirContext: [
    { reference: 'ImagingStudy/123' },
    { reference: 'List/456', role: 'https://example.org/med-list-at-home' },
    {
      type: 'Questionnaire',
      canonical: 'https://example.org/Questionnaire/123|v1',
      role: 'https://example.org/r',
    },
    { type: 'Organization', identifier: { system: 'urn:oid:1.2', value: '9' } },
    { reference: 'Patient/other', role: 'https://example.org/sibling' },
  ],
  need_patient_banner: false,
  intent: 'reconcile-medications',
  smart_style_url: 'https://ehr.example/styles/smart_v1.json',
  tenant: '2ddd6c3a-8e9a-44c6-a305-52111ad302a2',
};
const appearance = (({ need_patient_banner, intent, smart_style_url, tenant }) => ({
  need_patient_banner,
  intent,
  smart_style_url,
  tenant,
}))(full);

describe('what an EHR may deposit', () => {
  test('all parameters of §launch context, and none of them', () => {
    expect(launchContextSchema.parse(full)).toEqual(full);
    expect(launchContextSchema.parse({})).toEqual({});
  });

  test.each([
    ['a reference for an id', { patient: 'Patient/123' }],
    ['an empty id', { patient: '' }],
    ['an id that is too long', { encounter: 'a'.repeat(65) }],
    ['an unknown parameter', { access_token: 'x' }],
    ['fhirContext without a target', { fhirContext: [{ type: 'List' }] }],
    ['an absolute reference', { fhirContext: [{ reference: 'https://h/List/1' }] }],
    ['an empty role', { fhirContext: [{ reference: 'List/1', role: '' }] }],
    ['a patient in fhirContext', { fhirContext: [{ reference: 'Patient/1' }] }],
    ['an encounter with the role launch', { fhirContext: [{ reference: 'Encounter/1', role: 'launch' }] }],
    ['a patient by type', { fhirContext: [{ type: 'Patient', identifier: { value: '1' } }] }],
    ['two types at once', { fhirContext: [{ reference: 'Patient/1', type: 'List' }] }],
    ['a style that is not https', { smart_style_url: 'http://ehr.example/style.json' }],
    ['a style that is a script', { smart_style_url: 'javascript:alert(1)' }],
    ['a banner that is text', { need_patient_banner: 'true' }],
    ['a list that is too long', { fhirContext: Array(21).fill({ reference: 'List/1' }) }],
    ['not an object', null],
  ])('not %s', (_, context) => {
    expect(launchContextSchema.safeParse(context).success).toBe(false);
  });
});

describe('what the token response and introspection tell', () => {
  test.each([
    ['launch', full],
    ['openid', appearance],
    ['launch/patient', { ...appearance, patient: '123', fhirContext: [full.fhirContext[4]] }],
    ['patient/Goal.r', { ...appearance, patient: '123' }],
    ['user/Patient.r system/Patient.r', appearance],
    ['launch/encounter', { ...appearance, encounter: 'e-1.2' }],
    ['launch/imagingstudy', { ...appearance, fhirContext: [{ reference: 'ImagingStudy/123' }] }],
    ['launch/list?role=unsupported', { ...appearance, fhirContext: [full.fhirContext[1]] }],
    ['launch/questionnaire', { ...appearance, fhirContext: [full.fhirContext[2]] }],
    [
      'launch/list launch/organization',
      { ...appearance, fhirContext: [full.fhirContext[1], full.fhirContext[3]] },
    ],
  ])('%s', (granted, parameters) => {
    expect(launchParameters(full, read(granted))).toEqual(parameters);
  });

  test('no member for what there is not', () => {
    expect(launchParameters({}, read('launch launch/patient'))).toEqual({});
    expect(launchParameters({ patient: '1', fhirContext: [] }, read('launch'))).toEqual({ patient: '1' });
  });
});

test('a patient must be established for patient/ scopes and launch/patient, an encounter for launch/encounter', () => {
  expect(
    ['patient/*.rs', 'launch/patient', 'user/*.rs', 'launch', 'openid'].map((s) => requiresPatient(read(s))),
  ).toEqual([true, true, false, false, false]);
  expect(
    ['launch/encounter', 'launch', 'patient/Encounter.r'].map((s) => requiresEncounter(read(s))),
  ).toEqual([true, false, false]);
});
