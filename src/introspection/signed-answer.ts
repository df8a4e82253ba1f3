import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import type { Sign } from '../provider/keys.ts';

const TYPE = 'token-introspection+jwt';

export const SIGNED_TYPE = `application/${TYPE}`;

const koa = new Koa();

/** RFC 9701 §4: whoever accepts the signed answer better than the plain one gets it. */
export function wantsSigned(request: IncomingMessage, response: ServerResponse): boolean {
  const { accept = '*/*' } = request.headers;
  // What nearly all send.
  if (accept === '*/*' || accept === 'application/json') return false;
  return koa.createContext(request, response).accepts('application/json', SIGNED_TYPE) === SIGNED_TYPE;
}

/** RFC 9701 §5: neither sub nor exp stand beside the answer, so that it is no other token to anyone. */
export function signedAnswer(
  sign: Sign,
  { issuer, audience, now }: { readonly issuer: string; readonly audience: string; readonly now: number },
  answer: Readonly<Record<string, unknown>>,
): Promise<string> {
  const claims = { iss: issuer, aud: audience, iat: Math.floor(now / 1_000), token_introspection: answer };
  return sign(claims, TYPE);
}
