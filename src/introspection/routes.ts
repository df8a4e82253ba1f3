import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Context } from 'koa';
import { refusals } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { tokenAudience, tokenStanding } from '../policy/token.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { findIntrospectedToken, recordAccess } from '../store/introspections.ts';
import type { Secrets } from '../store/secrets.ts';
import { requestId } from '../web/request-context.ts';
import { activeAnswer, INACTIVE } from './answer.ts';
import { basicCredentials, type Caller, createCallers } from './caller.ts';

export function introspectionRoutes(
  store: Store,
  options: { readonly issuer: string; readonly path: string; readonly secrets: Secrets },
): Router {
  const authenticate = createCallers(store, options.secrets);
  const router = new Router();

  const introspect = async (token: string, caller: Caller) => {
    const found = await findIntrospectedToken(store, token);
    if (found === undefined) return INACTIVE;
    const fhirBases = caller.fhirBases.map(({ url }) => url);
    const reason =
      decide(tokenAudience, { audience: found.audience, fhirBases }) ?? decide(tokenStanding, found);
    if (reason === undefined) {
      await recordAccess(store, found, caller.id);
      return activeAnswer(found, options.issuer);
    }
    const about = { appId: found.clientId, patientId: found.patientId, purpose: found.purpose };
    const event = { type: 'introspection.refused', ...about, resourceServerId: caller.id, reason } as const;
    await appendAuditEvent(store.prisma, event, requestId());
    return INACTIVE;
  };

  router.post(options.path, noStore, form, async (ctx) => {
    const credentials = basicCredentials(ctx.get('Authorization'));
    const caller = credentials && (await authenticate(credentials));
    if (caller === undefined)
      return refuse(ctx, 401, 'invalid_client', refusals.resource_server_unknown.text);
    const token = (ctx.request.body as Record<string, unknown> | undefined)?.token;
    // RFC 6749 §3.2: a parameter that is sent twice is no string here.
    if (typeof token !== 'string') return refuse(ctx, 400, 'invalid_request', 'token is required, once');
    ctx.body = await introspect(token, caller);
  });
  return router;
}

// RFC 7662 §2.2 and §4: what is true now may not be true at the next request.
const noStore = async (ctx: Context, next: () => Promise<unknown>) => {
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Pragma', 'no-cache');
  await next();
};

const parse = bodyParser({ enableTypes: ['form'], formLimit: '56kb' });

const form = async (ctx: Context, next: () => Promise<unknown>) => {
  if (!ctx.is('application/x-www-form-urlencoded')) {
    return refuse(ctx, 400, 'invalid_request', 'the body must be application/x-www-form-urlencoded');
  }
  let parsed = false;
  try {
    await parse(ctx as never, async () => {
      parsed = true;
    });
  } catch {
    return refuse(ctx, 400, 'invalid_request', 'the body cannot be read');
  }
  if (parsed) await next();
};

function refuse(ctx: Context, status: number, error: string, description: string): void {
  ctx.status = status;
  if (status === 401) ctx.set('WWW-Authenticate', 'Basic realm="introspection", charset="UTF-8"');
  ctx.body = { error, error_description: description };
}
