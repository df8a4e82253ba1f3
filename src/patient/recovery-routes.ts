import Router from '@koa/router';
import type { Context } from 'koa';
import { browserHash, shownAt, verifyNewPasskey } from '../passkeys/page-ceremony.ts';
import { registrationOptions } from '../passkeys/registration.ts';
import { RECOVERY_TRIES, readApprovalCode, readRecoveryCode } from '../policy/recovery-codes.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { sha256Hex } from '../store/hash.ts';
import { addPasskey } from '../store/own-passkeys.ts';
import { bindRecovered } from '../store/passkey-proofings.ts';
import { completeRecovery, holderOfRecovery } from '../store/recoveries.ts';
import { tryApproval } from '../store/recovery-approvals.ts';
import { countTry } from '../store/try-counts.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { textField } from '../web/text-field.ts';
import type { PatientDeps } from './deps.ts';
import { isProofed, openRecovery, startRecovery } from './recovery.ts';

/** Codes travel in bodies only. What a code is worth is not told before she has proved who she is. */
export function recoveryRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, relyingParty, sessions, proofing } = deps;
  const router = new Router();

  const show = (ctx: Context, problem: string | null = null) =>
    pages.renderPage(
      ctx,
      'recovery',
      { problem, byProofing: proofing.available, signInUrl: '/my' },
      problem === null ? 200 : 422,
    );
  const showHelp = (ctx: Context, problem: string | null = null) =>
    pages.renderPage(ctx, 'recovery-help', { problem }, problem === null ? 200 : 422);

  /** RFC 6585 §4. The network is counted whatever cookie comes with it. */
  const counted = async (ctx: Context) => {
    const [byBrowser, byNetwork] = [browserHash(deps, ctx), sha256Hex(deps.networkOf(ctx.req))];
    const [browser, network] = [
      await countTry(store, `recover browser ${byBrowser}`),
      await countTry(store, `recover network ${byNetwork}`),
    ];
    if (browser <= RECOVERY_TRIES.browser && network <= RECOVERY_TRIES.network) return;
    ctx.set('Retry-After', '3600');
    throw new PageError(429, 'too-many');
  };

  router.get('/recovery', (ctx) => show(ctx));

  router.post('/recovery', async (ctx) => {
    forms.assertForm(ctx);
    if (!proofing.available) throw new PageError(404, 'not-found');
    const typed = readRecoveryCode(textField(ctx, 'code'));
    if (typed === undefined) return show(ctx, 'mistyped');
    await counted(ctx);
    await startRecovery(deps, ctx, typed);
    seeOther(ctx, '/recovery/proof');
  });

  router.get('/recovery/help', (ctx) => showHelp(ctx));

  router.post('/recovery/help', async (ctx) => {
    forms.assertForm(ctx);
    const [approvalCode, typed] = [
      readApprovalCode(textField(ctx, 'approval')),
      readRecoveryCode(textField(ctx, 'code')),
    ];
    if (approvalCode === undefined || typed === undefined) return showHelp(ctx, 'mistyped');
    await counted(ctx);
    const approval = await tryApproval(store, approvalCode);
    if (approval === undefined) {
      const detail = { why: 'approval_unknown' } as const;
      await appendAuditEvent(store.prisma, { type: 'recovery.refused', detail }, requestId());
    }
    if (approval === undefined || !(await startRecovery(deps, ctx, typed, approval)))
      return showHelp(ctx, 'wrong');
    seeOther(ctx, '/recovery/passkey');
  });

  router.get('/recovery/proof', async (ctx) => {
    const recovery = await openRecovery(deps, ctx);
    if (recovery.isProofed) return seeOther(ctx, '/recovery/passkey');
    pages.renderPage(ctx, 'recovery-proof', {});
  });

  router.post('/recovery/proof', async (ctx) => {
    forms.assertForm(ctx);
    await openRecovery(deps, ctx);
    await proofing.begin(ctx, { reason: 'recover', next: '/recovery/passkey' });
  });

  router.get('/recovery/passkey', async (ctx) => {
    const recovery = await openRecovery(deps, ctx);
    if (!(await isProofed(deps, ctx, recovery))) return seeOther(ctx, '/recovery/proof');
    pages.renderPage(ctx, 'recovery-passkey', {});
  });

  const proofed = async (ctx: Context) => {
    forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    const recovery = await openRecovery(deps, ctx);
    const known = recovery.isProofed ? await holderOfRecovery(store, recovery) : undefined;
    if (known === undefined) throw new PageError(410, 'recovery-ended');
    return { recovery, known };
  };

  router.post('/recovery/options', async (ctx) => {
    const { known } = await proofed(ctx);
    ctx.body = await registrationOptions(store, relyingParty, known, browserHash(deps, ctx));
  });

  router.post('/recovery/verify', async (ctx) => {
    const { recovery, known } = await proofed(ctx);
    const passkey = await verifyNewPasskey(deps, ctx, known);
    const accountId = recovery.patientId as string;
    const about = { accountId, patientId: accountId };
    const done = await sessions.endAll({ accountId }, async (tx) => {
      if (!(await completeRecovery(tx, { id: recovery.id, patientId: accountId }, requestId()))) return false;
      // WebAuthn §7.1: an id that is taken meanwhile.
      if (!(await addPasskey(tx, accountId, passkey, requestId())))
        throw new PageError(400, 'passkey-refused');
      await bindRecovered(tx, recovery.id, passkey);
      await appendAuditEvent(tx, { type: 'recovery.completed', ...about }, requestId());
      await tellPatient(tx, { type: 'patient.recovery_used', patientId: accountId, values: {} });
      return true;
    });
    if (!done) throw new PageError(410, 'recovery-ended');
    await sessions.signIn(ctx, accountId, shownAt(passkey));
    ctx.body = { next: '/my/recovered' };
  });

  return router;
}
