// The provider's refusals as audit events, through one table; written before the answer goes out.
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditEvent } from '../audit-event.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import { isAnsweredAgain } from './refresh-retry.ts';
import { PolicyRefusal } from './refusals.ts';

const refusalEvents = {
  'authorization.error': 'authorization.refused',
  'grant.error': 'token.refused',
} as const satisfies Record<string, AuditEvent['type']>;

export function recordRefusals(provider: Provider, store: Store): Middleware {
  const refused = new WeakMap<object, AuditEvent>();
  for (const [event, type] of Object.entries(refusalEvents)) {
    const note = (ctx: KoaContextWithOIDC, error: Error & { error?: string }) => {
      const refusal = error instanceof PolicyRefusal ? error : undefined;
      const appId = ctx.oidc.client?.clientId ?? refusal?.appId;
      // Who names no registered client leaves no row: anyone could fill the table.
      if (appId === undefined) return;
      refused.set(ctx.req, { type, appId, reason: refusal?.reason, detail: { error: error.error } });
    };
    provider.on(event as never, note as never);
  }
  return async (ctx, next) => {
    await next();
    const event = refused.get(ctx.req);
    if (event !== undefined && !isAnsweredAgain(ctx))
      await appendAuditEvent(store.prisma, event, requestId());
  };
}
