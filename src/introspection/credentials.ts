// How who asks says who it is: in one way at a time (RFC 6749 §2.3, RFC 7521 §4.2).
import { JWT_BEARER } from '../provider/keyed-party.ts';
import type { Credentials } from '../provider/resource-server-caller.ts';
import { namesIn, onlyValue } from '../web/form-body.ts';

export interface FormCredentials extends Credentials {
  /** Who it says that it is beside them, if it does: nobody else may be proved. */
  readonly clientId: string | undefined;
}

const IN_BODY = ['client_id', 'client_assertion', 'client_assertion_type', 'client_secret'] as const;

/** As text: what is wrong with the request. */
export function credentialsIn(header: string, form: string): FormCredentials | string {
  const present = namesIn(form, IN_BODY);
  if (present.length === 0) return { header, assertion: '', clientId: undefined };
  const [clientId, assertion, type] = IN_BODY.map((name) => onlyValue(form, name));
  if (present.includes('client_id') && clientId === undefined) return 'client_id may come once';
  const isAsserted = present.includes('client_assertion') || present.includes('client_assertion_type');
  const ways = [header !== '', present.includes('client_secret'), isAsserted].filter(Boolean);
  if (ways.length > 1) return 'one way of client authentication is allowed at a time';
  if (isAsserted && (assertion === undefined || type !== JWT_BEARER))
    return `client_assertion is required with client_assertion_type ${JWT_BEARER}, each once`;
  return { header, assertion: assertion ?? '', clientId };
}
