import Router from '@koa/router';
import { browserHash, verifyNewPasskey } from '../passkeys/page-ceremony.ts';
import { registrationOptions } from '../passkeys/registration.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { addPasskey, findHolder } from '../store/own-passkeys.ts';
import { inheritProofing } from '../store/passkey-proofings.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { textField } from '../web/text-field.ts';
import type { PatientDeps } from './deps.ts';
import { signalsFor } from './device-signals.ts';
import { ADD_URL, offerIn, skipOffer } from './passkey-offers.ts';
import { SECURITY_URL } from './security-view.ts';
import { signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';

/** Another passkey, of her own accord or because one is offered. */
export function passkeyAddRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, relyingParty } = deps;
  const router = new Router();

  router.get(ADD_URL, async (ctx) => {
    if ((await requireFresh(deps, ctx)) === undefined) return;
    const offer = offerIn(ctx.query.for);
    const words = offer === null ? 'passkey-add' : `passkey-add.${offer}`;
    pages.renderPage(ctx, 'passkey-add', {
      ...{ offer, words, backUrl: SECURITY_URL, skipUrl: `${ADD_URL}/skip` },
      ...{ optionsUrl: `${ADD_URL}/options`, verifyUrl: `${ADD_URL}/verify` },
    });
  });

  router.post(`${ADD_URL}/options`, async (ctx) => {
    forms.assertForm(ctx);
    const patient = await requireFresh(deps, ctx, ADD_URL);
    if (patient === undefined) return;
    const known = await findHolder(store, patient.id);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await registrationOptions(store, relyingParty, known, browserHash(deps, ctx));
  });

  router.post(`${ADD_URL}/verify`, async (ctx) => {
    forms.assertForm(ctx);
    const patient = await requireFresh(deps, ctx, ADD_URL);
    if (patient === undefined) return;
    const { id: patientId } = patient;
    const passkey = await verifyNewPasskey(deps, ctx, await findHolder(store, patientId));
    const held = await deps.sessions.holdPasskey(ctx);
    await store.prisma.$transaction(async (tx) => {
      if (!(await addPasskey(tx, patientId, passkey, requestId())))
        throw new PageError(400, 'passkey-refused');
      // After she is held: neither her session nor the passkey that it rests on went meanwhile, nor will it now.
      const from = await held(tx);
      if (from === undefined) throw new PageError(401, 'signed-out');
      await inheritProofing(tx, { passkeyId: passkey.id, from });
      await tellPatient(tx, { type: 'patient.passkey_added', patientId, values: {} });
    });
    ctx.body = { next: `${SECURITY_URL}?done=added`, device: await signalsFor(deps, patientId) };
  });

  router.post(`${ADD_URL}/skip`, async (ctx) => {
    forms.assertForm(ctx);
    await signedInPatient(deps, ctx);
    skipOffer(deps, ctx, offerIn(textField(ctx, 'offer')));
    seeOther(ctx, '/my');
  });

  return router;
}
