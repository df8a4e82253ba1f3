// Which requests scopes cover, and which filter keeps the others out.
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/errors.ts';
import { decideAccess } from '../../src/policy/access.ts';
import { parseRequestLine } from '../../src/policy/request-line.ts';
import { accessFacts } from './access-facts.ts';
import { type Changed, factsWith } from './changed-access.ts';

/** A request line with a scope, with nothing told beside it. */
function ask(scope: string, line: string, more: Changed = {}) {
  const request = parseRequestLine(line);
  if (request === undefined) throw new Error(`${line} is no request`);
  const plain = { ...accessFacts, context: {}, settings: { ...accessFacts.settings, networks: [] } };
  const token = { scope, stoppedScopes: [], ...more.token };
  return decideAccess(factsWith({ ...more, token }, { ...plain, request: { ...request, ...more.request } }));
}

const filtersOf = (scope: string, line: string, more?: Changed) => {
  const decision = ask(scope, line, more);
  if (!decision.permitted) return decision.reason;
  return decision.obligations.flatMap((one) =>
    one.type === 'filter'
      ? [
          `${one.resourceType}: ${one.alternatives.map((each) => each.map((pair) => pair.join('=')).join('&')).join(' or ')}`,
        ]
      : [],
  );
};

describe('what scopes leave of a request', () => {
  const LAB = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
  test.each<readonly [string, string, readonly string[] | Reason]>([
    ['patient/Observation.rs', 'GET /Observation', ['Observation: patient=ana']],
    ['patient/Observation.rs', 'GET /Observation?patient=ana', []],
    ['patient/Observation.rs', 'GET /Observation?subject=Patient/ana', []],
    ['patient/Observation.rs', 'GET /Observation?subject:Patient=ana', []],
    ['patient/Observation.rs', 'GET /Observation?subject=ana', ['Observation: patient=ana']],
    ['patient/Observation.rs', 'GET /Observation?patient=ana,ben', ['Observation: patient=ana']],
    ['patient/Observation.rs', 'GET /Observation?patient=ben', 'patient_foreign'],
    ['patient/Observation.rs', 'GET /Observation?patient:missing=true', ['Observation: patient=ana']],
    ['patient/Observation.rs', 'GET /Observation?performer=Patient/ana', ['Observation: patient=ana']],
    [
      'patient/Observation.rs',
      'GET /Observation?patient=https://other.example/Patient/ana',
      ['Observation: patient=ana'],
    ],
    [`patient/Observation.rs?${LAB}`, 'GET /Observation?patient=ana', [`Observation: ${LAB}`]],
    [`patient/Observation.rs?${LAB}`, `GET /Observation?patient=ana&${LAB}`, []],
    [
      `patient/Observation.rs?${LAB}`,
      'GET /Observation?patient=ana&category=laboratory',
      [`Observation: ${LAB}`],
    ],
    [`patient/Observation.rs?${LAB}`, 'GET /Observation?patient=ana&category=survey', 'scope_insufficient'],
    [
      `patient/Observation.rs?${LAB}`,
      `GET /Observation?patient=ana&category:not=survey`,
      [`Observation: ${LAB}`],
    ],
    [`patient/Observation.rs?${LAB} patient/Observation.rs`, 'GET /Observation?patient=ana', []],
    [
      'patient/Observation.rs?date=ge2020',
      'GET /Observation?patient=ana&date=ge2021',
      ['Observation: date=ge2020'],
    ],
    ['patient/Observation.r', 'GET /Observation?patient=ana', 'scope_insufficient'],
    ['patient/Observation.s', 'GET /Observation/1', 'scope_insufficient'],
    ['patient/Observation.r', 'GET /Observation/1', ['Observation: patient=ana']],
    ['patient/Observation.r', 'GET /Observation/1/_history/2', ['Observation: patient=ana']],
    ['patient/Observation.s', 'GET /Observation/_history', ['Observation: patient=ana']],
    ['patient/Patient.rs', 'GET /Patient/ana', []],
    ['patient/Patient.rs', 'GET /Patient/ben', 'patient_foreign'],
    ['patient/Patient.rs', 'GET /Patient?family=rivera', ['Patient: _id=ana']],
    ['patient/Patient.cruds', 'POST /Patient', 'patient_foreign'],
    ['patient/*.rs', 'GET /Patient/ana/*', []],
    ['patient/*.rs', 'GET /Patient/ben/Observation', 'patient_foreign'],
    ['patient/Observation.rs', 'GET /Patient/ana/Observation', []],
    ['patient/*.rs', 'GET /', 'patient_foreign'],
    ['system/*.rs', 'GET /', []],
    ['patient/*.rs', 'GET /Patient/ana/$everything', []],
    ['patient/Observation.rs', 'GET /Patient/ana/$everything', 'scope_insufficient'],
    ['patient/*.rs', 'GET /Patient/ben/$everything', 'patient_foreign'],
    ['patient/*.rs', 'GET /Observation/$lastn', ['Observation: patient=ana']],
    ['patient/*.cruds', 'POST /Observation/$lift', 'request_unknown'],
    ['patient/*.rs', 'GET /Binary/1', 'patient_foreign'],
    ['patient/*.rs', 'GET /Practitioner/1', []],
    ['patient/*.cruds', 'PUT /Practitioner/1', 'patient_foreign'],
    ['patient/*.rs', 'GET /Device', ['Device: patient=ana']],
    ['patient/*.cruds', 'PUT /Observation/1', ['Observation: patient=ana']],
    ['patient/*.cud', 'DELETE /Observation?identifier=1', 'scope_insufficient'],
    ['user/Observation.rs', 'GET /Observation', 'patient_foreign'],
    [
      'patient/Observation.rs patient/Provenance.rs',
      'GET /Observation?patient=ana&_revinclude=Provenance:target',
      ['Provenance: patient=ana'],
    ],
    [
      'patient/Observation.rs',
      'GET /Observation?patient=ana&_revinclude=Provenance:target',
      'scope_insufficient',
    ],
    [
      'patient/MedicationRequest.rs patient/Medication.r',
      'GET /MedicationRequest?patient=ana&_include=MedicationRequest:medication',
      [],
    ],
    [
      'patient/MedicationRequest.rs',
      'GET /MedicationRequest?patient=ana&_include=MedicationRequest:medication',
      'scope_insufficient',
    ],
    ['patient/*.rs', 'GET /Observation?patient=ana&_include=*', 'patient_foreign'],
    ['patient/Patient.rs', 'GET /Patient?_has:Observation:patient:code=1', 'scope_insufficient'],
    [
      `patient/Patient.rs patient/Observation.rs?${LAB}`,
      'GET /Patient?_has:Observation:patient:code=1',
      'scope_insufficient',
    ],
    ['patient/Observation.rs', 'GET /Observation?patient=ana&encounter.status=planned', 'scope_insufficient'],
    [
      'patient/Observation.rs',
      'GET /Observation?patient=ana&_filter=code eq 1'.replaceAll('code eq ', ''),
      'scope_insufficient',
    ],
  ])('%s, %s', (scope, line, expected) => {
    expect(filtersOf(scope, line)).toEqual(expected);
  });

  test('a user sees what the EHR shows to a clinician, and of a patient her own', () => {
    const by = (fhirUser: string) =>
      filtersOf('user/Observation.rs', 'GET /Observation', { token: { extra: { fhirUser } } });
    expect(by('Practitioner/1')).toEqual([]);
    expect(by('https://ehr.example/r4/Patient/cleo')).toEqual(['Observation: patient=cleo']);
    expect(by('Person/1')).toBe('patient_foreign');
  });

  test('without a patient in context a patient scope reaches nobody', () => {
    expect(filtersOf('patient/*.rs', 'GET /Observation', { token: { extra: {} } })).toBe('patient_foreign');
  });

  test('scopes that a recorded change stops reach nothing', () => {
    const stoppedScopes = ['patient/Observation.r'];
    expect(
      filtersOf('patient/Observation.rs patient/Patient.rs', 'GET /Observation/1', {
        token: { stoppedScopes },
      }),
    ).toBe('scope_insufficient');
  });

  test('a resource of somebody else in which the patient has a part only is not about her', () => {
    const told = (parameters: readonly (readonly [string, string])[]) =>
      filtersOf('patient/Observation.r', 'GET /Observation/1', { request: { parameters } });
    expect(told([['performer', 'Patient/ana']])).toEqual([]);
    expect(
      told([
        ['performer', 'Patient/ana'],
        ['subject', 'Patient/ben'],
      ]),
    ).toBe('patient_foreign');
  });
});
