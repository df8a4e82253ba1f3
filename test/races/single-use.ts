// I1, I2 and F9: what may be used once gives once, in the answers and in what the database holds.
import { succeeded, wasUnavailable } from './answers.ts';
import type { Facts } from './facts.ts';
import type { Action, Attempt } from './history.ts';
import type { Invariant, Violation } from './violation.ts';

interface Rule {
  readonly invariant: Invariant;
  /** Written for each use. */
  readonly event?: string;
  readonly what: string;
}

const once: Partial<Record<Action, Rule>> = {
  redeem: { invariant: 'I1', event: 'token.issued', what: 'a code yields more than one token response' },
  refresh: { invariant: 'I2', event: 'token.issued', what: 'a refresh token has more than one successor' },
  authenticate: { invariant: 'F9', event: 'token.issued', what: 'an assertion is accepted more than once' },
  consent: { invariant: 'F9', event: 'consent.granted', what: 'a consent form is decided more than once' },
  proceed: { invariant: 'F9', what: 'a consent gives more than one code' },
  open: { invariant: 'F9', event: 'invitation.opened', what: 'an invitation opens in more than one browser' },
  enrol: { invariant: 'F9', event: 'passkey.registered', what: 'an invitation makes more than one passkey' },
  recover: { invariant: 'F9', event: 'recovery.started', what: 'a recovery code is used more than once' },
  renew: { invariant: 'F9', event: 'passkey.registered', what: 'a recovery makes more than one passkey' },
};

/** The uses of each thing that may be used once, by kind of use and thing. */
export function usesOf(history: readonly Attempt[]): Attempt[][] {
  const uses = new Map<string, Attempt[]>();
  for (const attempt of history) {
    if (once[attempt.action] === undefined) continue;
    const key = `${attempt.action} ${attempt.subject}`;
    const known = uses.get(key);
    if (known === undefined) uses.set(key, [attempt]);
    else known.push(attempt);
  }
  return [...uses.values()];
}

export function usedTwice(history: readonly Attempt[], facts: Facts): Violation[] {
  const written = new Set(facts.events.map(({ requestId, type }) => `${requestId} ${type}`));
  return usesOf(history).flatMap((uses): Violation[] => {
    const rule = once[(uses[0] as Attempt).action] as Rule;
    const { invariant, what, event } = rule;
    const given = distinct(uses.filter(succeeded));
    if (given.length > 1) return [{ invariant, what, attempts: given }];
    const stored = uses.filter(({ id }) => event !== undefined && written.has(`${id} ${event}`));
    return stored.length > 1 ? [{ invariant, what: `${what}, as stored`, attempts: stored }] : [];
  });
}

/** F9: exactly one succeeds, unless what was presented ended meanwhile, or the server could not decide. */
export function wonByNobody(history: readonly Attempt[], facts: Facts): Violation[] {
  const suspensions = history.filter(({ action }) => action === 'suspend');
  return usesOf(history)
    .filter((uses) => uses.length > 1 && !uses.some(succeeded) && !uses.some(wasUnavailable))
    .filter(([one]) => {
      const { subject, round } = one as Attempt;
      // RFC 6749 §4.1.2, RFC 9700 §4.14.2: the second use of a code or refresh token may end what the first one began.
      const grant = facts.grants[facts.tokens[subject]?.grantId ?? ''];
      const ended = grant !== undefined && grant.endedAt !== null;
      return !ended && !suspensions.some((suspension) => suspension.round === round);
    })
    .map((attempts) => ({ invariant: 'F9', what: 'of several at once nobody succeeds', attempts }));
}

// A refresh whose answer was lost has the same answer again: that is one. Of all else each success counts.
function distinct(successes: readonly Attempt[]): Attempt[] {
  const answers = new Map(
    successes.map((attempt) => [
      attempt.action === 'refresh' ? attempt.outcome.yields.join(' ') : attempt.id,
      attempt,
    ]),
  );
  return [...answers.values()];
}

/** I2 as stored: a grant that began with one refresh token has one at most that can still be used. */
export function livingSuccessors(history: readonly Attempt[], facts: Facts): Violation[] {
  return Object.entries(facts.grants)
    .filter(([, { liveRefreshTokens }]) => liveRefreshTokens > 1)
    .map(([id, { liveRefreshTokens }]) => ({
      invariant: 'I2',
      what: `${liveRefreshTokens} refresh tokens of one grant can be used`,
      attempts: history.filter(({ subject }) => facts.tokens[subject]?.grantId === id),
    }));
}
