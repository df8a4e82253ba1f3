import Router from '@koa/router';
import { openedOf } from '../store/break-glass.ts';
import { findWatchFacts } from '../store/recoveries.ts';
import { PageError } from '../web/page-error.ts';
import type { PatientDeps } from './deps.ts';
import { watchBanner } from './held-back-view.ts';
import { sharingsOf } from './my-apps-facts.ts';
import { myAppsView } from './my-apps-view.ts';
import { openedView } from './opened-view.ts';
import { enrolOffer } from './proofing-routes.ts';
import { changeSharing, sharingWith } from './sharing-changes.ts';
import { signedInPatient, whoIsSignedIn } from './signed-in.ts';
import { changedView, stopView } from './stop-view.ts';
import { zoneName, zoneOf } from './time-zone.ts';

/** Older ones are in the history. */
const OPENED_SHOWN = 10;

/** My apps, and how one stops, pauses and resumes. */
export function myRoutes(deps: PatientDeps): Router {
  const { store, pages, forms } = deps;
  const router = new Router();
  const below = (page: string) => [`/my/apps/:appId/${page}`, `/my/apps/:appId/patients/:patientId/${page}`];

  router.get('/my', async (ctx) => {
    const patient = await whoIsSignedIn(deps, ctx);
    if (patient === undefined) {
      const enrol = enrolOffer(deps, '/my/enrol');
      const view = { appName: null, enrol, optionsUrl: '/my/passkey/options', verifyUrl: '/my/passkey' };
      return pages.renderPage(ctx, 'sign-in', view);
    }
    const now = new Date();
    const timeZone = zoneName(zoneOf(ctx));
    const sharings = await sharingsOf(store, patient.id, now);
    const facts = { accountName: patient.name, sharings, now, timeZone, signOutUrl: '/my/sign-out' };
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const watch = await findWatchFacts(store, patient.id);
    const watched = { ...watch, now, timeZone, operatorName: deps.operatorName };
    const opened = openedView(await openedOf(store, patient.id, OPENED_SHOWN), timeZone, t, locale);
    const view = { ...myAppsView(facts, t, locale), watch: watchBanner(watched, t, locale), opened };
    pages.renderPage(ctx, 'my-apps', view);
  });

  router.get(below('stop'), async (ctx) => {
    const patient = await signedInPatient(deps, ctx);
    const { sharing } = await sharingWith(deps, ctx, patient.id);
    const facts = { ...sharing, actionUrl: `${sharing.baseUrl}/stop`, backUrl: '/my' };
    pages.renderPage(ctx, 'stop-sharing', stopView(facts, pages.translate(ctx)));
  });

  for (const change of ['stop', 'pause', 'resume'] as const) {
    router.post(below(change), async (ctx) => {
      const patient = await signedInPatient(deps, ctx);
      forms.assertForm(ctx);
      const { sharing, about } = await sharingWith(deps, ctx, patient.id);
      const { appName } = sharing;
      if (change === 'resume' && sharing.isPaused && !sharing.mayResume)
        throw new PageError(403, 'paused-by-other');
      const { at, receiptIds } = await changeSharing(deps, patient, about, { change, appName });
      const timeZone = zoneName(zoneOf(ctx));
      const facts = { ...sharing, change, changedAt: at, receiptIds, myAppsUrl: '/my', timeZone };
      pages.renderPage(ctx, 'stopped', changedView(facts, pages.translate(ctx), pages.localeOf(ctx)));
    });
  }

  return router;
}
