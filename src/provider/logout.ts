// Signing out at an app's wish (OpenID Connect RP-Initiated Logout 1.0), and telling the other apps of the session
// (Back-Channel Logout 1.0).
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import type { EndedSession } from '../store/ended-sessions.ts';
import { requestIdOf } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { PATHS } from './endpoints.ts';
import { textOf } from './parameters.ts';

export interface SignOutQuestion {
  /** The app that asks, if it said who it is. */
  readonly appName: string | null;
  readonly actionUrl: string;
  /** Bound to the session; the provider compares it. */
  readonly xsrf: string;
  readonly returnTo: string | undefined;
  readonly uiLocales: string | undefined;
}

export interface SignOutPages {
  question(ctx: KoaContextWithOIDC, question: SignOutQuestion): Promise<void>;
  /** `appName` is given where the person left that app only. */
  answer(ctx: KoaContextWithOIDC, appName: string | null): Promise<void>;
}

const nameOf = ({ oidc }: KoaContextWithOIDC) => oidc.client?.clientName ?? null;

export function logoutFeatures(pages: SignOutPages) {
  return {
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx) =>
        pages.question(ctx, {
          appName: nameOf(ctx),
          actionUrl: ctx.oidc.urlFor('end_session_confirm'),
          xsrf: String(ctx.oidc.session?.state?.secret),
          returnTo: textOf(ctx.oidc.params?.post_logout_redirect_uri),
          uiLocales: textOf(ctx.oidc.params?.ui_locales),
        }),
      postLogoutSuccessSource: (ctx) => pages.answer(ctx, nameOf(ctx)),
    },
    backchannelLogout: { enabled: true },
  } satisfies Configuration['features'];
}

/** What the provider's own page with an inline script would do, by redirects; and the audit event of a sign-out. */
export function logoutRedirects(store: Store): Middleware {
  const follow: Middleware = async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    const accountId = oidc?.session?.accountId;
    if (oidc?.route === 'end_session' && ctx.status === 200 && accountId === undefined) {
      ctx.body = null;
      seeOther(ctx, goOn(oidc));
    }
    if (oidc?.route === 'end_session_confirm' && ctx.status === 303 && oidc.params?.logout && accountId) {
      const appId = oidc.client?.clientId;
      await appendAuditEvent(
        store.prisma,
        { type: 'patient.signed_out', accountId, appId },
        requestIdOf(ctx),
      );
    }
  };
  return (ctx, next) => (ctx.path.startsWith(PATHS.end_session) ? follow(ctx, next) : next());
}

/** Nobody is signed in: there is nothing to ask. */
function goOn(oidc: KoaContextWithOIDC['oidc']): string {
  const { post_logout_redirect_uri: uri, state } = oidc.params ?? {};
  if (typeof uri !== 'string') return oidc.urlFor('end_session_success');
  const target = new URL(uri);
  if (typeof state === 'string') target.searchParams.set('state', state);
  return target.href;
}

interface ToldClient extends Client {
  backchannelLogout(accountId: string, sid: string | undefined): Promise<void>;
}

/** Back-Channel Logout 1.0: to the apps of a session that has ended. */
export async function tellClients(
  provider: Provider,
  { accountId, authorizations }: EndedSession,
): Promise<void> {
  await Promise.all(
    Object.entries(authorizations).map(async ([clientId, { sid }]) => {
      const client = (await provider.Client.find(clientId)) as ToldClient | undefined;
      if (client?.backchannelLogoutUri === undefined) return;
      await client.backchannelLogout(accountId, sid).catch((error: unknown) => {
        provider.emit(
          'backchannel.error',
          undefined as never,
          error as never,
          client,
          accountId,
          sid as never,
        );
      });
    }),
  );
}
