// The first passkey of a patient who proved who she is, in the same session (NIST SP 800-63B-4 §4.1.2): without any
// invitation.
import type { Context } from 'koa';
import { browserHash, shownAt, verifyNewPasskey } from '../passkeys/page-ceremony.ts';
import { registrationOptions } from '../passkeys/registration.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { findProofing } from '../store/identity-proofings.ts';
import { findHolder } from '../store/own-passkeys.ts';
import type { NewPasskey } from '../store/passkeys.ts';
import { redeemProof } from '../store/proofed-enrolments.ts';
import { findProved } from '../store/proofing-attempts.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { TrustDeps } from './deps.ts';

async function provedHere(deps: TrustDeps, ctx: Context) {
  const { store } = deps;
  const browser = browserHash(deps, ctx);
  const attempt = await findProved(store.prisma, browser, { id: String(ctx.params.id), reason: 'enrol' });
  const proofing = attempt?.proofingId ? await findProofing(store.prisma, attempt.proofingId) : null;
  if (attempt === null || proofing === null) throw new PageError(410, 'proofing-ended');
  const known = await findHolder(store, proofing.patientId);
  return { attempt, proofingId: proofing.id, patientId: proofing.patientId, known, browser };
}

export async function showEnrolment(deps: TrustDeps, ctx: Context): Promise<void> {
  const { attempt, known } = await provedHere(deps, ctx);
  const url = `/proofing/${attempt.id}/passkey`;
  deps.pages.renderPage(ctx, 'proofed', { name: known.name, optionsUrl: `${url}/options`, verifyUrl: url });
}

export async function sendEnrolmentOptions(deps: TrustDeps, ctx: Context): Promise<void> {
  deps.forms.assertForm(ctx);
  ctx.set('Cache-Control', 'no-store');
  const { known, browser } = await provedHere(deps, ctx);
  ctx.body = await registrationOptions(deps.store, deps.relyingParty, known, browser);
}

/** Signed in with it, she goes on where she came from. */
export async function enrol(deps: TrustDeps, ctx: Context): Promise<void> {
  const { store, sessions } = deps;
  deps.forms.assertForm(ctx);
  const { attempt, patientId, proofingId, known, browser } = await provedHere(deps, ctx);
  const passkey: NewPasskey = await verifyNewPasskey(deps, ctx, known);
  const done = await store.prisma.$transaction(async (tx) => {
    const proof = { attemptId: attempt.id, browserHash: browser, patientId, proofingId };
    if (!(await redeemProof(tx, proof, passkey, requestId()))) return false;
    await tellPatient(tx, { type: 'patient.passkey_added', patientId, values: {} });
    return true;
  });
  if (!done) throw new PageError(410, 'proofing-ended');
  await sessions.signIn(ctx, patientId, shownAt(passkey));
  ctx.body = { next: attempt.next === '/my' ? '/enrolled' : attempt.next };
}
