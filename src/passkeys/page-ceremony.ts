import type { Context } from 'koa';
import type { Store } from '../store/database.ts';
import { sha256Hex } from '../store/hash.ts';
import type { Holder, KnownHolder } from '../store/holders.ts';
import type { NewPasskey } from '../store/passkeys.ts';
import type { BrowserCookie } from '../web/browser-cookie.ts';
import type { Forms } from '../web/csrf.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import {
  type Admission,
  amrOf,
  authenticationOptions,
  type SignedIn,
  verifyAuthentication,
} from './authentication.ts';
import { browserIn } from './browsers.ts';
import { verifyRegistration } from './registration.ts';
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

/** Sends the options of a sign-in to our own script; of who is signed in already, for her own passkeys. */
export async function sendSignInOptions(deps: CeremonyDeps, ctx: Context, holder?: Holder): Promise<void> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await authenticationOptions(deps.store, deps.relyingParty, browserHash(deps, ctx), holder);
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
    const usedWith = browserIn(ctx.get('user-agent'));
    const answer = { browserHash: browserHash(deps, ctx), body, admit, usedWith, requestId: requestId() };
    return await verifyAuthentication(deps.store, deps.relyingParty, answer);
  } catch (error) {
    throw pageErrorOf(error);
  }
}

/** The passkey that the request's body proves, for someone whom the page knows; it is not stored yet. */
export async function verifyNewPasskey(
  deps: CeremonyDeps,
  ctx: Context,
  known: KnownHolder,
): Promise<NewPasskey> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  const { body } = ctx.request as { body?: unknown };
  const usedWith = browserIn(ctx.get('user-agent'));
  const answer = { browserHash: browserHash(deps, ctx), body, usedWith };
  try {
    return await verifyRegistration(deps.store, deps.relyingParty, known, answer);
  } catch (error) {
    throw pageErrorOf(error);
  }
}

/** Making a passkey shows it, too. */
export const shownAt = (passkey: NewPasskey) => ({ passkeyId: passkey.id, amr: amrOf(passkey) });

const refusals: Readonly<Record<PasskeyRefusalKind, readonly [status: number, key: string]>> = {
  unknown: [404, 'passkey-unknown'],
  elsewhere: [403, 'passkey-elsewhere'],
  foreign: [403, 'passkey-foreign'],
  ended: [403, 'staff-ended'],
  'by-provider': [403, 'staff-by-provider'],
  invalid: [400, 'passkey-refused'],
};

/** What a person hears of a refused passkey. */
export function pageErrorOf(error: unknown): unknown {
  return error instanceof PasskeyRefusal ? new PageError(...refusals[error.kind]) : error;
}
