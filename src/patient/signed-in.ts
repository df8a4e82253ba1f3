// Who is signed in on the pages of patients.
import type { Context } from 'koa';
import type { Account } from '../store/accounts.ts';
import { keepLocale } from '../store/patient-contacts.ts';
import { findPatient } from '../store/patients.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';
import { verifyUrl } from './own-path.ts';

/** undefined: nobody, or her session is idle or over. */
export async function whoIsSignedIn(deps: PatientDeps, ctx: Context): Promise<Account | undefined> {
  const accountId = await deps.sessions.accountOf(ctx);
  const patient = accountId === undefined ? null : await findPatient(deps.store, accountId);
  if (patient === null) return undefined;
  // She has chosen a language on this page: mail to her is in it, too.
  if (ctx.query.lang !== undefined) await keepLocale(deps.store, patient.id, deps.pages.localeOf(ctx));
  return patient;
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
