import type { CustomFetch } from 'openid-client';
import type { SafeFetch } from '../outside/safe-fetch.ts';

/** She has waited for longer than that with her driver's licence in her hand. */
const TOTAL_MS = 8_000;

export class UnreachableError extends TypeError {
  override readonly name = 'UnreachableError';
}

/** Identity providers are asked as everybody else outside is: at judged addresses, within limits of time and size. */
export function outgoing(safeFetch: SafeFetch): CustomFetch {
  return async (url, { method, headers, body }) => {
    if (method !== 'GET' && method !== 'POST') throw new TypeError('asked by GET or POST only');
    const fetched = await safeFetch(url, {
      method,
      headers,
      ...{ expect: 'any', totalMs: TOTAL_MS },
      ...(body === undefined || body === null ? {} : { body: String(body) }),
    });
    if ('fault' in fetched) throw new UnreachableError(fetched.fault);
    const { status, headers: received, text } = fetched.answer;
    const type = received['content-type'];
    const bodyless = status === 204 || status === 205 || status === 304;
    return new Response(bodyless ? null : text, {
      status,
      headers: type === undefined ? {} : { 'content-type': type },
    });
  };
}
