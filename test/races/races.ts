import { revocation, stop, suspension } from './ending-races.ts';
import { consent, invitation } from './person-races.ts';
import type { Race } from './race.ts';
import { recovery } from './recovery-races.ts';
import { assertion, code, confidentialRefresh, publicRefresh } from './token-races.ts';

/** F9: one thing that may be used once. */
export const singleUse: readonly Race[] = [
  ...[code, publicRefresh, confidentialRefresh, assertion],
  ...[consent, invitation, recovery],
];

/** F10: an end, against all that goes on meanwhile. */
export const endings: readonly Race[] = [revocation, stop, suspension];

export const races: readonly Race[] = [...singleUse, ...endings];
