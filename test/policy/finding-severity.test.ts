import { expect, test } from '@jest/globals';
import { severityOf } from '../../src/policy/finding-severity.ts';

test.each([
  ['patient_report', null, 'high'],
  ['dormant_key', null, 'low'],
  ['jwks_unreachable', null, 'medium'],
  ['dormant_key', 70, 'high'],
  ['patient_report', 69, 'medium'],
  ['patient_report', 29, 'low'],
  ['something_new', null, 'medium'],
] as const)('%s with a score of %s is of %s severity', (kind, score, severity) => {
  expect(severityOf(kind, score)).toBe(severity);
});
