// Histories and facts as a test writes them down, one line an attempt.
import type { Facts, GrantRow } from './facts.ts';
import type { Action, Attempt, Outcome } from './history.ts';

export const START = Date.UTC(2026, 0, 1);
export const MINUTE = START / 60_000;

/** `redeem code:c 0-10 200 gives access:a refresh:r`, each at its time in milliseconds. */
export function attempt(id: string, line: string, more: Partial<Attempt> = {}): Attempt {
  const [action = '', subject = '', time = '', status = '', ...rest] = line.split(' ');
  const [start = 0, end = 0] = time.split('-').map(Number);
  const outcome: Outcome = {
    status: Number(status),
    yields: rest.filter((word) => word.includes(':')),
    ...(rest.includes('active') ? { active: true } : {}),
    ...(rest.includes('inactive') ? { active: false } : {}),
    ...(rest.includes('later') ? { retryAfter: true } : {}),
    ...rest.filter((word) => word.startsWith('invalid_')).reduce((_, error) => ({ error }), {}),
  };
  return {
    ...{
      id,
      round: 0,
      action: action as Action,
      subject,
      instance: 0,
      start,
      end,
      wall: START + start,
      outcome,
    },
    ...more,
  };
}

export const history = (...lines: readonly string[]) =>
  lines.map((line, index) => attempt(`request-${index}`, line));

export const LIVE: GrantRow = {
  ...{ appId: 'app', patientId: 'ana', endedAt: null, consentEndedAt: null, liveRefreshTokens: 1 },
};
export const ENDED = { ...LIVE, endedAt: START + 20, consentEndedAt: START + 20, liveRefreshTokens: 0 };

/** Everything under one grant, with the events by request: `0 token.issued`. */
export function facts(
  grant: GrantRow | undefined,
  events: readonly string[],
  changes: Partial<Facts> = {},
): Facts {
  const names = ['code:c', 'refresh:r', 'refresh:s', 'refresh:t', 'access:a', 'access:b', 'access:d'];
  const row = { appId: 'app', grantId: 'g', revoked: false };
  return {
    tokens: Object.fromEntries(names.map((name) => [name, row])),
    grants: grant === undefined ? {} : { g: grant },
    accessRecords: new Set(['access:a', 'access:b', 'access:d'].map((token) => `${token} ${MINUTE}`)),
    events: events.map((event) => {
      const [index = '', type = ''] = event.split(' ');
      return { requestId: `request-${index}`, type };
    }),
    passkeys: new Set(['passkey:p', 'passkey:q']),
    usedInvitations: new Set(['invitation:i']),
    ...changes,
  };
}
