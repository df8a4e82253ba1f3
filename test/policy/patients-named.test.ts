// Whose records a search asks for: that one counts in the budget, and of several none can be counted.
import { expect, test } from '@jest/globals';
import { namesSeveral, patientNamed } from '../../src/policy/patients-named.ts';
import { parseRequestLine } from '../../src/policy/request-line.ts';
import { accessFacts } from './access-facts.ts';
import { reasonOf } from './changed-access.ts';

test.each<readonly [string, string | undefined, boolean]>([
  ['GET /Observation', undefined, false],
  ['GET /Observation?patient=ben', 'ben', false],
  ['GET /Observation?subject:Patient=ben', 'ben', false],
  ['GET /Observation?patient=ben,Patient/ben', 'ben', false],
  ['GET /Observation?patient=ana,ben', undefined, true],
  ['GET /Observation?subject=Patient/ana,Patient/ben', undefined, true],
  ['GET /Observation?patient=ana,https://other.example/Patient/ben', undefined, true],
  ['GET /Observation/$lastn?patient=ana,ben', undefined, true],
  ['GET /Coverage?beneficiary=Patient/ana,Patient/ben', undefined, true],
  ['GET /Patient?_id=ana,ben', undefined, true],
  // What narrows leaves no more than one.
  ['GET /Observation?patient=ana,ben&patient=ben', 'ben', false],
  // A server passes over a parameter that the type does not have.
  ['GET /Observation?patient=ana,ben&beneficiary=Patient/ben', undefined, true],
  ['GET /Patient/ben/Observation?patient=ana,ben', 'ben', false],
  ['GET /Patient/ben', 'ben', false],
])('%s', (line, patient, several) => {
  const request = parseRequestLine(line);
  if (request === undefined) throw new Error('no request');
  expect([patientNamed(request), namesSeveral(request)]).toEqual([patient, several]);
});

test('several are refused, unless the scopes leave only the patient in context', () => {
  const reason = (scope: string) =>
    reasonOf({
      token: { scope, stoppedScopes: [], extra: { ...accessFacts.token.extra, fhirUser: 'Practitioner/1' } },
      request: {
        ...{ interaction: 'search', resourceId: undefined, patientId: undefined, labels: undefined },
        parameters: [['patient', 'ana,ben']],
      },
    });
  expect(reason('user/Observation.rs')).toBe('budget_patients');
  expect(reason('system/Observation.rs patient/Observation.rs')).toBe('budget_patients');
  expect(reason('patient/Observation.rs')).toBeUndefined();
});
