// What the resource server hears: yes or no, under which obligations, and why not in words that teach nobody the rules.
// The exact reason is in the audit.
import { type Reason, refusals } from '../errors.ts';
import type { AccessDecision, Obligation } from '../policy/access.ts';
import { tokenAudience, tokenStanding } from '../policy/token.ts';

/** AuthZEN §5.5. */
export interface Answer {
  readonly decision: boolean;
  readonly context: object;
}

const ended: ReadonlySet<Reason> = new Set([
  'token_unknown',
  ...[...tokenStanding, ...tokenAudience].map(([reason]) => reason),
]);

/** By the code that the resource server may answer its own caller with (RFC 6750 §3.1, RFC 9470 §3). */
const WORDS: Readonly<Record<string, string>> = {
  invalid_token: 'the token is not active',
  insufficient_scope: 'the token does not reach that far',
  insufficient_user_authentication: 'the person must sign in anew or in a stronger way',
};
const OTHERWISE = 'the request is not allowed';

export function permitAnswer({
  unlabelled,
  obligations,
}: AccessDecision & { readonly permitted: true }): Answer {
  return { decision: true, context: { unlabelled, obligations: obligations.map(obligationAnswer) } };
}

/** AuthZEN obligations: who cannot do one of them must refuse. */
const obligationAnswer = ({ type, ...properties }: Obligation, at: number) => ({
  id: String(at),
  type,
  properties,
});

export interface Denial extends Pick<AccessDecision, 'unlabelled'> {
  readonly reason: Reason;
  readonly stepUp?: (AccessDecision & { readonly permitted: false })['stepUp'];
}

export function denyAnswer({ reason, stepUp, unlabelled }: Denial): Answer {
  const { error, status } = ended.has(reason) ? refusals.token_unknown : refusals[reason];
  const { acrValues, maxAge } = stepUp ?? {};
  return {
    decision: false,
    context: {
      unlabelled,
      reason_admin: { [status]: error },
      reason_user: { [status]: WORDS[error] ?? OTHERWISE },
      ...(acrValues && { acr_values: acrValues.join(' ') }),
      ...(maxAge !== undefined && { max_age: maxAge }),
    },
  };
}
