// A notice posted to an organization's own server, signed as Standard Webhooks 1.0 says.
import { createHmac } from 'node:crypto';
import type { SafeFetch } from './safe-fetch.ts';

export interface Posting {
  readonly url: string;
  readonly key: Buffer;
  /** The same at each try: by it a receiver knows what it has had. */
  readonly id: string;
  readonly body: string;
}

/** Answers with what went wrong, if anything did. */
export type PostWebhook = (posting: Posting) => Promise<string | undefined>;

export const createWebhookSender =
  (fetch: SafeFetch): PostWebhook =>
  async ({ url, key, id, body }) => {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const fetched = await fetch(url, {
      method: 'POST',
      expect: 'any',
      body,
      headers: {
        'Content-Type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
      },
    });
    if ('fault' in fetched) return fetched.fault;
    const { status } = fetched.answer;
    return status >= 200 && status < 300 ? undefined : `status_${status}`;
  };
