import Router from '@koa/router';
import { watchEndsAt } from '../policy/watch.ts';
import { makeRecoveryCodes } from '../registry/recovery.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { findWatchFacts } from '../store/recoveries.ts';
import { liveRecoveryCodes } from '../store/recovery-codes.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { PatientDeps } from './deps.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';
import { zoneName, zoneOf } from './time-zone.ts';

/** The codes on paper: made here, shown once. */
export function recoveryCodesRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, operatorName } = deps;
  const router = new Router();

  router.get('/my/recovery', async (ctx) => {
    const patient = await patientOrSignIn(deps, ctx);
    if (patient === undefined) return;
    const { left, madeAt } = await liveRecoveryCodes(store, patient.id);
    const made = madeAt && longDate(madeAt, pages.localeOf(ctx));
    pages.renderPage(ctx, 'recovery-codes', { left, made });
  });

  router.post('/my/recovery', async (ctx) => {
    await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    const patient = await requireFresh(deps, ctx, '/my/recovery');
    if (patient === undefined) return;
    const codes = await makeRecoveryCodes(store, patient.id);
    const made = longDate(new Date(), pages.localeOf(ctx));
    pages.renderPage(ctx, 'recovery-codes-made', { codes, made, operatorName, account: patient.name });
  });

  /** Where a recovery ends. */
  router.get('/my/recovered', async (ctx) => {
    const patient = await patientOrSignIn(deps, ctx);
    if (patient === undefined) return;
    const [{ left }, passkeys, facts] = await Promise.all([
      liveRecoveryCodes(store, patient.id),
      listPasskeys(store, { patientId: patient.id }),
      findWatchFacts(store, patient.id),
    ]);
    const end = watchEndsAt(facts);
    const watch =
      end !== null && end > new Date() ? longInstant(end, pages.localeOf(ctx), zoneName(zoneOf(ctx))) : null;
    pages.renderPage(ctx, 'recovered', { left, others: Math.max(0, passkeys.length - 1), watch });
  });

  return router;
}
