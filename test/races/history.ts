// Races, checked from history. Attempts run in parallel at several processes and are recorded; a pure checker then reads
// the record and the database. Here: what is recorded. No bearer value is: a token is named as the database knows it.
import { accessTokenKey } from '../../src/store/access-token-key.ts';
import { sha256, sha256Hex } from '../../src/store/hash.ts';

/**
 * What was asked. `proceed` is the browser going on after the consent page; `open` and `enrol` use an invitation; `recover` and `renew`
 * a recovery code.
 */
export type Action =
  | 'redeem'
  | 'refresh'
  | 'authenticate'
  | 'introspect'
  | 'revoke'
  | 'stop'
  | 'suspend'
  | 'resume'
  | 'consent'
  | 'proceed'
  | 'open'
  | 'enrol'
  | 'recover'
  | 'renew';

/** What ends tokens when it succeeds. */
export const ENDS: readonly Action[] = ['revoke', 'stop', 'suspend'];

export interface Outcome {
  /** 0: no answer came. */
  readonly status: number;
  readonly error?: string;
  /** RFC 9110 §10.2.3: says when to ask again. */
  readonly retryAfter?: boolean;
  /** RFC 7662 §2.2. */
  readonly active?: boolean;
  /** What the answer handed out: codes, tokens, a passkey that is good from now on. */
  readonly yields: readonly string[];
}

export interface Attempt {
  /** Sent as X-Request-Id: what was written because of it carries the same. */
  readonly id: string;
  readonly round: number;
  readonly action: Action;
  /** What was presented, or what was acted on. */
  readonly subject: string;
  /** Which process was asked. */
  readonly instance: number;
  /** Milliseconds of one monotonic clock: the request was not sent before, the whole answer was here after. */
  readonly start: number;
  readonly end: number;
  /** Milliseconds since the epoch at the start. */
  readonly wall: number;
  readonly outcome: Outcome;
}

const name = (kind: string) => (value: string) => `${kind}:${sha256(value).toString('base64url')}`;

export const codeSubject = name('code');
export const refreshSubject = name('refresh');
export const assertionSubject = name('assertion');
export const accessSubject = (token: string): string => `access:${accessTokenKey(token)?.id ?? 'malformed'}`;
export const invitationSubject = (code: string): string => `invitation:${sha256Hex(code)}`;
export const appSubject = (appId: string): string => `app:${appId}`;
/** What a patient shares with an app. */
export const sharingSubject = (appId: string, patientId: string): string => `sharing:${appId}/${patientId}`;

const clock = (time: number, zero: number) => (time - zero).toFixed(1).padStart(8);
const short = (subject: string) => subject.replace(/(:[\w-]{10})[\w-]+/, '$1');

function outcomeLine({ status, error, active, yields }: Outcome): string {
  const parts = [
    status === 0 ? 'no answer' : String(status),
    error,
    active === undefined ? undefined : active ? 'ACTIVE' : 'inactive',
  ];
  const gives = yields.length === 0 ? undefined : `gives ${yields.map(short).join(' ')}`;
  return [...parts, gives].filter((part) => part !== undefined).join(' ');
}

/** A part of the history to read, one line an attempt, with time from the first one on. */
export function historyLines(attempts: readonly Attempt[], about: readonly Attempt[] = []): string[] {
  const ordered = [...attempts].sort((a, b) => a.start - b.start);
  const zero = ordered[0]?.start ?? 0;
  return ordered.map((attempt) => {
    const { start, end, instance, action, subject, outcome, id } = attempt;
    const when = `${clock(start, zero)} - ${clock(end, zero)} ms`;
    const mark = about.includes(attempt) ? '>' : ' ';
    return `${mark} ${when}  instance ${instance}  ${action} ${short(subject)}: ${outcomeLine(outcome)}  [${id}]`;
  });
}
