// One event to one receiver (RFC 8935).
import type { ClaimedStream, Delivery } from '../store/signal-deliveries.ts';
import type { DeliveryDeps } from './deps.ts';
import { securityEventToken } from './security-event-token.ts';

export interface PushFault {
  readonly text: string;
  /** The receiver said what is wrong with the event (RFC 8935 §2.4): the next one may be right. */
  readonly refused: boolean;
}

const ANSWER_MAX = 4_096;

/** Undefined: it was accepted (RFC 8935 §2.2), which 202 alone says. */
export async function push(
  { issuer, sign, fetch }: DeliveryDeps,
  { endpointUrl, authorization, resourceServerId }: ClaimedStream,
  delivery: Delivery,
): Promise<PushFault | undefined> {
  const body = await securityEventToken(sign, delivery, { issuer, audience: resourceServerId });
  const fetched = await fetch(endpointUrl, {
    method: 'POST',
    expect: 'any',
    maxBytes: ANSWER_MAX,
    body,
    headers: {
      'Content-Type': 'application/secevent+jwt',
      Accept: 'application/json',
      ...(authorization === null ? {} : { Authorization: authorization }),
    },
  });
  if ('fault' in fetched) return { text: fetched.fault, refused: false };
  const { status, text } = fetched.answer;
  if (status === 202) return undefined;
  const error = status === 400 ? errorIn(text) : undefined;
  return error === undefined
    ? { text: `status_${status}`, refused: false }
    : { text: `refused ${error}`, refused: true };
}

function errorIn(text: string): string | undefined {
  try {
    const { err } = JSON.parse(text) as { err?: unknown };
    return typeof err === 'string' && /^[\w-]{1,64}$/.test(err) ? err : undefined;
  } catch {
    return undefined;
  }
}
