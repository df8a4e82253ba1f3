import { expect, test } from '@jest/globals';
import {
  endOfRepresentation,
  mayEndOwn,
  type RepresentationTerms,
  representationLimit,
  standsAtHerAge,
} from '../../src/policy/representation.ts';
import { periodFaults } from '../../src/policy/representation-faults.ts';

const rules = { teenAge: 13, majorityAge: 18 };
const at = (text: string) => new Date(text);
const MAJORITY = '2035-06-04T10:00:00Z';
const TEENS = '2030-06-04T10:00:00Z';

const terms = (changes: Partial<RepresentationTerms> = {}): RepresentationTerms => ({
  ...{ basis: 'minority', scope: null, birthDate: '2017-06-05' },
  ...{ startsAt: at('2026-01-01T00:00:00Z'), endsAt: null, endedAt: null },
  ...changes,
});
const instant = (text: string | null) => (text === null ? null : at(text));

test.each<[string, Partial<RepresentationTerms>, string | null]>([
  ['of a child, without a set end', {}, MAJORITY],
  ['of a child, with an earlier end', { endsAt: at('2027-01-01T00:00:00Z') }, '2027-01-01T00:00:00Z'],
  ['of a child, with an end after her majority', { endsAt: at('2040-01-01T00:00:00Z') }, MAJORITY],
  ['by order of a court', { basis: 'court_order' }, null],
  [
    'by order of a court, for a time',
    { basis: 'court_order', endsAt: at('2040-01-01T00:00:00Z') },
    '2040-01-01T00:00:00Z',
  ],
  ['named by her as an adult', { basis: 'named', startsAt: at('2036-01-01T00:00:00Z') }, null],
  ['named by her as a minor', { basis: 'named' }, MAJORITY],
  ['on a basis that nobody knows', { basis: 'other' }, MAJORITY],
  ['of somebody whose birth date is not known', { birthDate: null }, null],
])('a representation %s ends by itself at that instant', (_what, changes, end) => {
  expect(endOfRepresentation(terms(changes), rules)).toEqual(instant(end));
});

test.each<[string, Partial<RepresentationTerms>, string, boolean]>([
  ['a parent, a moment before', {}, '2035-06-04T09:59:59.999Z', true],
  ['a parent, on the birthday', {}, MAJORITY, false],
  ['a guardian by order of a court, after it', { basis: 'court_order' }, '2040-01-01T00:00:00Z', true],
  [
    'whom she named as an adult, after it',
    { basis: 'named', startsAt: at(MAJORITY) },
    '2040-01-01T00:00:00Z',
    true,
  ],
  [
    'one that was ended',
    { basis: 'court_order', endedAt: at('2027-01-01T00:00:00Z') },
    '2028-01-01T00:00:00Z',
    false,
  ],
  ['one that has not begun', {}, '2025-12-31T23:59:59Z', false],
])('%s: whether it stands', (_what, changes, now, stands) => {
  expect(standsAtHerAge(terms(changes), rules, at(now))).toBe(stands);
});

test.each<[string, Partial<RepresentationTerms>, string, boolean, string | null]>([
  ['a child', {}, '2026-11-22T00:00:00Z', false, TEENS],
  [
    'a child with a guardian by order of a court',
    { basis: 'court_order' },
    '2026-11-22T00:00:00Z',
    false,
    TEENS,
  ],
  ['a teenager', {}, '2031-01-01T00:00:00Z', true, MAJORITY],
  [
    'a teenager with a guardian by order of a court',
    { basis: 'court_order' },
    '2031-01-01T00:00:00Z',
    true,
    MAJORITY,
  ],
  ['an adult with such a guardian', { basis: 'court_order' }, '2036-01-01T00:00:00Z', false, null],
  [
    'a child whose parent’s right ends first',
    { endsAt: at('2027-01-01T00:00:00Z') },
    '2026-11-22T00:00:00Z',
    false,
    '2027-01-01T00:00:00Z',
  ],
  ['somebody of unknown age', { birthDate: null }, '2026-11-22T00:00:00Z', true, null],
])('a decision for %s', (_who, changes, now, hides, endsAt) => {
  const scope = 'patient/Patient.rs';
  expect(representationLimit(terms({ ...changes, scope }), rules, at(now))).toEqual({
    ...{ scope, hidesConfidential: hides, endsAt: instant(endsAt) },
  });
});

test.each([
  ['minority', true, true],
  ['minority', false, false],
  ['minority', null, false],
  ['named', true, true],
  ['named', null, true],
  ['court_order', true, false],
  ['other', true, false],
])('one that rests on %s, of age: %s; she may end it: %s', (basis, ofAge, may) => {
  expect(mayEndOwn(basis, ofAge)).toBe(may);
});

test.each<[string, Partial<Parameters<typeof periodFaults>[0]>, string[]]>([
  ['a parent of a child', {}, []],
  ['a parent of an adult', { startsAt: at(MAJORITY) }, ['basis age_unfit']],
  ['a minor who names somebody', { basis: 'named' }, ['basis age_unfit']],
  ['an adult who names somebody', { basis: 'named', startsAt: at(MAJORITY) }, []],
  ['a court about anybody', { basis: 'court_order', birthDate: null }, []],
  [
    'a parent of somebody of unknown age, without an end',
    { birthDate: null },
    ['endsAt representation_end_required'],
  ],
  [
    'a parent of somebody of unknown age, for a time',
    { birthDate: null, endsAt: at('2027-01-01T00:00:00Z') },
    [],
  ],
  ['an end that is past', { endsAt: at('2026-01-01T00:00:00Z') }, ['endsAt date_past']],
  [
    'an end before the beginning',
    { startsAt: at('2028-01-01T00:00:00Z'), endsAt: at('2027-01-01T00:00:00Z') },
    ['endsAt out_of_range'],
  ],
])('%s may be recorded, or not', (_what, changes, faults) => {
  const now = at('2026-11-22T00:00:00Z');
  const period = { basis: 'minority', startsAt: now, endsAt: null, birthDate: '2017-06-05' } as const;
  const found = periodFaults({ ...period, ...changes }, rules, now);
  expect(found.map(({ field, code }) => `${field} ${code}`)).toEqual(faults);
});
