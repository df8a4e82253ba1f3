// A refresh whose response was lost: the same token again, within 30 seconds, from the same authenticated client and
// key, gets the same answer. Anyone else, and any public client, is a replay (RFC 9700 §4.14.2).
import { setTimeout as sleep } from 'node:timers/promises';
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { sha256Hex } from '../store/hash.ts';
import { findRefreshAnswer, saveRefreshAnswer } from '../store/refresh-answers.ts';
import type { Step } from './after-answer.ts';
import { credentialOf } from './credential-use.ts';

/** A parallel loser waits this long for the winner's answer. */
const PATIENCE_MS = 2_000;
const POLL_MS = 25;

const answers = new WeakMap<object, unknown>();

/** What the request that is running was answered before; undefined when it repeats none. It is not given yet. */
export async function earlierAnswer(store: Store, token: string, consumedAt: Date): Promise<unknown> {
  const { ctx } = Provider;
  const mark = ctx && clientMark(ctx);
  if (mark === undefined) return undefined;
  const found = await answerOf(store, token, consumedAt.getTime() + PATIENCE_MS);
  return found?.clientMark === mark ? found.answer : undefined;
}

/** The provider refuses a used token; the refusal is replaced by the answer that the client has missed. */
export function answerAgain(answer: unknown): never {
  if (Provider.ctx !== undefined && answer !== undefined) answers.set(Provider.ctx.req, answer);
  throw new errors.InvalidGrant('already used');
}

async function answerOf(store: Store, token: string, until: number) {
  for (;;) {
    const found = await findRefreshAnswer(store, token);
    if (found !== undefined || Date.now() > until) return found;
    await sleep(POLL_MS);
  }
}

/** Whether the refusal that the provider is about to give will be replaced by the kept answer. */
export const isAnsweredAgain = (ctx: { readonly req: object }): boolean => answers.has(ctx.req);

/** Keeps the answer of a refresh before it goes out, and gives a kept one. */
export function refreshRetries(store: Store): Step {
  return (ctx) => {
    const { oidc } = ctx;
    const kept = answers.get(ctx.req);
    if (kept !== undefined) {
      ctx.status = 200;
      ctx.body = kept;
      return undefined;
    }
    const rotated = oidc?.entities.RotatedRefreshToken;
    const token = oidc?.params?.refresh_token;
    if (oidc?.route !== 'token' || ctx.status !== 200 || rotated?.grantId === undefined) return undefined;
    const mark = clientMark(ctx);
    if (mark === undefined || typeof token !== 'string') return undefined;
    return saveRefreshAnswer(store, { token, grantId: rotated.grantId, clientMark: mark, answer: ctx.body });
  };
}

/** The authenticated client, the key that it used, and what it asked for; undefined for a public client. */
function clientMark(ctx: KoaContextWithOIDC): string | undefined {
  const { client, params } = ctx.oidc;
  const credential = credentialOf(ctx);
  if (client === undefined || credential === undefined) return undefined;
  return sha256Hex(JSON.stringify([client.clientId, client.clientAuthMethod, credential, params?.scope]));
}
