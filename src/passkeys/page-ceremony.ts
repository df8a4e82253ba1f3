import type { Context } from 'koa';
import type { Store } from '../store/database.ts';
import { sha256Hex } from '../store/hash.ts';
import type { BrowserCookie } from '../web/browser-cookie.ts';
import type { Forms } from '../web/csrf.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import {
  type Admission,
  authenticationOptions,
  type SignedIn,
  verifyAuthentication,
} from './authentication.ts';
import { PasskeyRefusal, type PasskeyRefusalKind, type RelyingParty } from './relying-party.ts';

/** What a page with a ceremony is given. */
export interface CeremonyDeps {
  readonly store: Store;
  readonly forms: Forms;
  readonly browser: BrowserCookie;
  readonly relyingParty: RelyingParty;
}

export const browserHash = (deps: CeremonyDeps, ctx: Context): string =>
  sha256Hex(deps.browser.browserId(ctx));

/** Sends the options of a sign-in to our own script. */
export async function sendSignInOptions(deps: CeremonyDeps, ctx: Context): Promise<void> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await authenticationOptions(deps.store, deps.relyingParty, browserHash(deps, ctx));
}

/** Who the passkey in the request's body belongs to, if the page lets them in. */
export async function verifySignIn<Who>(
  deps: CeremonyDeps,
  ctx: Context,
  admit: Admission<Who>,
): Promise<SignedIn<Who>> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  const { body } = ctx.request as { body?: unknown };
  try {
    const answer = { browserHash: browserHash(deps, ctx), body, admit, requestId: requestId() };
    return await verifyAuthentication(deps.store, deps.relyingParty, answer);
  } catch (error) {
    throw pageErrorOf(error);
  }
}

const refusals: Readonly<Record<PasskeyRefusalKind, readonly [status: number, key: string]>> = {
  unknown: [404, 'passkey-unknown'],
  elsewhere: [403, 'passkey-elsewhere'],
  ended: [403, 'staff-ended'],
  invalid: [400, 'passkey-refused'],
};

/** What a person hears of a refused passkey. */
export function pageErrorOf(error: unknown): unknown {
  return error instanceof PasskeyRefusal ? new PageError(...refusals[error.kind]) : error;
}
