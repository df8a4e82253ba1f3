// SCIM 2.0 (RFC 7643, RFC 7644) at /scim/v2: the directory of an organization tells who works there and who has left.
// This file: how a request is refused (RFC 7644 §3.12).
import { type Reason, refusals } from '../errors.ts';
import type { RegistryRefusal } from '../registry/refusal.ts';

export const SCIM_TYPE = 'application/scim+json';
export const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0';

type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

export class ScimFault extends Error {
  override readonly name = 'ScimFault';
  readonly status: number;
  readonly scimType: ScimType | undefined;

  constructor(status: number, detail: string, scimType?: ScimType) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

export const scimError = ({ status, scimType, message }: ScimFault) => ({
  ...{ schemas: [`${MESSAGES}:Error`], status: String(status) },
  ...(scimType === undefined ? {} : { scimType }),
  detail: message,
});

const STATUS: Partial<Record<Reason, number>> = {
  record_unknown: 404,
  not_allowed: 403,
  state_conflict: 409,
};

/** What the registry refused, in the words of SCIM. */
export function faultOf({ reason, faults }: RegistryRefusal): ScimFault {
  if (reason === 'input_invalid') {
    if (faults.some(({ field, code }) => field === 'email' && code === 'duplicate'))
      return new ScimFault(409, 'the userName is taken', 'uniqueness');
    const told = faults.map(({ field, code }) => `${field === 'email' ? 'userName' : field} ${code}`);
    return new ScimFault(400, told.join(', ').slice(0, 500), 'invalidValue');
  }
  const detail =
    reason === 'state_conflict'
      ? 'not possible now: who left comes back by a new invitation, and the last operator stays'
      : refusals[reason].text;
  return new ScimFault(STATUS[reason] ?? 403, detail);
}
