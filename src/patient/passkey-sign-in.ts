import type { Context } from 'koa';
import { authenticationOptions, verifyAuthentication } from '../passkeys/authentication.ts';
import { PasskeyRefusal } from '../passkeys/relying-party.ts';
import { sha256Hex } from '../store/hash.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';

export const browserHash = (deps: PatientDeps, ctx: Context): string =>
  sha256Hex(deps.browser.browserId(ctx));

/** Sends the options of a sign-in to our own script. */
export async function sendSignInOptions(deps: PatientDeps, ctx: Context): Promise<void> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await authenticationOptions(deps.store, deps.relyingParty, browserHash(deps, ctx));
}

/** Who the passkey in the request's body belongs to. */
export async function whoSignsIn(deps: PatientDeps, ctx: Context) {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  const { body } = ctx.request as { body?: unknown };
  try {
    return await verifyAuthentication(
      deps.store,
      deps.relyingParty,
      browserHash(deps, ctx),
      body,
      requestId(),
    );
  } catch (error) {
    throw pageErrorOf(error);
  }
}

/** What a person hears of a refused passkey. */
export function pageErrorOf(error: unknown): unknown {
  if (!(error instanceof PasskeyRefusal)) return error;
  return error.kind === 'unknown'
    ? new PageError(404, 'passkey-unknown')
    : new PageError(400, 'passkey-refused');
}
