// What recovery codes and the codes of the help desk are made of, and how often they may be tried.
import { checkedSymbols, inGroups, spokenSymbols, withCheck } from './spoken-code.ts';

/** So many are made at once. */
export const RECOVERY_CODES = 10;

// The first 6 characters find the code and are no secret; the other 13 are 65 random bits (ASVS 5.0 §6.5.1, NIST SP 800-63B-4 §3.1.2).
const FOUND_BY = 6;
const SYMBOLS = 19;
/** 75 random bits. */
const APPROVAL_SYMBOLS = 15;

/** How many random bytes a code of either kind is made of. */
export const CODE_BYTES = 12;

export const recoveryCode = (random: Uint8Array): string =>
  inGroups(withCheck(spokenSymbols(random).slice(0, SYMBOLS)));

export const approvalCode = (random: Uint8Array): string =>
  inGroups(withCheck(spokenSymbols(random).slice(0, APPROVAL_SYMBOLS)));

export interface ReadCode {
  /** By which it is found. */
  readonly id: string;
  readonly secret: string;
}

/** Undefined: mistyped; that is plain arithmetic and tells nothing of any account. */
export function readRecoveryCode(typed: string): ReadCode | undefined {
  const symbols = checkedSymbols(typed, SYMBOLS);
  if (symbols === undefined) return undefined;
  return { id: symbols.slice(0, FOUND_BY), secret: symbols.slice(FOUND_BY) };
}

export const readApprovalCode = (typed: string): string | undefined =>
  checkedSymbols(typed, APPROVAL_SYMBOLS);

/** In an hour. Of an account, so that who has read half a code does not go on; no other account is touched by it. */
export const RECOVERY_TRIES = { browser: 10, network: 60, account: 10 } as const;

/** Recovery codes that may be typed in beside one approval of the help desk. */
export const APPROVAL_TRIES = 5;
