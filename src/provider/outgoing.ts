import type { Configuration } from 'oidc-provider';
import type { SafeFetch } from '../outside/safe-fetch.ts';

/** Logout tokens are all that the provider itself sends; keys of clients are fetched by us. */
export function outgoing(safeFetch: SafeFetch): NonNullable<Configuration['fetch']> {
  return async (url, { method, headers, body }: RequestInit = {}) => {
    if (method !== 'POST') throw new Error('the provider fetches nothing by itself');
    const sent = Object.fromEntries(new Headers(headers));
    const fetched = await safeFetch(String(url), {
      method,
      headers: sent,
      body: String(body),
      expect: 'any',
    });
    if ('fault' in fetched) throw new Error(`a logout token was not delivered: ${fetched.fault}`);
    return new Response(null, { status: fetched.answer.status });
  };
}
