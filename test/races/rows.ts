// I4, I5 and I6: what was answered and what is stored agree.
import { succeeded } from './answers.ts';
import type { Facts, GrantRow } from './facts.ts';
import type { Action, Attempt } from './history.ts';
import type { Violation } from './violation.ts';

const MINUTE_MS = 60_000;

/** I4: every permit has its row: an access record for the minute, an audit event for what was issued. */
export function permitsWithoutRow(history: readonly Attempt[], facts: Facts): Violation[] {
  const unrecorded = history.filter((attempt) => {
    if (attempt.action !== 'introspect' || !succeeded(attempt)) return false;
    const last = Math.floor((attempt.wall + attempt.end - attempt.start) / MINUTE_MS);
    for (let minute = Math.floor(attempt.wall / MINUTE_MS); minute <= last; minute += 1) {
      if (facts.accessRecords.has(`${attempt.subject} ${minute}`)) return false;
    }
    return true;
  });
  const issued = new Set(
    facts.events.filter(({ type }) => type === 'token.issued').map(({ requestId }) => requestId),
  );
  const givers = new Map<string, Attempt[]>();
  for (const attempt of history) {
    const token = attempt.outcome.yields.find((subject) => subject.startsWith('access:'));
    if (token !== undefined) givers.set(token, [...(givers.get(token) ?? []), attempt]);
  }
  // A refresh that is answered again gives a token whose event is of the first request.
  const unaudited = [...givers.values()].filter((attempts) => !attempts.some(({ id }) => issued.has(id)));
  return [
    ...unrecorded.map((attempt) => violation('I4', 'a permit without its access record', [attempt])),
    ...unaudited.map((attempts) => violation('I4', 'a token without its audit event', attempts)),
  ];
}

/** I5: no token without a live grant, in the database and in what is answered while nothing else is under way. */
export function tokensWithoutGrant(history: readonly Attempt[], facts: Facts): Violation[] {
  const orphans = Object.entries(facts.tokens).filter(
    ([, { grantId }]) => grantId !== null && facts.grants[grantId] === undefined,
  );
  const torn = Object.values(facts.grants).filter(
    ({ endedAt, consentEndedAt }) =>
      consentEndedAt === undefined || (endedAt === null) !== (consentEndedAt === null),
  );
  const permits = history.filter((attempt) => {
    const grant = grantOf(attempt, facts);
    return (
      grant !== undefined && succeeded(attempt) && endedBefore(grant, attempt) && isAlone(attempt, history)
    );
  });
  return [
    ...orphans.map(([subject]) =>
      violation(
        'I5',
        'a token under no grant',
        history.filter((one) => concerns(one, subject)),
      ),
    ),
    ...torn.map(() => violation('I5', 'a grant and the decision that it rests on do not end together', [])),
    ...permits.map((attempt) => violation('I5', 'a token is good though its grant has ended', [attempt])),
  ];
}

const concerns = ({ subject, outcome }: Attempt, one: string) =>
  subject === one || outcome.yields.includes(one);

const USES: readonly Action[] = ['introspect', 'refresh', 'redeem'];

function grantOf({ action, subject }: Attempt, facts: Facts): GrantRow | undefined {
  return USES.includes(action) ? facts.grants[facts.tokens[subject]?.grantId ?? ''] : undefined;
}

const endedBefore = ({ endedAt }: GrantRow, { wall }: Attempt) => endedAt !== null && endedAt < wall;

/** Nothing that could change anything overlaps it. */
function isAlone(attempt: Attempt, history: readonly Attempt[]): boolean {
  return !history.some(
    (other) =>
      other !== attempt &&
      other.round === attempt.round &&
      other.action !== 'introspect' &&
      other.start <= attempt.end &&
      other.end >= attempt.start,
  );
}

const written: Partial<Record<Action, readonly string[]>> = {
  stop: ['consent.withdrawn'],
  suspend: ['app.suspended'],
  resume: ['app.resumed'],
  consent: ['consent.granted'],
  open: ['invitation.opened'],
  enrol: ['passkey.registered'],
  recover: ['recovery.started'],
  renew: ['passkey.registered'],
};

/** I6: what a client was told has happened is stored. */
export function successesWithoutRow(history: readonly Attempt[], facts: Facts): Violation[] {
  const events = new Set(facts.events.map(({ requestId, type }) => `${requestId} ${type}`));
  return history.filter(succeeded).flatMap((attempt): Violation[] => {
    const { id, action, subject, outcome } = attempt;
    const missing = outcome.yields.filter((given) => !isStored(given, facts));
    if (missing.length > 0) return [violation('I6', `${missing.join(' and ')} is not stored`, [attempt])];
    const types = written[action];
    if (types !== undefined && !types.some((type) => events.has(`${id} ${type}`))) {
      return [violation('I6', `${action} succeeded and left no ${types.join(' or ')}`, [attempt])];
    }
    if (action === 'enrol' && !facts.usedInvitations.has(subject)) {
      return [violation('I6', 'a passkey was made and the invitation is not used up', [attempt])];
    }
    const presented = action === 'revoke' ? facts.tokens[subject] : undefined;
    const grant = facts.grants[presented?.grantId ?? ''];
    return presented !== undefined && (grant === undefined ? !presented.revoked : grant.endedAt === null)
      ? [violation('I6', 'a revocation was acknowledged and is not stored', [attempt])]
      : [];
  });
}

function isStored(subject: string, facts: Facts): boolean {
  return subject.startsWith('passkey:') ? facts.passkeys.has(subject) : facts.tokens[subject] !== undefined;
}

const violation = (
  invariant: Violation['invariant'],
  what: string,
  attempts: readonly Attempt[],
): Violation => ({
  invariant,
  what,
  attempts,
});
