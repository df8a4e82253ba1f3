// The session of a signed-in person: one for the pages and for the authorization endpoint.
import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import {
  findSessionUse,
  freshenSession,
  holdSignedIn,
  recordSignIn,
  signInTime,
} from '../store/account-sessions.ts';
import type { Store, Transaction } from '../store/database.ts';
import { type EndedSession, endSessionsWithin } from '../store/ended-sessions.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { PHISHING_RESISTANT } from './endpoints.ts';
import { tellClients } from './logout.ts';
import { moveTo } from './session-adapter.ts';
import { endOneSession } from './session-ends.ts';

/** The passkey that a person has just shown, and how (RFC 8176). */
export interface Shown {
  readonly passkeyId: string;
  readonly amr: readonly string[];
}

export interface Sessions {
  /** Who is signed in with this browser, and was here within the hour. */
  accountOf(ctx: Context): Promise<string | undefined>;
  /** The passkey that the session rests on: the one that was shown last in it. */
  passkeyOf(ctx: Context): Promise<string | undefined>;
  /** Whether she has shown a passkey in this session within the last five minutes. */
  isFresh(ctx: Context): Promise<boolean>;
  /** The same, asked again in a transaction, until whose end it stays so; undefined: the session, or the passkey, is gone. */
  holdPasskey(ctx: Context): Promise<(tx: Transaction) => Promise<string | undefined>>;
  /** Begins a session under a new identifier (ASVS 7.2.4); a session of her own goes on, that of another ends. */
  signIn(ctx: Context, accountId: string, shown: Shown): Promise<void>;
  /** She has shown a passkey again: the session rests on that one, under a new identifier. False: it was over. */
  freshen(ctx: Context, accountId: string, shown: Shown): Promise<boolean>;
  /** Ends the session; tokens that live with it end at the same moment. */
  signOut(ctx: Context): Promise<void>;
  /**
   * Ends all sessions of a person, or those that rest on one of her passkeys, with what lives with them, in the
   * transaction of `cause`; nothing ends where that answers false. Afterwards the apps of those sessions are told.
   */
  endAll(which: EndedSessions, cause: (tx: Transaction) => Promise<boolean>): Promise<boolean>;
}

export interface EndedSessions {
  readonly accountId: string;
  readonly passkeyId?: string;
}

/** NIST SP 800-63B-4 §2.2.3 (AAL2): at most a day overall; ours is half of that. */
export const SESSION_S = 12 * 60 * 60;

export function createSessions(provider: Provider, store: Store, secure: boolean): Sessions {
  const name = provider.cookieName('session');
  const attributes = {
    httpOnly: true,
    sameSite: 'lax',
    signed: true,
    path: '/',
    secure,
  } as const;
  type Session = InstanceType<Provider['Session']>;
  const get = (ctx: Context) => provider.Session.get(ctx as never);
  const cookiesOf = (ctx: Context) => provider.createContext(ctx.req, ctx.res).cookies;
  const newId = () => randomBytes(32).toString('base64url');
  const now = () => Math.floor(Date.now() / 1_000);

  const end = (session: Session) => endOneSession(provider, store, session);

  const save = async (ctx: Context, session: Session, seconds: number) => {
    await session.save(seconds);
    cookiesOf(ctx).set(name, session.jti, { ...attributes, maxAge: seconds * 1_000 });
  };

  const useOf = async (ctx: Context) => {
    const { uid, accountId } = await get(ctx);
    const use = accountId === undefined ? undefined : await findSessionUse(store, { uid, accountId });
    return use && { ...use, accountId };
  };

  return {
    accountOf: async (ctx) => (await useOf(ctx))?.accountId,
    passkeyOf: async (ctx) => (await useOf(ctx))?.passkeyId ?? undefined,
    holdPasskey: async (ctx) => {
      const { uid, accountId } = await get(ctx);
      return async (tx) => accountId && holdSignedIn(tx, store, { uid, accountId });
    },
    isFresh: async (ctx) => (await useOf(ctx))?.fresh ?? false,
    signIn: async (ctx, accountId, { passkeyId, amr }) => {
      const earlier = await get(ctx);
      const signedInAt = await signInTime(store);
      const signIn = { accountId, passkeyId, signedInAt, seconds: SESSION_S };
      // An hour without her ends nothing that lives with her session: signing in again, she goes on with it.
      const goesOn =
        earlier.accountId === accountId && (await recordSignIn(store, { ...signIn, uid: earlier.uid }));
      if (!goesOn && earlier.accountId !== undefined) await end(earlier);
      const session = goesOn ? earlier : new provider.Session();
      if (goesOn) moveTo(session, newId());
      // The passkey that was shown was removed meanwhile.
      else if (!(await recordSignIn(store, { ...signIn, uid: session.uid })))
        throw new PageError(401, 'signed-out');
      session.loginAccount({ accountId, amr: [...amr], acr: PHISHING_RESISTANT, loginTs: signedInAt });
      await save(ctx, session, SESSION_S);
    },
    freshen: async (ctx, accountId, { passkeyId, amr }) => {
      const session = await get(ctx);
      if (session.accountId !== accountId) return false;
      if (!(await freshenSession(store, { uid: session.uid, accountId, passkeyId }))) return false;
      session.amr = [...amr];
      moveTo(session, newId());
      await save(ctx, session, Math.max(1, session.exp - now()));
      return true;
    },
    signOut: async (ctx) => {
      const session = await get(ctx);
      if (session.accountId !== undefined) await end(session);
      cookiesOf(ctx).set(name, null, attributes);
    },
    endAll: async ({ accountId, passkeyId }, cause) => {
      const ended = await store.prisma.$transaction(
        async (tx): Promise<readonly EndedSession[] | undefined> => {
          if (!(await cause(tx))) return undefined;
          const which = { accountId, ...(passkeyId === undefined ? {} : { passkeyId }), endedBy: accountId };
          return endSessionsWithin(tx, store, which, requestId());
        },
      );
      for (const session of ended ?? []) await tellClients(provider, session);
      return ended !== undefined;
    },
  };
}
