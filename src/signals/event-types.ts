// Shared Signals 1.0: a transmitter of CAEP 1.0 events to the resource servers that its tokens are for. What is told is a
// hint, free of names; the truth stays in introspection. Triggers in the database write each event with its cause.

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

/** CAEP 1.0 §3.1 to §3.4, §3.8: what something here can cause. */
export const SUPPORTED = [
  'session-revoked',
  'token-claims-change',
  'credential-change',
  'assurance-level-change',
  'risk-level-change',
] as const;

/** SSF 1.0 §8.1.4.1, §8.1.5: about the stream itself. */
const OF_STREAM = ['verification', 'stream-updated'];

export const uriOf = (type: string): string => `${OF_STREAM.includes(type) ? SSF : CAEP}${type}`;

export const SUPPORTED_URIS: readonly string[] = SUPPORTED.map(uriOf);
