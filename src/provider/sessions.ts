// The session of a signed-in person: one for the pages and for the authorization endpoint.
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { PHISHING_RESISTANT } from './endpoints.ts';
import { endAuthorizations } from './logout.ts';

export interface Sessions {
  /** Who is signed in with this browser. */
  accountOf(ctx: Context): Promise<string | undefined>;
  /** Begins a session under a new identifier (ASVS 7.2.4). */
  signIn(ctx: Context, accountId: string, amr: readonly string[]): Promise<void>;
  /** Ends the session; tokens that live with it end at the same moment. */
  signOut(ctx: Context): Promise<void>;
}

/** NIST SP 800-63B-4 AAL2: at most a day overall; ours is half of that. */
export const SESSION_S = 12 * 60 * 60;

export function createSessions(provider: Provider, secure: boolean): Sessions {
  const name = provider.cookieName('session');
  const attributes = {
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
    path: '/',
    secure,
  } as const;
  const get = (ctx: Context) => provider.Session.get(ctx as never);
  const cookiesOf = (ctx: Context) => provider.createContext(ctx.req, ctx.res).cookies;

  const end = async (session: InstanceType<Provider['Session']>) => {
    await session.destroy();
    await endAuthorizations(provider, session);
  };

  return {
    accountOf: async (ctx) => (await get(ctx)).accountId,
    signIn: async (ctx, accountId, amr) => {
      const earlier = await get(ctx);
      if (earlier.accountId !== undefined) await end(earlier);
      const session = new provider.Session();
      const loginTs = Math.floor(Date.now() / 1_000);
      session.loginAccount({ accountId, amr: [...amr], acr: PHISHING_RESISTANT, loginTs });
      await session.save(SESSION_S);
      cookiesOf(ctx).set(name, session.jti, { ...attributes, maxAge: SESSION_S * 1_000 });
    },
    signOut: async (ctx) => {
      const session = await get(ctx);
      if (session.accountId !== undefined) await end(session);
      cookiesOf(ctx).set(name, null, attributes);
    },
  };
}
