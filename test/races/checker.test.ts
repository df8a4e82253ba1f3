// The checker is shown histories that violate each invariant, beside the same without the violation.
import { describe, expect, test } from '@jest/globals';
import { violationsOf } from './checker.ts';
import type { Facts } from './facts.ts';
import { violationLines } from './violation.ts';
import { attempt, ENDED, facts, history, LIVE, MINUTE, START } from './written-history.ts';

const found = (lines: readonly string[], known: Facts) =>
  violationsOf(history(...lines), known).map(({ invariant }) => invariant);

const REDEEMED = 'redeem code:c 0-10 200 access:a refresh:r';
const LOST = 'redeem code:c 0-10 400 invalid_grant';
const REFRESHED = 'refresh refresh:r 0-10 200 access:a refresh:s';
const ASSERTED = 'authenticate assertion:x 0-10 200 access:a';
const OPENED = 'open invitation:i 0-10 200';
const ENROLLED = 'enrol invitation:i 0-10 200 passkey:p';
const RECOVERED = 'recover recovery:r 0-10 303';
const BACK = ['0 recovery.started', '1 recovery.started'];
const [ISSUED, BOTH] = [['0 token.issued'], ['0 token.issued', '1 token.issued']];
const SUSPENDED = ['0 token.issued', '1 app.suspended', '2 app.resumed'];

