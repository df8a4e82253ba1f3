import type { TokenFacts } from './fhir-access.ts';

export interface IntrospectionOptions {
  readonly fhirBase: string;
  readonly introspectionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch?: typeof fetch;
}

// 'unknown' is no answer: the caller must refuse, as it cannot tell.
export type Introspection =
  | { readonly state: 'active'; readonly token: TokenFacts }
  | { readonly state: 'inactive' }
  | { readonly state: 'unknown' };

const TIMEOUT_MS = 2000;

/** Asks anew for every request: an answer kept is a revocation missed (RFC 7662 §4). */
export function createIntrospection(options: IntrospectionOptions) {
  // RFC 6749 §2.3.1: both parts are form-urlencoded before they become HTTP Basic
  const basic = [options.clientId, options.clientSecret].map(formEncode).join(':');
  const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
  const ask = options.fetch ?? fetch;

  return async (accessToken: string, requestId: string): Promise<Introspection> => {
    try {
      const response = await ask(options.introspectionEndpoint, {
        method: 'POST',
        headers: { authorization, accept: 'application/json', 'x-request-id': requestId },
        body: new URLSearchParams({ token: accessToken, token_type_hint: 'access_token' }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status !== 200) return { state: 'unknown' };
      return read(await response.json(), options.fhirBase);
    } catch {
      return { state: 'unknown' };
    }
  };
}

const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

function read(answer: unknown, fhirBase: string): Introspection {
  if (!isRecord(answer) || typeof answer.active !== 'boolean') return { state: 'unknown' };
  if (!answer.active || !isForUs(answer.aud, fhirBase) || !isBearer(answer)) return { state: 'inactive' };
  return {
    state: 'active',
    token: { scope: text(answer.scope), patient: text(answer.patient), fhirUser: text(answer.fhirUser) },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const isForUs = (audience: unknown, fhirBase: string) =>
  Array.isArray(audience) ? audience.includes(fhirBase) : audience === fhirBase;

// A sender-constrained token (RFC 8705, RFC 9449) is no bearer token, and no proof is checked here
const isBearer = ({ cnf, token_type: type }: Record<string, unknown>) =>
  cnf === undefined && (type === undefined || (typeof type === 'string' && type.toLowerCase() === 'bearer'));
