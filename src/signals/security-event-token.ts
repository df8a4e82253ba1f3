// Security Event Tokens (RFC 8417) as SSF 1.0 §4 profiles them: one event, neither sub nor exp, the same at each try.
import type { JWTPayload } from 'jose';
import type { Sign } from '../provider/keys.ts';
import type { Delivery } from '../store/signal-deliveries.ts';
import { uriOf } from './event-types.ts';
import { causeOf } from './reasons.ts';
import { isOfApps, type Subject, subjectOf } from './subject.ts';

const TYPE = 'secevent+jwt';

export interface Receiver {
  readonly issuer: string;
  /** The resource server. */
  readonly audience: string;
}

const seconds = (time: Date) => Math.floor(time.getTime() / 1_000);

/** CAEP 1.0 §2, and what each event says beside; `client_ids` and `patients` are ours. */
function eventOf(delivery: Delivery) {
  const { type, cause, detail, streamId, occurredAt } = delivery;
  if (streamId !== null) return detail;
  const { by, text } = causeOf(cause);
  const clientIds = isOfApps(delivery) ? (delivery.clientIds ?? []) : [];
  const patients = delivery.patients ?? [];
  return {
    event_timestamp: seconds(occurredAt),
    initiating_entity: by,
    reason_admin: { en: text },
    ...(type === 'session-revoked' ? {} : detail),
    ...(type === 'risk-level-change' ? { risk_reason: text } : {}),
    ...(clientIds.length === 0 ? {} : { client_ids: clientIds }),
    ...(patients.length === 0 ? {} : { patients }),
  };
}

export function claimsOf(delivery: Delivery, subject: Subject, { issuer, audience }: Receiver): JWTPayload {
  const { id, type, createdAt, requestId } = delivery;
  return {
    ...{ iss: issuer, aud: audience, iat: seconds(createdAt), jti: id },
    ...(requestId === null ? {} : { txn: requestId }),
    sub_id: subject,
    events: { [uriOf(type)]: eventOf(delivery) },
  };
}

export function securityEventToken(sign: Sign, delivery: Delivery, receiver: Receiver): Promise<string> {
  return sign(claimsOf(delivery, subjectOf(delivery, receiver.issuer), receiver), TYPE);
}
