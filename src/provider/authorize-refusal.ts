// What a person sees whose authorization request is refused here. An app without standing is told about in plain words,
// with a link that carries the refusal to the app; an app that may not act at all, or that nobody has reviewed yet, gets
// neither a link nor a redirect, whatever is wrong with the request.
import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { type Reason, refusals } from '../errors.ts';
import { standing } from '../policy/standing.ts';
import { findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { renderErrorPage } from '../web/error-page.ts';
import type { Pages } from '../web/page.ts';
import { requestIdOf } from '../web/request-context.ts';
import { textOf } from './parameters.ts';
import { isAuthorization, isOff, PolicyRefusal } from './refusals.ts';

interface RefusedApp {
  readonly appName: string;
  /** `off`: it may not act at all, and nobody is sent to it. */
  readonly kind: 'paused' | 'off';
  readonly returnUrl: string | null;
  /** The rule that failed, for the developer of a sandbox app. */
  readonly rule: Reason | null;
}

export function renderRefusal(store: Store, pages: Pages, headers: Middleware): Configuration['renderError'] {
  return async (provided, { error }, cause) => {
    const { status, oidc } = provided;
    const ctx = provided as unknown as Context;
    const refused = await refusedApp(store, provided, cause);
    const failure = isUnavailable(cause) ? 'unavailable' : 'unexpected';
    const refusal = error === 'invalid_request' && !oidc.client ? 'expired' : 'app-refused';
    await headers(ctx, async () => {
      if (refused === undefined)
        return renderErrorPage(ctx, pages, status >= 500 ? failure : refusal, status);
      pages.localeOf(ctx, textOf(oidc.params?.ui_locales));
      pages.renderPage(ctx, 'standing-refused', { ...refused, requestId: requestIdOf(ctx) ?? null }, 403);
    });
  };
}

async function refusedApp(
  store: Store,
  ctx: KoaContextWithOIDC,
  cause: Error,
): Promise<RefusedApp | undefined> {
  const { client } = ctx.oidc;
  const reason = offReasonOf(ctx) ?? (cause instanceof PolicyRefusal ? cause.reason : undefined);
  if (client === undefined || !standing.some(([rule]) => rule === reason)) return undefined;
  const app = await findApp(store, client.clientId);
  if (app === undefined || reason === undefined) return undefined;
  const kind = refusals[reason].error === 'unauthorized_client' ? 'paused' : 'off';
  return {
    ...{ appName: app.name, kind },
    returnUrl: isOff(reason) ? null : returnUrl(ctx, reason),
    rule: app.environment === 'sandbox' ? reason : null,
  };
}

const offReasonOf = ({ oidc }: KoaContextWithOIDC): Reason | undefined =>
  isAuthorization(oidc.route) ? (oidc.client?.offReason as Reason | undefined) : undefined;

/** The provider sends a person back with each error that it finds before it asks whether the app may act. */
export function keepFromAppsThatAreOff(provider: Provider): void {
  provider.on('authorization.error', (ctx, error) => {
    if (offReasonOf(ctx) !== undefined) error.allow_redirect = false;
  });
}

/** RFC 6749 §4.1.2.1, RFC 9207 §2: what the redirect would have carried. Only ever to a registered redirect URI. */
function returnUrl({ oidc }: KoaContextWithOIDC, reason: Reason): string | null {
  const { redirect_uri: uri, state } = oidc.params ?? {};
  if (typeof uri !== 'string' || !oidc.client?.redirectUriAllowed(uri)) return null;
  const target = new URL(uri);
  target.searchParams.set('error', refusals[reason].error);
  target.searchParams.set('error_description', refusals[reason].text);
  if (typeof state === 'string') target.searchParams.set('state', state);
  target.searchParams.set('iss', oidc.provider.issuer);
  return target.href;
}
