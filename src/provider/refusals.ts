// Our refusals in the shape that the provider answers with.
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type Reason, refusals } from '../errors.ts';

export class PolicyRefusal extends errors.OIDCProviderError {
  readonly reason: Reason;
  /** The app that is refused, where the provider does not know it yet. */
  readonly appId: string | undefined;

  constructor(reason: Reason, detail?: string, appId?: string) {
    const { error, status, text } = refusals[reason];
    const asksPeople = isAuthorization(Provider.ctx?.oidc.route);
    // RFC 6749 §5.2: 401 belongs to client authentication, which the authorization endpoint does not have.
    super(asksPeople ? 400 : status, error);
    this.error_detail = detail;
    this.reason = reason;
    this.appId = appId;
    this.error_description = text;
    this.allow_redirect = goesBack(reason);
  }
}

const AUTHORIZATION: readonly string[] = ['authorization', 'resume'];

/** Whether a person asked, on her way to an app. */
export const isAuthorization = (route: string | undefined): boolean => AUTHORIZATION.includes(route ?? '');

// Who only has no standing now is gone back to by the person herself, who is told (authorize-refusal): unless nobody is
// there to be told.
function goesBack(reason: Reason): boolean {
  if (isOff(reason)) return false;
  return refusals[reason].error !== 'unauthorized_client' || isUnattended(Provider.ctx);
}

/**
 * RFC 6749 §4.1.2.1: nobody is sent to who may not act as a client at all, nor to an address that nobody has looked at
 * yet (RFC 9700 §4.11.2: it could be registered to be redirected to).
 */
export const isOff = (reason: Reason): boolean =>
  refusals[reason].error === 'invalid_client' || reason === 'client_not_reviewed';

/** OpenID Connect Core §3.1.2.1: with `prompt=none` no page is shown. */
const isUnattended = (ctx: KoaContextWithOIDC | undefined): boolean => ctx?.oidc.params?.prompt === 'none';

export function refuseIf(reason: Reason | undefined): void {
  if (reason !== undefined) throw new PolicyRefusal(reason);
}

export function allowed<Value>(outcome: { readonly value: Value } | { readonly reason: Reason }): Value {
  if ('reason' in outcome) throw new PolicyRefusal(outcome.reason);
  return outcome.value;
}
