// What is repeated of a request that was refused: enough to mend it, nothing that could be about a person.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shownPlace } from '../../src/provider/shown.ts';

const EXPECTED = ['https://fhir.example/r4', 'https://postern.example/token'];

describe('an address that is none of those that would have been right', () => {
  test.each([
    ['https://fhir.example/Patient/ana-rivera', 'https://fhir.example/...'],
    ['https://fhir.example/r4/Patient/123', 'https://fhir.example/...'],
    ['https://fhir.example/r4//', 'https://fhir.example/...'],
    ['https://fhir.example/?patient=123', 'https://fhir.example/'],
    ['https://fhir.example?patient=123#x', 'https://fhir.example'],
    ['https://ana:secret@fhir.example:8443/x', 'https://fhir.example:8443/...'],
    ['//fhir.example/Patient/123', '//fhir.example/...'],
    ['/Patient/123', '/...'],
    ['Patient/123', 'Patient/...'],
    ['["https://fhir.example/Patient/1","x"]', '["https://fhir.example/...'],
    ['org.example.app:/123', 'org.example.app:/...'],
  ])('is kept without its path: %s', (sent, got) => {
    expect(shownPlace(sent, EXPECTED)).toBe(got);
  });

  test.each([
    ['https://fhir.example/r4/', 'a slash more'],
    ['https://FHIR.example/R4', 'another case'],
    ['https://fhir.example/r4', 'a query that is not repeated'],
  ])('is kept whole where it differs in that alone: %s (%s)', (sent) => {
    expect(shownPlace(sent, EXPECTED)).toBe(sent);
  });

  test('is not there where none was sent', () => {
    for (const none of [undefined, null, '', 7, ['https://fhir.example/x']])
      expect(shownPlace(none, EXPECTED)).toBeUndefined();
  });
});

test.each(['lantern-health', 'app-0123456789ab'])('a name without a path is kept: %s', (name) => {
  expect(shownPlace(name, EXPECTED)).toBe(name);
});

test('whatever stands in a path is not repeated', () => {
  const id = fc.stringMatching(/^[a-z0-9-]{6,30}$/);
  fc.assert(
    fc.property(fc.webUrl(), id, fc.constantFrom('', '/', '?x', '#x', '/x'), (url, secret, tail) => {
      const { origin } = new URL(url);
      const got = shownPlace(`${origin}/Patient/secret${secret}${tail}`, EXPECTED) ?? '';
      expect(got).not.toContain(`secret${secret}`);
      expect(got).not.toContain('Patient');
    }),
  );
});
