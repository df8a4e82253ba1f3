// The demo FHIR server as a receiver of signals (RFC 8935): it checks what it is told, and says so on the terminal. It has
// nothing to forget, since it remembers no answer; a server that does forgets here what the subject names.
import { timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import Koa, { type Context } from 'koa';

export const SIGNALS_PATH = '/signals';

export interface SignalReceiverOptions {
  readonly issuer: string;
  /** The receiver's id as resource server. */
  readonly audience: string;
  /** What each push must bear. */
  readonly authorization: string;
  readonly report: (line: string) => void;
}

type Told = JWTPayload & { readonly events?: Readonly<Record<string, unknown>> };

const MAX_BYTES = 64 * 1_024;
const KNOWN_MAX = 10_000;

export function createSignalReceiver(options: SignalReceiverOptions): Koa {
  const { issuer, audience, report } = options;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const known = new Set<string>();

  const receive = async (ctx: Context) => {
    if (ctx.method !== 'POST' || ctx.path !== SIGNALS_PATH) return;
    if (!isEqual(ctx.get('authorization'), options.authorization))
      return refuse(ctx, 'authentication_failed');
    const text = ctx.is('application/secevent+jwt') ? await textOf(ctx) : undefined;
    if (text === undefined) return refuse(ctx, 'invalid_request');
    const rules = { issuer, audience, typ: 'secevent+jwt', algorithms: ['RS256'] };
    const { payload, fault } = await jwtVerify(text, keys, rules).then(
      (verified) => ({ payload: verified.payload as Told, fault: undefined }),
      (error: object) => ({ payload: undefined, fault: faultOf(error) }),
    );
    if (payload === undefined) return refuse(ctx, fault);
    const { jti, events } = payload;
    // RFC 8417 §2.2: a SET is no other token.
    if (typeof jti !== 'string' || events === undefined || 'sub' in payload || 'exp' in payload)
      return refuse(ctx, 'invalid_request');
    ctx.status = 202;
    if (known.has(jti)) return;
    if (known.size >= KNOWN_MAX) known.clear();
    known.add(jti);
    const told = Object.keys(events).map((uri) => uri.slice(uri.lastIndexOf('/') + 1));
    report(`the demo FHIR server was told: ${told.join(', ')}`);
  };

  const app = new Koa();
  app.use(receive);
  return app;
}

/** RFC 8935 §2.4. */
function refuse(ctx: Context, err: string): void {
  ctx.status = 400;
  ctx.body = { err, description: 'the security event was not accepted' };
}

function faultOf({ code, claim }: { readonly code?: string; readonly claim?: string }): string {
  if (claim === 'iss') return 'invalid_issuer';
  if (claim === 'aud') return 'invalid_audience';
  return code?.startsWith('ERR_JWKS') || code?.startsWith('ERR_JWS_SIG') ? 'invalid_key' : 'invalid_request';
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function textOf({ req }: Context): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    size += (chunk as Buffer).length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly endpointUrl: string;
  readonly authorization: string;
}

interface Stream {
  readonly stream_id: string;
  readonly delivery: { readonly endpoint_url?: string };
}

/** Asks for the events at the address of now: makes the stream, or changes the one of an earlier start. */
export async function registerReceiver(registration: Registration): Promise<void> {
  const { issuer, clientId, clientSecret, endpointUrl, authorization } = registration;
  const discovered = await fetch(`${issuer}/.well-known/ssf-configuration`);
  const { configuration_endpoint: endpoint } = (await discovered.json()) as {
    configuration_endpoint: string;
  };
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const headers = {
    authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
    'content-type': 'application/json',
  };
  const delivery = {
    ...{ method: 'urn:ietf:rfc:8935', endpoint_url: endpointUrl },
    authorization_header: authorization,
  };
  const send = (method: string, body: object) =>
    fetch(endpoint, { method, headers, body: JSON.stringify(body) });
  let answer = await send('POST', { delivery, description: 'The demo FHIR server' });
  if (answer.status === 409) {
    const [stream] = (await (await fetch(endpoint, { headers })).json()) as Stream[];
    if (stream?.delivery.endpoint_url === endpointUrl) return;
    answer = await send('PATCH', { stream_id: stream?.stream_id, delivery });
  }
  if (!answer.ok) throw new Error(`the stream of the demo FHIR server was refused with ${answer.status}`);
}
