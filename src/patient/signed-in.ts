// Who is signed in on the pages of patients.
import type { Context } from 'koa';
import type { Account } from '../store/accounts.ts';
import { findPatient } from '../store/patients.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';
import { verifyUrl } from './own-path.ts';

/** undefined: nobody, or her session is idle or over. */
export async function whoIsSignedIn(deps: PatientDeps, ctx: Context): Promise<Account | undefined> {
  const accountId = await deps.sessions.accountOf(ctx);
  return accountId === undefined ? undefined : ((await findPatient(deps.store, accountId)) ?? undefined);
}

/** Refuses who is not: for forms, whose answer is lost. */
export async function signedInPatient(deps: PatientDeps, ctx: Context): Promise<Account> {
  const patient = await whoIsSignedIn(deps, ctx);
  if (patient === undefined) throw new PageError(401, 'signed-out');
  return patient;
}

/** For pages: who is not signed in signs in and comes back; then the answer is undefined. */
export async function patientOrSignIn(deps: PatientDeps, ctx: Context): Promise<Account | undefined> {
  const patient = await whoIsSignedIn(deps, ctx);
  if (patient === undefined) seeOther(ctx, verifyUrl(ctx.url));
  return patient;
}
