import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatScope, parseScope, parseScopes } from '../../src/smart/scope.ts';
import { anyNearScope, anyScope } from './random-scopes.ts';

const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
const SMART = 'http://smarthealthit.org/fhir/scopes/';
const OPENID = 'http://openid.net/specs/openid-connect-core-1_0#';

describe('the examples of SMART App Launch 2.2 are read and written back as they are', () => {
  test.each([
    ...['patient/*.rs', 'user/*.cruds', 'patient/*.cruds', 'system/*.rs', 'system/Encounter.cud'],
    ...['patient/Observation.rs', 'patient/Patient.r', 'patient/Observation.c', 'user/Appointment.cruds'],
    ...[
      'patient/Observation.read',
      'patient/Observation.write',
      'patient/Observation.*',
      'user/*.read',
      'user/*.*',
    ],
    `patient/Observation.rs?category=${LAB}`,
    'patient/Observation.rs?code:in=http://valueset.example.org/ValueSet/diabetes-codes',
    'user/Observation.rs?patient.birthdate=1990',
    'patient/Basic.cuds?code=https://app.example.org|key',
    ...['openid', 'fhirUser', 'profile', 'online_access', 'offline_access', 'launch', 'launch/patient'],
    ...['launch/encounter', 'launch/diagnosticreport', 'launch/relatedperson?role=friend'],
    'launch/list?role=https://example.org/med-list-at-home',
    ...[`${SMART}patient/*.r`, `${SMART}launch/patient`, `${SMART}fhirUser`, `${SMART}online_access`],
    ...[`${OPENID}openid`, `${OPENID}profile`, `${OPENID}offline_access`, `${SMART}offline_access`],
  ])('%s', (text) => {
    const scope = parseScope(text);
    expect(scope && formatScope(scope)).toBe(text);
  });
});

describe('what is outside the grammar is refused', () => {
  test.each([
    ...[
      '',
      '.',
      '/',
      '*',
      'patient',
      'patient/',
      'patient/Observation',
      'patient/Observation.',
      '*/*.*',
      'patient/.rs',
    ],
    ...[
      'patient/Observation.sr',
      'patient/Observation.dus',
      'patient/Observation.rsx',
      'patient/Observation.rrs',
    ],
    ...[
      'patient/Observation.RS',
      'patient/Observation.readrs',
      'patient/Observation.*s',
      'patient/Observation.rs.rs',
    ],
    ...[
      'patient/observation.rs',
      'patient/*Observation.rs',
      'Patient/Observation.rs',
      'admin/Observation.rs',
    ],
    ...['patient/Observation1.rs', 'patient%2FObservation.rs', 'patient//Observation.rs', 'patient/O/b.rs'],
    ...['patient/Observation.rs?', 'patient/Observation.rs?category', 'patient/Observation.rs?category='],
    ...[
      'patient/Observation.rs?=x',
      'patient/Observation.rs?&category=x',
      'patient/Observation.rs?category=x&',
    ],
    ...[
      'patient/Observation.rs?category=x&&code=y',
      'patient/Observation.rs?category=x?code=y',
      'patient/X.rs??a=b',
    ],
    ...[
      'patient/Observation.rs?category=%00',
      'patient/Observation.rs?category=%0A',
      'patient/X.rs?a=%E2%80%AE',
    ],
    ...[
      'patient/X.rs?a=%C2%A0',
      'patient/X.rs?a=%',
      'patient/X.rs?a=%zz',
      'patient/X.rs?a=%C3',
      'patient/X.rs?a%20b=c',
    ],
    ...[
      'patient/X.rs?a="b"',
      'patient/X.rs?a=b\\|c',
      'patient/X.rs?a=é',
      'patient/X.rs?a=b c',
      'patient/X.rs?a=b\n',
    ],
    ...[
      'patient/X.read?category=x',
      'patient/X.*?category=x',
      'launch/',
      'launch/Patient',
      'launch/patient/x',
      'launchx',
    ],
    ...[
      'launch?role=x',
      'launch/list?role=',
      'launch/list?role=a&role=b',
      'launch/list?role=a&b=c',
      'launch/list?x=y',
    ],
    ...[
      'launch/list?role=%00',
      'openid ',
      ' openid',
      'OpenID',
      'fhiruser',
      `${SMART}`,
      `${OPENID}`,
      `${SMART}openid`,
    ],
    ...[
      `${OPENID}fhirUser`,
      `${OPENID}patient/*.r`,
      `${SMART}${SMART}patient/*.r`,
      'http://example.org/patient/*.r',
    ],
    ...[
      '__proto__',
      'constructor',
      'patient/X.constructor',
      'patient/X.toString',
      `patient/${'X'.repeat(65)}.r`,
    ],
    `patient/X.rs?a=${'b'.repeat(2048)}`,
  ])('%j', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });
});

test('v1 words mean rs, cud and cruds (§permission-v1)', () => {
  expect(['read', 'write', '*'].map((word) => parseScope(`patient/Patient.${word}`))).toMatchObject([
    { interactions: 'rs', v1: true },
    { interactions: 'cud', v1: true },
    { interactions: 'cruds', v1: true },
  ]);
});

test('constraints are equal whatever their encoding, order or repetition', () => {
  const spelled = parseScope(`patient/Observation.rs?code=1&category=${LAB}`);
  const encoded = parseScope(`patient/Observation.rs?c%61tegory=${encodeURIComponent(LAB)}&code=%31&code=1`);
  expect(encoded).toEqual(spelled);
});

test('a FHIR escape travels percent-encoded, since RFC 6749 §3.3 has no backslash', () => {
  const scope = parseScope('patient/Observation.rs?code=a%5C%7Cb%22');
  expect(scope).toMatchObject({ constraints: [['code', 'a\\|b"']] });
  expect(scope && formatScope(scope)).toBe('patient/Observation.rs?code=a%5C|b%22');
});

test('law: parse after format is the identity', () => {
  fc.assert(fc.property(anyScope, (scope) => expect(parseScope(formatScope(scope))).toEqual(scope)));
});

test('law: what is written is a scope-token of RFC 6749 §3.3', () => {
  fc.assert(
    fc.property(anyScope, (scope) => expect(formatScope(scope)).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/)),
  );
});

test('law: any text is read or refused, never thrown at, and what is read is stable', () => {
  fc.assert(
    fc.property(fc.oneof(anyNearScope, fc.string({ unit: 'binary', maxLength: 80 })), (text) => {
      const { scopes, refused } = parseScopes(text);
      for (const token of text.split(' ')) {
        const read = parseScope(token);
        if (read) expect(parseScope(formatScope(read))).toEqual(read);
        else if (token !== '') expect(refused).toContain(token);
      }
      expect(scopes.length + refused.length).toBe(new Set(text.split(' ').filter(Boolean)).size);
    }),
    { numRuns: 2000 },
  );
});
