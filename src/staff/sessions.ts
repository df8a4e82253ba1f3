import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { employment } from '../policy/employment.ts';
import { decide } from '../policy/rules.ts';
import type { Store } from '../store/database.ts';
import {
  beginStaffSession,
  endStaffSession,
  findStaffSession,
  freshenStaffSession,
} from '../store/staff-sessions.ts';
import { requestId } from '../web/request-context.ts';
import type { SignedInPerson, StaffArea } from './area.ts';

/** NIST SP 800-63B §2.2.3 (AAL2): the passkey again after 12 hours, or after one hour without a request. */
export interface StaffSessions {
  /** Who is signed in, read anew at every request: what ended in between is over. */
  actorOf(ctx: Context, via: StaffArea['via']): Promise<SignedInPerson | undefined>;
  /** Whether the browser brings a session, ended or not. */
  isKnown(ctx: Context): boolean;
  /** A new session under a new id; the one before it ends. With a provider she showed no passkey yet. */
  begin(ctx: Context, personId: string, providerId?: string): Promise<void>;
  /** The person of this session has just shown her passkey again. */
  freshen(ctx: Context, personId: string): Promise<void>;
  end(ctx: Context): Promise<void>;
}

const wellFormed = /^[A-Za-z0-9_-]{43}$/;

export function createStaffSessions(store: Store, secure: boolean): StaffSessions {
  // RFC 6265bis §4.1.3.2: a `__Host-` name cannot be set by another host or over http.
  const name = secure ? '__Host-postern-staff' : 'postern-staff';

  function presented(ctx: Context): string | undefined {
    const token = ctx.cookies.get(name, { signed: false });
    return token !== undefined && wellFormed.test(token) ? token : undefined;
  }

  function setCookie(ctx: Context, token: string | null): void {
    // TLS may end at a proxy in front of us, so the connection's own state does not decide.
    ctx.cookies.secure = secure;
    ctx.cookies.set(name, token, { httpOnly: true, sameSite: 'lax', path: '/', secure, signed: false });
  }

  return {
    isKnown: (ctx) => presented(ctx) !== undefined,
    async actorOf(ctx, via) {
      const token = presented(ctx);
      const session = token === undefined ? undefined : await findStaffSession(store, token);
      if (session === undefined) return undefined;
      if (decide(employment, { ...session, now: new Date() }) !== undefined) return undefined;
      const { personId, name, organizationId, organizationName, roles, verifiedAt } = session;
      const { createdAt: beganAt, providerId } = session;
      const who = { personId, name, organizationId, organizationName, roles };
      return { ...who, verifiedAt, beganAt, providerId, via };
    },
    async begin(ctx, personId, providerId) {
      const token = randomBytes(32).toString('base64url');
      await beginStaffSession(store, {
        token,
        before: presented(ctx),
        personId,
        providerId: providerId ?? null,
      });
      setCookie(ctx, token);
    },
    async freshen(ctx, personId) {
      const token = presented(ctx);
      if (token !== undefined) await freshenStaffSession(store, token, personId);
    },
    async end(ctx) {
      const token = presented(ctx);
      if (token !== undefined) await endStaffSession(store, token, requestId());
      setCookie(ctx, null);
    },
  };
}
