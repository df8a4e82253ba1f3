// SMART app-launch, "Obtain authorization code": the request may be POSTed. It is kept for a moment and answered with a
// redirect to GET, so that cookies stay SameSite=Lax and no other site can use them with a POST of its own.
import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { consumePayload, findPayload, savePayload } from '../store/oidc-payloads.ts';
import { bodyReader } from '../web/body.ts';
import { seeOther } from '../web/see-other.ts';
import { PATHS } from './endpoints.ts';

/** Beside `request` and `request_uri` (RFC 9101, RFC 9126), which mean something else. */
const PARAMETER = 'postern_request';
/** A sign-out may be POSTed, too (OpenID Connect RP-Initiated Logout 1.0 §2). */
const KEPT: readonly string[] = [PATHS.authorization, PATHS.end_session];

const MODEL = 'AuthorizationRequest';
const LIFETIME_S = 60;

const readForm = bodyReader('form', '56kb');

export function authorizePost(store: Store): Middleware {
  const answer: Middleware = async (ctx, next) => {
    if (ctx.method === 'POST') return keep(store, ctx);
    const id = new URLSearchParams(ctx.querystring).get(PARAMETER);
    // A kept request is whole: nothing is added to it. One that is not there any more is a request without parameters.
    if (id !== null) ctx.querystring = await take(store, id);
    return next();
  };
  return (ctx, next) => (KEPT.includes(ctx.path) ? answer(ctx, next) : next());
}

async function keep(store: Store, ctx: Context): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const form = await formOf(ctx);
  if (form === undefined) {
    ctx.status = 400;
    ctx.body = {
      error: 'invalid_request',
      error_description: 'the body must be application/x-www-form-urlencoded, of at most 56 KiB',
    };
    return;
  }
  const query = new URLSearchParams(await referenceTo(store, ctx.path, form));
  seeOther(ctx, `${ctx.path}?${query}`);
}

/** Who names no registered client leaves no row: the provider hears the name alone, and refuses it. */
async function referenceTo(store: Store, path: string, form: string): Promise<Record<string, string>> {
  const clientId = new URLSearchParams(form).get('client_id') ?? '';
  if (path === PATHS.authorization && (await findApp(store, clientId)) === undefined) {
    return { client_id: clientId.slice(0, 200) };
  }
  const id = randomBytes(32).toString('base64url');
  await savePayload(store, MODEL, id, { form }, LIFETIME_S);
  return { [PARAMETER]: id };
}

/** The form as it was sent, with whatever was sent twice: the provider judges that. */
async function formOf(ctx: Context): Promise<string | undefined> {
  const text = (await readForm(ctx))?.text;
  // Neither the grammar of RFC 6749 appendix A nor jsonb has U+0000.
  return text?.includes('\0') ? undefined : text;
}

async function take(store: Store, id: string): Promise<string> {
  const kept = await findPayload(store, MODEL, id);
  if (kept === undefined || !(await consumePayload(store, MODEL, id))) return '';
  return String(kept.payload.form);
}
