import Router from '@koa/router';
import type { Context } from 'koa';
import { type Reason, refusals } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { tokenAudience, tokenStanding } from '../policy/token.ts';
import type { Sign } from '../provider/keys.ts';
import type { Store } from '../store/database.ts';
import { findIntrospectedToken, recordAccess } from '../store/introspections.ts';
import type { Secrets } from '../store/secrets.ts';
import { bodyReader } from '../web/body.ts';
import { noStore } from '../web/no-store.ts';
import { activeAnswer, INACTIVE } from './answer.ts';
import { bearerCaller, bearerToken } from './bearer-caller.ts';
import { basicCredentials, type Caller, createCallers } from './caller.ts';
import { recordRefusal } from './refusal.ts';
import { SIGNED_TYPE, signedAnswer, wantsSigned } from './signed-answer.ts';

export interface IntrospectionOptions {
  readonly issuer: string;
  readonly path: string;
  readonly secrets: Secrets;
  readonly sign: Sign;
}

export function introspectionRoutes(store: Store, options: IntrospectionOptions): Router {
  const authenticate = createCallers(store, options.secrets);
  const router = new Router();

  const introspect = async (token: string, caller: Caller) => {
    const found = await findIntrospectedToken(store, token);
    if (found === undefined) return INACTIVE;
    const reason =
      decide(tokenAudience, { audience: found.audience, fhirBases: caller.audiences }) ??
      decide(tokenStanding, found);
    if (reason === undefined) {
      await recordAccess(store, found, caller.id);
      return activeAnswer(found, options.issuer);
    }
    await recordRefusal(store, found, reason, caller.id);
    return INACTIVE;
  };

  const identify = async (ctx: Context): Promise<Caller | Reason> => {
    const header = ctx.get('Authorization');
    const bearer = bearerToken(header);
    if (bearer !== undefined) return bearerCaller(store, bearer);
    const credentials = basicCredentials(header);
    return (credentials && (await authenticate(credentials))) ?? 'resource_server_unknown';
  };

  router.post(options.path, noStore, async (ctx) => {
    const form = await readForm(ctx);
    if (form === undefined) return refuse(ctx, 400, 'invalid_request', UNREADABLE);
    const caller = await identify(ctx);
    if (typeof caller === 'string') return refuseCaller(ctx, caller);
    const { token } = (form.value ?? {}) as Record<string, unknown>;
    // RFC 6749 §3.2: a parameter that is sent twice is no string here.
    if (typeof token !== 'string') return refuse(ctx, 400, 'invalid_request', 'token is required, once');
    const answer = await introspect(token, caller);
    ctx.vary('Accept');
    if (!wantsSigned(ctx)) {
      ctx.body = answer;
      return;
    }
    const about = { issuer: options.issuer, audience: caller.id, now: Date.now() };
    ctx.body = await signedAnswer(options.sign, about, answer);
    ctx.type = SIGNED_TYPE;
  });
  return router;
}

const readForm = bodyReader('form', '56kb');
const UNREADABLE = 'the body must be application/x-www-form-urlencoded, of at most 56 KiB';

/** RFC 6749 §5.2 for a resource server, RFC 6750 §3 for a token. */
function refuseCaller(ctx: Context, reason: Reason): void {
  const { error, status, text } = refusals[reason];
  const basic = 'Basic realm="introspection", charset="UTF-8"';
  const bearer = `Bearer realm="introspection", error="${error}"`;
  ctx.set('WWW-Authenticate', bearerToken(ctx.get('Authorization')) === undefined ? basic : bearer);
  refuse(ctx, status, error, text);
}

function refuse(ctx: Context, status: number, error: string, description: string): void {
  ctx.status = status;
  ctx.body = { error, error_description: description };
}
