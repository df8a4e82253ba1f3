// I3: once an end is acknowledged, nothing that it ended is ever answered for, whoever is asked.
import { succeeded } from './answers.ts';
import type { Facts, TokenRow } from './facts.ts';
import { type Attempt, appSubject, ENDS, sharingSubject } from './history.ts';
import type { Violation } from './violation.ts';

const ASKS: readonly string[] = ['introspect', 'refresh', 'redeem', 'authenticate'];

interface Ending {
  readonly attempt: Attempt;
  covers(subject: string, row: TokenRow | undefined): boolean;
  /** When a suspension began to be lifted. */
  readonly lifted: number;
}

export function answeredAfterTheEnd(history: readonly Attempt[], facts: Facts): Violation[] {
  const issued = firstYields(history);
  return endingsOf(history, facts, issued).flatMap((ending) => {
    const { attempt: end } = ending;
    const late = history.filter((attempt) => {
      const { subject, action, start } = attempt;
      if (!ASKS.includes(action) || start <= end.end || !succeeded(attempt)) return false;
      const row = facts.tokens[subject] ?? facts.tokens[attempt.outcome.yields[0] ?? ''];
      if (!ending.covers(subject, row)) return false;
      // A suspension that is lifted lets new tokens be asked for; those issued before stay cut off.
      if (attempt.end < ending.lifted) return true;
      return action === 'introspect' && (issued.get(subject)?.end ?? Infinity) < ending.lifted;
    });
    if (late.length === 0) return [];
    const what = `${late.length} answered for after ${end.action} was acknowledged`;
    return [{ invariant: 'I3' as const, what, attempts: [end, ...late] }];
  });
}

function endingsOf(
  history: readonly Attempt[],
  facts: Facts,
  issued: ReadonlyMap<string, Attempt>,
): Ending[] {
  const ends = history.filter((attempt) => ENDS.includes(attempt.action) && succeeded(attempt));
  return ends.map((attempt) => ({
    attempt,
    covers: coverOf(attempt, facts, bornOf(issued, facts)),
    lifted: Math.min(
      ...history
        .filter(({ action, subject, start }) => {
          return action === 'resume' && subject === attempt.subject && start > attempt.end;
        })
        .map(({ start }) => start),
    ),
  }));
}

function coverOf(end: Attempt, facts: Facts, born: ReadonlyMap<string, number>): Ending['covers'] {
  if (end.action === 'suspend')
    return (_subject, row) => row !== undefined && appSubject(row.appId) === end.subject;
  if (end.action === 'revoke') {
    const ended = facts.tokens[end.subject];
    // RFC 7009 §2.1: with a token of a person, all that was issued under the same decision ends.
    return (subject, row) => subject === end.subject || (!!ended?.grantId && row?.grantId === ended.grantId);
  }
  return (_subject, row) => {
    const grant = facts.grants[row?.grantId ?? ''];
    if (grant === undefined || sharingSubject(grant.appId, grant.patientId ?? '') !== end.subject)
      return false;
    // What the patient agreed to later is another decision.
    return (born.get(row?.grantId ?? '') ?? Infinity) < end.start;
  };
}

/** The attempt that was the first to be given each code or token. */
function firstYields(history: readonly Attempt[]): Map<string, Attempt> {
  const first = new Map<string, Attempt>();
  for (const attempt of [...history].sort((a, b) => a.end - b.end)) {
    for (const subject of attempt.outcome.yields) if (!first.has(subject)) first.set(subject, attempt);
  }
  return first;
}

/** When something under each grant was first in somebody's hands. */
function bornOf(issued: ReadonlyMap<string, Attempt>, facts: Facts): Map<string, number> {
  const born = new Map<string, number>();
  for (const [subject, { end }] of issued) {
    const grantId = facts.tokens[subject]?.grantId;
    if (grantId) born.set(grantId, Math.min(end, born.get(grantId) ?? Infinity));
  }
  return born;
}
