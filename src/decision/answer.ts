// What the resource server hears: yes or no, under which obligations, and why not in words that teach nobody the rules.
// The exact reason is in the audit.
import { type Reason, refusals } from '../errors.ts';
import type { AccessDecision, Obligation } from '../policy/access.ts';
import { tokenAudience, tokenStanding } from '../policy/token.ts';

/** AuthZEN §5.5. */
export interface Answer {
  readonly decision: boolean;
  /** All of it, as JSON. */
  readonly text: string;
  /** The same, where it is told so often that it is kept. */
  readonly bytes?: Buffer;
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

type Permit = AccessDecision & { readonly permitted: true };

/** With the watermark of an access in an emergency, where it is one. */
export function permitAnswer(decision: Permit, breakGlassId: string | undefined): Answer {
  const [only, ...more] = decision.obligations;
  const isUsual = only?.type === 'redact' && more.length === 0 && breakGlassId === undefined;
  if (!isUsual) return { decision: true, text: permitText(decision, breakGlassId) };
  const known = usual[decision.unlabelled].get(only);
  if (known !== undefined) return known;
  const text = permitText(decision, undefined);
  const answer = { decision: true, text, bytes: Buffer.from(text) };
  usual[decision.unlabelled].set(only, answer);
  return answer;
}

/** Most permissions oblige to one of the long lists of labels alone, which policy makes once. */
const usual = { normal: new WeakMap<Obligation, Answer>(), restricted: new WeakMap<Obligation, Answer>() };

function permitText({ unlabelled, obligations }: Permit, breakGlassId: string | undefined): string {
  const told = obligations.map((one, at) => `{"id":"${at}",${obligationText(one)}}`);
  const mark = breakGlassId === undefined ? '' : `"break_glass":${JSON.stringify(breakGlassId)},`;
  const context = `{"unlabelled":"${unlabelled}",${mark}"obligations":[${told.join(',')}]}`;
  return `{"decision":true,"context":${context}}`;
}

const written = new WeakMap<Obligation, string>();

/** AuthZEN obligations: who cannot do one of them must refuse. */
function obligationText(obligation: Obligation): string {
  const known = written.get(obligation);
  if (known !== undefined) return known;
  const { type, ...properties } = obligation;
  const text = `"type":"${type}","properties":${JSON.stringify(properties)}`;
  if (type === 'redact') written.set(obligation, text);
  return text;
}

export interface Denial extends Pick<AccessDecision, 'unlabelled'> {
  readonly reason: Reason;
  readonly stepUp?: (AccessDecision & { readonly permitted: false })['stepUp'];
}

export function denyAnswer({ reason, stepUp, unlabelled }: Denial): Answer {
  const { error, status } = ended.has(reason) ? refusals.token_unknown : refusals[reason];
  const { acrValues, maxAge } = stepUp ?? {};
  const context = {
    unlabelled,
    reason_admin: { [status]: error },
    reason_user: { [status]: WORDS[error] ?? OTHERWISE },
    ...(acrValues && { acr_values: acrValues.join(' ') }),
    ...(maxAge !== undefined && { max_age: maxAge }),
  };
  return { decision: false, text: JSON.stringify({ decision: false, context }) };
}
