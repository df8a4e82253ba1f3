// I7: every answer is a success or a refusal that is meant; a doubt is a refusal too. What either looks like.
import type { Action, Attempt, Outcome } from './history.ts';
import type { Violation } from './violation.ts';

type Test = (outcome: Outcome) => boolean;

const is =
  (status: number, error?: string): Test =>
  (outcome) =>
    outcome.status === status && (error === undefined || outcome.error === error);
const gives =
  (kind: string): Test =>
  ({ yields }) =>
    yields.some((subject) => subject.startsWith(`${kind}:`));
const both =
  (...tests: readonly Test[]): Test =>
  (outcome) =>
    tests.every((test) => test(outcome));

const tokens = both(is(200), gives('access'));
const changed: Test = ({ status }) => status === 200 || status === 204;

const successes: Readonly<Record<Action, Test>> = {
  redeem: tokens,
  refresh: tokens,
  authenticate: tokens,
  introspect: both(is(200), ({ active }) => active === true),
  revoke: is(200),
  stop: is(200),
  suspend: changed,
  resume: changed,
  consent: is(303),
  proceed: both(is(303), gives('code')),
  open: is(200),
  enrol: both(is(200), gives('passkey')),
  recover: is(303),
  renew: both(is(200), gives('passkey')),
};

const invalidGrant = is(400, 'invalid_grant');
const invalidClient = is(401, 'invalid_client');

const refusals: Readonly<Record<Action, readonly Test[]>> = {
  redeem: [invalidGrant, invalidClient],
  refresh: [invalidGrant, invalidClient],
  authenticate: [invalidClient],
  introspect: [both(is(200), ({ active }) => active === false)],
  revoke: [],
  stop: [is(404)],
  suspend: [],
  resume: [],
  consent: [is(400)],
  proceed: [is(400)],
  open: [is(410)],
  enrol: [is(400), is(410)],
  recover: [is(422)],
  renew: [is(400), is(410)],
};

const unavailable: Test = ({ status, retryAfter }) => status === 503 && retryAfter === true;

/** Whoever asked was given what was asked for. */
export const succeeded = ({ action, outcome }: Attempt): boolean =>
  outcome.error === undefined && successes[action](outcome);

/** The server did not decide, and said so. */
export const wasUnavailable = ({ outcome }: Attempt): boolean =>
  outcome.yields.length === 0 && outcome.active === undefined && unavailable(outcome);

function wasRefused({ action, outcome }: Attempt): boolean {
  return outcome.yields.length === 0 && refusals[action].some((test) => test(outcome));
}

/** I7: no success beside an error, no failure of the server, nothing that is neither yes nor no. */
export function unexpectedAnswers(history: readonly Attempt[]): Violation[] {
  return history
    .filter((attempt) => !succeeded(attempt) && !wasRefused(attempt) && !wasUnavailable(attempt))
    .map((attempt) => ({
      invariant: 'I7',
      what: `${attempt.action} was answered with what is neither a success nor a refusal`,
      attempts: [attempt],
    }));
}
