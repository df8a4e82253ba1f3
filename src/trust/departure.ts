// On the way to an identity provider. What is sent along is bound to the browser and to one answer (OpenID Connect Core
// §3.1.2.1, RFC 7636), and each provider answers at an address of its own (RFC 9700 §4.4.2.2).
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import { type NewAttempt, sendAttempt } from '../store/proofing-attempts.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import type { TrustDeps } from './deps.ts';
import { showStopped } from './stopped-page.ts';
import { UpstreamFault } from './upstream-fault.ts';

export type Attempt = NewAttempt & { readonly id: string };

export const callbackUrl = (issuer: string, providerId: string): string =>
  `${issuer}/proofing/callback/${providerId}`;

const random = () => randomBytes(32).toString('base64url');

export async function depart(
  deps: TrustDeps,
  ctx: Context,
  attempt: Attempt,
  providerId: string,
): Promise<void> {
  const { store, issuer, providers, upstream, pages, log } = deps;
  const provider = providers.find(({ id }) => id === providerId);
  if (provider === undefined) throw new PageError(404, 'not-found');
  const secrets = { state: random(), nonce: random(), codeVerifier: random() };
  if (!(await sendAttempt(store, attempt, { providerId, ...secrets })))
    throw new PageError(410, 'proofing-ended');
  try {
    const asked = {
      level: attempt.level as IdentityLevel,
      redirectUri: callbackUrl(issuer, providerId),
      locale: pages.localeOf(ctx),
    };
    seeOther(ctx, (await upstream.authorizationUrl(provider, secrets, asked)).href);
  } catch (error) {
    if (!(error instanceof UpstreamFault)) throw error;
    log.warn({ provider: providerId, code: error.code }, 'an identity provider cannot be used');
    showStopped(deps, ctx, { attempt, provider, why: 'unavailable' });
  }
}
