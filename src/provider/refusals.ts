// Our refusals in the shape that the provider answers with.
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type Reason, refusals } from '../errors.ts';

export class PolicyRefusal extends errors.OIDCProviderError {
  readonly reason: Reason;
  /** The app that is refused, where the provider does not know it yet. */
  readonly appId: string | undefined;

  constructor(reason: Reason, detail?: string, appId?: string) {
    const { error, status, text } = refusals[reason];
    const asksPeople = AUTHORIZATION.includes(Provider.ctx?.oidc.route ?? '');
    // RFC 6749 §5.2: 401 belongs to client authentication, which the authorization endpoint does not have.
    super(asksPeople ? 400 : status, error);
    this.error_detail = detail;
    this.reason = reason;
    this.appId = appId;
    this.error_description = text;
    this.allow_redirect = goesBack(error);
  }
}

const AUTHORIZATION: readonly string[] = ['authorization', 'resume'];

// RFC 6749 §4.1.2.1: who may not act as a client at all is not sent back to its redirect URI. Who only has no standing
// now is, but by the person herself, who is told (authorize-refusal): unless nobody is there to be told.
function goesBack(error: string): boolean {
  if (error === 'unauthorized_client') return isUnattended(Provider.ctx);
  return error !== 'invalid_client';
}

/** OpenID Connect Core §3.1.2.1: with `prompt=none` no page is shown. */
const isUnattended = (ctx: KoaContextWithOIDC | undefined): boolean => ctx?.oidc.params?.prompt === 'none';

export function refuseIf(reason: Reason | undefined): void {
  if (reason !== undefined) throw new PolicyRefusal(reason);
}

export function allowed<Value>(outcome: { readonly value: Value } | { readonly reason: Reason }): Value {
  if ('reason' in outcome) throw new PolicyRefusal(outcome.reason);
  return outcome.value;
}
