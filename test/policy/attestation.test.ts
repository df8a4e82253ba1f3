import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Answer,
  ATTESTED_ITEMS,
  answerFaults,
  type Bound,
  canonicalJson,
  changedSince,
  outcomeOf,
  type Snapshot,
} from '../../src/policy/attestation.ts';

const scope = (text: string) => ({ scope: text, state: 'unused', used: '' }) as const;
const snapshot: Snapshot = {
  ...{ appId: 'a', takenAt: '2026-11-22T00:00:00.000Z', owner: null },
  organization: { id: 'o', legalName: 'O' },
  revision: {
    ...{ id: 'r1', number: 1, name: 'A', purposeStatement: 'Why', purposes: ['PATRQT'], subprocessors: [] },
    ...{ scopeCeiling: 'patient/Patient.rs patient/Condition.rs', useCase: {} },
  },
  contract: { id: 'c', endsAt: '2027-01-01T00:00:00.000Z' },
  use: {
    ...{ days: 90, lastUsedAt: null, liveConsents: 0, livePatients: 0, accesses: 0, countedTo: 1_000 },
    scopes: [scope('patient/Patient.rs'), scope('patient/Condition.rs')],
    peers: {
      peers: 0,
      scopes: 2,
      medianScopes: null,
      accessesPerPatient: null,
      medianAccessesPerPatient: null,
    },
  },
};
const now: Bound = { organizationId: 'o', revisionId: 'r1', contract: snapshot.contract };

test.each<[string, Partial<Bound>, readonly string[]]>([
  ['nothing', {}, []],
  ['the order of members alone', { contract: { endsAt: '2027-01-01T00:00:00.000Z', id: 'c' } }, []],
  ['another revision in force', { revisionId: 'r2' }, ['revision']],
  ['a term of the contract', { contract: { id: 'c', endsAt: '2028-01-01T00:00:00.000Z' } }, ['contract']],
  ['no contract any more', { contract: null }, ['contract']],
  ['another organization', { organizationId: 'p', contract: null }, ['organization', 'contract']],
])('after %s it is known what changed', (_, changes, changed) => {
  expect(changedSince(snapshot, { ...now, ...changes })).toEqual(changed);
});

const confirm: Answer = { decision: 'confirm', confirmed: ATTESTED_ITEMS, givenUpScopes: [], note: null };
const faultsOf = (answer: Partial<Answer>) =>
  answerFaults(snapshot, { ...confirm, ...answer }).map(({ field, code, value }) => [field, code, value]);

test('a whole answer has no faults, with a scope given up or not', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ givenUpScopes: ['patient/Condition.rs'] })).toEqual([]);
});

test.each(ATTESTED_ITEMS)('without %s it confirms nothing', (item) => {
  const confirmed = ATTESTED_ITEMS.filter((one) => one !== item);
  expect(faultsOf({ confirmed })).toEqual([['confirmed', 'item_unconfirmed', item]]);
});

test('only what the app has can be given up, and not all of it', () => {
  expect(faultsOf({ givenUpScopes: ['patient/*.cruds'] })).toEqual([
    ['givenUpScopes', 'not_one_of', 'patient/*.cruds'],
  ]);
  expect(faultsOf({ givenUpScopes: ['patient/Patient.rs', 'patient/Condition.rs'] })).toEqual([
    ['givenUpScopes', 'scopes_all_given_up', undefined],
  ]);
});

test('that it is to end is said with a reason, and confirms nothing', () => {
  expect(faultsOf({ decision: 'end', confirmed: [] })).toEqual([['note', 'required', undefined]]);
  expect(faultsOf({ decision: 'end', confirmed: [], note: 'It is replaced.' })).toEqual([]);
});

test('the same content is the same text, in whatever order; another content is another', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
});

const at = (day: number) => new Date(Date.UTC(2027, 0, day));
const entry = { decision: null, givenUpScopes: null, attestedAt: null, silentAt: null, dueAt: at(10) };

test.each([
  ['unanswered', {}],
  ['silent', { silentAt: at(10) }],
  ['confirmed', { decision: 'confirm', attestedAt: at(9), givenUpScopes: [] }],
  ['narrowed', { decision: 'confirm', attestedAt: at(9), givenUpScopes: ['patient/Patient.rs'] }],
  ['late', { decision: 'confirm', attestedAt: at(10), silentAt: at(10), givenUpScopes: [] }],
  ['ending', { decision: 'end', attestedAt: at(11), silentAt: at(10), givenUpScopes: [] }],
] as const)('an app is %s', (outcome, changes) => {
  expect(outcomeOf({ ...entry, ...changes })).toBe(outcome);
});