// What it is about, what it must find, the history, and what the database holds.
const cases: readonly (readonly [string, readonly string[], readonly string[], Facts])[] = [
  ['one of two redeems the code', [], [REDEEMED, LOST], facts(LIVE, ISSUED)],
  ['two redeem one code', ['I1'], [REDEEMED, 'redeem code:c 2-9 200 access:b refresh:s'], facts(LIVE, BOTH)],
  ['two redeem one code and hear the same', ['I1'], [REDEEMED, REDEEMED], facts(LIVE, ISSUED)],
  ['two tokens are stored for one code', ['I1'], [REDEEMED, LOST], facts(LIVE, BOTH)],
  ['a refresh is answered again', [], [REFRESHED, REFRESHED], facts(LIVE, ISSUED)],
  ['two successors', ['I2'], [REFRESHED, 'refresh refresh:r 2-9 200 access:b refresh:t'], facts(LIVE, BOTH)],
  ['two successors are stored', ['I2'], [REFRESHED], facts({ ...LIVE, liveRefreshTokens: 2 }, ISSUED)],
  [
    'two with one assertion',
    ['F9'],
    [ASSERTED, 'authenticate assertion:x 2-9 200 access:b'],
    facts(LIVE, BOTH),
  ],
  ['nobody redeems the code', ['F9'], [LOST, LOST], facts(LIVE, [])],
  ['nobody redeems it: the second use was found to be a replay', [], [LOST, LOST], facts(ENDED, [])],
  ['nobody redeems it: the server could not', [], [LOST, 'redeem code:c 0-10 503 later'], facts(LIVE, [])],
  [
    'a form is decided twice',
    ['F9'],
    ['consent interaction:u 0-9 303', 'consent interaction:u 0-9 303'],
    facts(LIVE, ['0 consent.granted', '1 consent.granted']),
  ],
  [
    'a decision gives two codes',
    ['F9'],
    ['proceed interaction:u 0-9 303 code:c', 'proceed interaction:u 0-9 303 code:c'],
    facts(LIVE, []),
  ],
  [
    'an invitation opens twice',
    ['F9'],
    [OPENED, OPENED],
    facts(LIVE, ['0 invitation.opened', '1 invitation.opened']),
  ],
  [
    'an invitation makes two passkeys',
    ['F9'],
    [ENROLLED, 'enrol invitation:i 0-9 200 passkey:q'],
    facts(LIVE, ['0 passkey.registered', '1 passkey.registered']),
  ],
  ['a recovery code lets two in', ['F9'], [RECOVERED, RECOVERED], facts(LIVE, BACK)],
  ['one of two comes back', [], [RECOVERED, 'recover recovery:r 2-9 422'], facts(LIVE, BACK.slice(0, 1))],
  [
    'a check that began before the acknowledgement',
    [],
    [REDEEMED, 'revoke refresh:r 15-30 200', 'introspect access:a 29-40 200 active'],
    facts(ENDED, ISSUED),
  ],
  [
    'a check after it, of the same grant',
    ['I3', 'I5'],
    [REDEEMED, 'revoke refresh:r 15-30 200', 'introspect access:a 31-40 200 active'],
    facts(ENDED, ISSUED),
  ],
  [
    'a refresh after it',
    ['I3', 'I5'],
    [REDEEMED, 'revoke access:a 15-30 200', 'refresh refresh:r 31-40 200 access:b refresh:s'],
    facts(ENDED, ['0 token.issued', '2 token.issued']),
  ],
  [
    'a check of a token that a refresh was given meanwhile',
    ['I3', 'I5'],
    [REDEEMED, 'refresh refresh:r 12-35 200 access:b refresh:s'].concat([
      'stop sharing:app/ana 15-30 200',
      'introspect access:b 36-40 200 active',
    ]),
    facts(ENDED, ['0 token.issued', '1 token.issued', '2 consent.withdrawn']),
  ],
  [
    'what the patient agreed to after she had stopped',
    [],
    [
      'stop sharing:app/ana 0-5 200',
      'redeem code:c 6-10 200 access:a refresh:r',
      'introspect access:a 11-12 200 active',
    ],
    facts(LIVE, ['0 consent.withdrawn', '1 token.issued']),
  ],
  [
    'a check while the app is suspended',
    ['I3'],
    [
      REDEEMED,
      'suspend app:app 15-20 204',
      'resume app:app 40-50 204',
      'introspect access:a 25-30 200 active',
    ],
    facts(LIVE, SUSPENDED),
  ],
  [
    'a token from before, after the suspension',
    ['I3'],
    [
      REDEEMED,
      'suspend app:app 15-20 204',
      'resume app:app 40-50 204',
      'introspect access:a 55-60 200 active',
    ],
    facts(LIVE, SUSPENDED),
  ],
  [
    'a token that was asked for after the suspension',
    [],
    [REDEEMED, 'suspend app:app 15-20 204', 'resume app:app 40-50 204'].concat([
      'refresh refresh:r 55-60 200 access:b refresh:s',
      'introspect access:b 61-65 200 active',
    ]),
    facts(LIVE, [...SUSPENDED, '3 token.issued']),
  ],
  ['a permit on record', [], ['introspect access:a 0-10 200 active'], facts(LIVE, [])],
  [
    'a permit without record',
    ['I4'],
    ['introspect access:a 0-10 200 active'],
    facts(LIVE, [], { accessRecords: new Set([`access:a ${MINUTE - 1}`, `access:b ${MINUTE}`]) }),
  ],
  ['a token without its event', ['I4'], [ASSERTED], facts(LIVE, [])],
  ['a token under no grant', Array(7).fill('I5'), [REDEEMED], facts(undefined, ISSUED)],
  ['a grant without a decision', ['I5'], [REDEEMED], facts({ ...LIVE, consentEndedAt: undefined }, ISSUED)],
  ['a decision that ended alone', ['I5'], [REDEEMED], facts({ ...LIVE, consentEndedAt: START }, ISSUED)],
  [
    'a check of a token whose grant has ended',
    ['I5'],
    ['introspect access:a 30-40 200 active'],
    facts(ENDED, []),
  ],
  [
    'the same while something ends it',
    [],
    ['introspect access:a 30-40 200 active', 'refresh refresh:r 25-35 400 invalid_grant'],
    facts(ENDED, []),
  ],
  ['a token that is not stored', ['I6'], [ASSERTED], facts(LIVE, ISSUED, { tokens: {} })],
  ['a stop that is not stored', ['I6'], ['stop sharing:app/ana 0-5 200'], facts(LIVE, [])],
  ['a revocation that is not stored', ['I6'], ['revoke refresh:r 0-5 200'], facts(LIVE, [])],
  [
    'a passkey that is not stored',
    ['I6'],
    [ENROLLED],
    facts(LIVE, ['0 passkey.registered'], { passkeys: new Set() }),
  ],
  [
    'an invitation that is not used up',
    ['I6'],
    [ENROLLED],
    facts(LIVE, ['0 passkey.registered'], { usedInvitations: new Set() }),
  ],
];

test.each(cases)('%s: %j', (_what, invariants, lines, known) => {
  expect(found(lines, known)).toEqual(invariants);
});

describe('what is printed', () => {
  const all = history(
    REDEEMED,
    'redeem code:c 2-9 200 access:b refresh:s',
    'introspect access:d 3-4 200 active',
  );
  const [violation] = violationsOf(all, facts(LIVE, [...BOTH, '2 x']));
  const lines = violationLines(violation as NonNullable<typeof violation>, [
    ...all,
    attempt('later', 'stop sharing:app/ana 0-5 200', { round: 1 }),
  ]);

  test('is the invariant and the part of the history that shows it', () => {
    expect(lines).toEqual([
      'I1: a code yields more than one token response (round 0)',
      '>      0.0 -     10.0 ms  instance 0  redeem code:c: 200 gives access:a refresh:r  [request-0]',
      '>      2.0 -      9.0 ms  instance 0  redeem code:c: 200 gives access:b refresh:s  [request-1]',
    ]);
  });
});
