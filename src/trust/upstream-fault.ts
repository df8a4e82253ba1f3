import { AuthorizationResponseError, ResponseBodyError } from 'openid-client';
import { UnreachableError } from './outgoing.ts';

/** `declined`: by the person; `unavailable`: it may work later; `refused`: what was answered does not hold. */
export type UpstreamFaultKind = 'declined' | 'unavailable' | 'refused';

export class UpstreamFault extends Error {
  override readonly name = 'UpstreamFault';
  readonly kind: UpstreamFaultKind;
  /** Never a message of the library: it may hold claims. */
  readonly code: string;

  constructor(kind: UpstreamFaultKind, code: string) {
    super(`${kind}: ${code}`);
    this.kind = kind;
    this.code = code;
  }
}

const LATER: readonly string[] = ['server_error', 'temporarily_unavailable'];
const BY_HER: readonly string[] = [
  ...['access_denied', 'login_required', 'interaction_required', 'consent_required'],
];

export function upstreamFaultOf(error: unknown): UpstreamFault {
  if (error instanceof UpstreamFault) return error;
  if (error instanceof UnreachableError) return new UpstreamFault('unavailable', error.message);
  if (error instanceof AuthorizationResponseError) {
    if (BY_HER.includes(error.error)) return new UpstreamFault('declined', error.error);
    return new UpstreamFault(LATER.includes(error.error) ? 'unavailable' : 'refused', codeOf(error.error));
  }
  if (error instanceof ResponseBodyError)
    return new UpstreamFault(error.status >= 500 ? 'unavailable' : 'refused', codeOf(error.error));
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const failed = cause instanceof Response && cause.status >= 500;
  return new UpstreamFault(failed ? 'unavailable' : 'refused', codeOf(code));
}

/** What others chose is kept only in the form of a code. */
const codeOf = (code: unknown): string => (/^\w{1,60}$/.test(String(code)) ? String(code) : 'unknown');
