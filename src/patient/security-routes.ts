import Router from '@koa/router';
import type { Context } from 'koa';
import { tellPatient } from '../registry/patient-notices.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { removePasskey, renamePasskey } from '../store/own-passkeys.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { refuseOpenRecoveries } from '../store/recoveries.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { textField } from '../web/text-field.ts';
import type { PatientDeps } from './deps.ts';
import { signalsFor } from './device-signals.ts';
import { isKeptByWatch } from './kept-by-watch.ts';
import { handleOf, removalView, SECURITY_URL, securityView } from './security-view.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';

/** "Sign-in and passkeys": her passkeys, and the end of all her sessions. */
export function securityRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, sessions } = deps;
  const router = new Router();
  const one = `${SECURITY_URL}/passkeys/:handle`;

  /** One of her own: that of somebody else is not there. */
  const passkeyIn = async (ctx: Context, patientId: string) => {
    const passkeys = await listPasskeys(store, { patientId });
    const passkey = passkeys.find(({ id }) => handleOf(id) === ctx.params.handle);
    if (passkey === undefined) throw new PageError(404, 'not-found');
    return { passkey, isLast: passkeys.length === 1 };
  };

  const isKept = (ctx: Context, patientId: string, { createdAt }: { readonly createdAt: Date }) =>
    isKeptByWatch(deps, ctx, { patientId, createdAt, backUrl: SECURITY_URL });

  router.get(SECURITY_URL, async (ctx) => {
    const patient = await patientOrSignIn(deps, ctx);
    if (patient === undefined) return;
    const { id: patientId } = patient;
    const passkeys = await listPasskeys(store, { patientId });
    const facts = { passkeys, shown: await sessions.passkeyOf(ctx), done: ctx.query.done };
    const view = securityView(facts, pages.translate(ctx), pages.localeOf(ctx));
    pages.renderPage(ctx, 'security', {
      ...view,
      signals: JSON.stringify(await signalsFor(deps, patientId)),
    });
  });

  router.post(`${one}/name`, async (ctx) => {
    forms.assertForm(ctx);
    const { id: patientId } = await signedInPatient(deps, ctx);
    const { passkey } = await passkeyIn(ctx, patientId);
    const name = nameFrom(ctx);
    if (!(await renamePasskey(store, { id: passkey.id, patientId, name }, requestId()))) {
      throw new PageError(404, 'not-found');
    }
    seeOther(ctx, `${SECURITY_URL}?done=renamed`);
  });

  router.get(`${one}/remove`, async (ctx) => {
    const patient = await requireFresh(deps, ctx);
    if (patient === undefined) return;
    const { passkey, isLast } = await passkeyIn(ctx, patient.id);
    if (await isKept(ctx, patient.id, passkey)) return;
    const isShown = (await sessions.passkeyOf(ctx)) === passkey.id;
    const view = removalView({ passkey, isLast, isShown }, pages.translate(ctx));
    pages.renderPage(ctx, 'passkey-remove', view);
  });

  router.post(`${one}/remove`, async (ctx) => {
    forms.assertForm(ctx);
    const patient = await requireFresh(deps, ctx);
    if (patient === undefined) return;
    const { id: patientId } = patient;
    const { passkey } = await passkeyIn(ctx, patientId);
    if (await isKept(ctx, patientId, passkey)) return;
    const which = { id: passkey.id, patientId };
    const removed = await sessions.endAll({ accountId: patientId, passkeyId: passkey.id }, async (tx) => {
      if (!(await removePasskey(tx, store, which, requestId()))) return false;
      await tellPatient(tx, { type: 'patient.passkey_removed', patientId, values: {} });
      return true;
    });
    if (!removed) throw new PageError(409, 'last-passkey');
    if ((await sessions.accountOf(ctx)) !== undefined) return seeOther(ctx, `${SECURITY_URL}?done=removed`);
    await sessions.signOut(ctx);
    pages.renderPage(ctx, 'passkey-removed', { signInUrl: '/my' });
  });

  router.post(`${SECURITY_URL}/sign-out-everywhere`, async (ctx) => {
    forms.assertForm(ctx);
    const { id: patientId } = await signedInPatient(deps, ctx);
    await sessions.endAll({ accountId: patientId }, async (tx) => {
      const about = { accountId: patientId, patientId };
      await refuseOpenRecoveries(tx, about, requestId());
      await appendAuditEvent(tx, { type: 'patient.signed_out_everywhere', ...about }, requestId());
      await tellPatient(tx, { type: 'patient.signed_out_everywhere', patientId, values: {} });
      return true;
    });
    await sessions.signOut(ctx);
    pages.renderPage(ctx, 'signed-out-everywhere', { signInUrl: '/my' });
  });

  return router;
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

function nameFrom(ctx: Context): string {
  const kept = textField(ctx, 'name').replace(UNSEEN, '').trim().replace(/\s+/g, ' ');
  if (kept === '' || [...kept].length > 60) throw new PageError(400, 'passkey-name');
  return kept;
}
