// What a receiver may say of its stream (SSF 1.0 §8.1.1), and how the stream is told to it.
import { addressFault } from '../policy/addresses.ts';
import type { Stream, StreamSettings } from '../store/signal-streams.ts';
import { SUPPORTED, SUPPORTED_URIS, uriOf } from './event-types.ts';
import { POLL, PUSH, SIGNAL_PATHS } from './transmitter-configuration.ts';

export type Members = Readonly<Record<string, unknown>>;
type Delivery = Pick<StreamSettings, 'method' | 'endpointUrl' | 'authorization'>;
type Read<Value> = { readonly value: Value } | { readonly fault: string };

const DESCRIPTION_MAX = 200;
const EVENTS_MAX = 100;
const HEADER = /^[\x20-\x7e]{1,4096}$/;

/** SSF 1.0 §8.1.4.2: verification may be asked for once in so many seconds. */
export const VERIFICATION_SECONDS = 10;

export const pollUrl = (issuer: string, streamId: string) => `${issuer}${SIGNAL_PATHS.poll}/${streamId}`;

export function streamAnswer(stream: Stream, issuer: string) {
  const { id, resourceServerId, description, eventsRequested, events, method, endpointUrl } = stream;
  return {
    stream_id: id,
    iss: issuer,
    aud: resourceServerId,
    events_supported: SUPPORTED_URIS,
    ...(eventsRequested.length === 0 ? {} : { events_requested: eventsRequested }),
    events_delivered: events.map(uriOf),
    // What is sent with a push is told to nobody.
    delivery:
      method === 'push'
        ? { method: PUSH, endpoint_url: endpointUrl }
        : { method: POLL, endpoint_url: pollUrl(issuer, id) },
    min_verification_interval: VERIFICATION_SECONDS,
    ...(description === null ? {} : { description }),
  };
}

export interface SettingsRules {
  readonly issuer: string;
  readonly allowLoopback: boolean;
  /** The stream as it is, to change or replace; undefined: a new one. */
  readonly current?: Stream;
  /** What is not named stays (PATCH); otherwise it goes (PUT). */
  readonly keeps: boolean;
}

export function readSettings(members: Members, rules: SettingsRules): Read<StreamSettings> {
  const { current, keeps } = rules;
  const mismatch = current && suppliedFault(members, streamAnswer(current, rules.issuer));
  if (mismatch !== undefined) return { fault: mismatch };
  const kept = keeps ? current : undefined;
  const delivery = readDelivery(members.delivery, kept, rules);
  if ('fault' in delivery) return delivery;
  const asked = readEvents(members.events_requested, kept);
  if ('fault' in asked) return asked;
  const { description = kept?.description ?? null } = members;
  if (description !== null && typeof description !== 'string')
    return { fault: 'description must be a string' };
  const shown = description === null ? null : [...description].slice(0, DESCRIPTION_MAX).join('');
  const events = SUPPORTED.filter((type) => asked.value.length === 0 || asked.value.includes(uriOf(type)));
  return { value: { ...delivery.value, description: shown, eventsRequested: asked.value, events } };
}

/** SSF 1.0 §8.1.1.3: what the transmitter supplies may be named, but must be what it is. */
function suppliedFault(members: Members, answer: Members): string | undefined {
  const supplied = ['iss', 'aud', 'events_supported', 'events_delivered', 'min_verification_interval'];
  const wrong = supplied.find((name) => name in members && !isSame(members[name], answer[name]));
  return wrong && `${wrong} is not what it is for this stream`;
}

const isSame = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
    : a === b || (Array.isArray(a) && a.length === 1 && a[0] === b);

function readEvents(asked: unknown, kept: Stream | undefined): Read<readonly string[]> {
  if (asked === undefined) return { value: kept?.eventsRequested ?? [] };
  const isList = Array.isArray(asked) && asked.every((uri) => typeof uri === 'string' && uri.length <= 200);
  if (!isList || asked.length === 0 || asked.length > EVENTS_MAX)
    return { fault: `events_requested must be a list of 1 to ${EVENTS_MAX} URIs` };
  return { value: [...new Set(asked as string[])] };
}

function readDelivery(asked: unknown, kept: Stream | undefined, rules: SettingsRules): Read<Delivery> {
  if (asked === undefined) {
    if (kept !== undefined) return { value: kept };
    // SSF 1.0 §8.1.1.1: without it, the receiver asks.
    return { value: { method: 'poll', endpointUrl: null, authorization: null } };
  }
  if (typeof asked !== 'object' || asked === null) return { fault: 'delivery must be an object' };
  const { method, endpoint_url: url, authorization_header: header } = asked as Members;
  if (method === POLL) {
    const own = rules.current === undefined ? undefined : pollUrl(rules.issuer, rules.current.id);
    if (url !== undefined && url !== own)
      return { fault: 'delivery.endpoint_url of a poll is supplied here' };
    return { value: { method: 'poll', endpointUrl: null, authorization: null } };
  }
  if (method !== PUSH) return { fault: `delivery.method must be ${PUSH} or ${POLL}` };
  const place = { sandbox: rules.allowLoopback, native: false };
  if (typeof url !== 'string' || addressFault(url, 'fetched', place) !== undefined)
    return { fault: 'delivery.endpoint_url must be a public https URL without user, fragment or wildcard' };
  if (header !== undefined && (typeof header !== 'string' || !HEADER.test(header)))
    return { fault: 'delivery.authorization_header must be a header value of printable ASCII' };
  const before = kept?.endpointUrl === url ? kept.authorization : null;
  return { value: { method: 'push', endpointUrl: url, authorization: (header as string) ?? before } };
}
