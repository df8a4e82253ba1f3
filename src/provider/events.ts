// The provider's refusals as audit events, through one table; written before the answer goes out.
import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditEvent } from '../audit-event.ts';
import { findApp } from '../store/apps.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { type Observer, REPLAYED } from '../web/observer.ts';
import { requestIdOf } from '../web/request-context.ts';
import { credentialOf } from './credential-use.ts';
import { diagnose, type ProviderError } from './diagnosis.ts';
import { findSpent } from './grant-diagnosis.ts';
import { presentedClientId } from './presented-client.ts';
import { isAnsweredAgain } from './refresh-retry.ts';
import { PolicyRefusal } from './refusals.ts';

const refusalEvents = {
  'authorization.error': 'authorization.refused',
  'grant.error': 'token.refused',
  'revocation.error': 'revocation.refused',
} as const satisfies Record<string, AuditEvent['type']>;

interface Refusal {
  readonly type: (typeof refusalEvents)[keyof typeof refusalEvents];
  readonly ctx: KoaContextWithOIDC;
  readonly error: ProviderError;
}

interface Around {
  readonly observer: Observer;
  readonly networkOf: (request: IncomingMessage) => string;
}

export function recordRefusals(provider: Provider, store: Store, around: Around): Middleware {
  const refused = new WeakMap<object, Refusal>();
  for (const [event, type] of Object.entries(refusalEvents)) {
    const note = (ctx: KoaContextWithOIDC, error: ProviderError) =>
      refused.set(ctx.req, { type, ctx, error });
    provider.on(event as never, note as never);
  }
  return async (ctx, next) => {
    await next();
    const refusal = refused.get(ctx.req);
    if (refusal !== undefined && !isAnsweredAgain(ctx)) await record(store, refusal, around);
  };
}

async function record(
  store: Store,
  { type, ctx, error }: Refusal,
  { observer, networkOf }: Around,
): Promise<void> {
  const policy = error instanceof PolicyRefusal ? error : undefined;
  const app = await findApp(store, presentedClientId(ctx) ?? policy?.appId ?? '');
  // Who names no registered client leaves no row: anyone could fill the table.
  if (app === undefined) return;
  const spent = await findSpent(store, ctx);
  const diagnosis = diagnose({ ctx, error, app, spent });
  for (const what of REPLAYED) if (diagnosis.code === `${what}_replayed`) observer.replayed(what);
  // Of who has proved who it is alone: where people are is not kept, nor where those are who only claim to be an app.
  const isProved = credentialOf(ctx) !== undefined && error.error !== 'invalid_client';
  const proved = type === 'token.refused' && isProved ? { network: networkOf(ctx.req) } : {};
  const { grantId, clientId } = spent.row?.payload ?? {};
  // Whose code or refresh token it was: nobody's beside the client that it was given to.
  const granted =
    type === 'token.refused' && clientId === app.id && typeof grantId === 'string' ? { grantId } : {};
  const detail = { error: error.error, diagnosis, ...proved };
  await appendAuditEvent(
    store.prisma,
    { type, appId: app.id, ...granted, reason: policy?.reason, detail },
    requestIdOf(ctx),
  );
}
