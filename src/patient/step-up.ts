import type { Context } from 'koa';
import type { Account } from '../store/accounts.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';
import { verifyUrl } from './own-path.ts';
import { whoIsSignedIn } from './signed-in.ts';

/**
 * The signed-in patient, if she showed a passkey in this session within the last five minutes. Otherwise the answer is
 * undefined, and the response leads to /my/verify and from there to `next`: the page itself, or for a form that was
 * posted the page that holds it (nothing of the form is kept). Scripts get an error instead.
 */
export async function requireFresh(
  deps: PatientDeps,
  ctx: Context,
  next: string = ctx.url,
): Promise<Account | undefined> {
  const patient = await whoIsSignedIn(deps, ctx);
  if (patient !== undefined && (await deps.sessions.isFresh(ctx))) return patient;
  if (ctx.accepts('html', 'json') === 'json')
    throw new PageError(401, patient ? 'verify-first' : 'signed-out');
  seeOther(ctx, verifyUrl(next));
  return undefined;
}
