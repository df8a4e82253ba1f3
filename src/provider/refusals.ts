// Our refusals in the shape that the provider answers with.
import { errors, Provider } from 'oidc-provider';
import { type Reason, refusals } from '../errors.ts';

export class PolicyRefusal extends errors.OIDCProviderError {
  readonly reason: Reason;
  /** The app that is refused, where the provider does not know it yet. */
  readonly appId: string | undefined;

  constructor(reason: Reason, detail?: string, appId?: string) {
    const { error, status, text } = refusals[reason];
    // RFC 6749 §5.2: 401 belongs to client authentication, which the authorization endpoint does not have.
    super(Provider.ctx?.oidc.route === 'authorization' ? 400 : status, error);
    this.error_detail = detail;
    this.reason = reason;
    this.appId = appId;
    this.error_description = text;
    // RFC 6749 §4.1.2.1: who may not act as a client at all is not sent back to its redirect URI.
    this.allow_redirect = error !== 'invalid_client';
  }
}

export function refuseIf(reason: Reason | undefined): void {
  if (reason !== undefined) throw new PolicyRefusal(reason);
}

export function allowed<Value>(outcome: { readonly value: Value } | { readonly reason: Reason }): Value {
  if ('reason' in outcome) throw new PolicyRefusal(outcome.reason);
  return outcome.value;
}
