import Router from '@koa/router';
import type { Context } from 'koa';
import { endGrants, liveGrantIds } from '../store/consents.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';
import { sharingsOf, stopUrlOf } from './my-apps-facts.ts';
import { myAppsView } from './my-apps-view.ts';
import { signedInPatient, whoIsSignedIn } from './signed-in.ts';
import { stoppedView, stopView } from './stop-view.ts';

export function myRoutes(deps: PatientDeps): Router {
  const { store, pages, forms } = deps;
  const router = new Router();
  const stop = ['/my/apps/:appId/stop', '/my/apps/:appId/patients/:patientId/stop'];

  const sharingWith = async (ctx: Context, personId: string) => {
    const about = { appId: String(ctx.params.appId), patientId: String(ctx.params.patientId ?? personId) };
    const url = stopUrlOf(about, personId);
    const sharing = (await sharingsOf(store, personId, new Date())).find(
      ({ stopUrl, ended, endsAt }) => stopUrl === url && ended === null && endsAt > new Date(),
    );
    if (sharing === undefined) throw new PageError(404, 'not-found');
    return { sharing, about };
  };

  router.get('/my', async (ctx) => {
    const patient = await whoIsSignedIn(deps, ctx);
    if (patient === undefined) {
      const view = { appName: null, optionsUrl: '/my/passkey/options', verifyUrl: '/my/passkey' };
      return pages.renderPage(ctx, 'sign-in', view);
    }
    const now = new Date();
    const sharings = await sharingsOf(store, patient.id, now);
    const facts = { accountName: patient.name, sharings, now, signOutUrl: '/my/sign-out' };
    pages.renderPage(ctx, 'my-apps', myAppsView(facts, pages.translate(ctx), pages.localeOf(ctx)));
  });

  router.get(stop, async (ctx) => {
    const patient = await signedInPatient(deps, ctx);
    const { sharing } = await sharingWith(ctx, patient.id);
    const facts = { ...sharing, actionUrl: sharing.stopUrl, backUrl: '/my' };
    pages.renderPage(ctx, 'stop-sharing', stopView(facts, pages.translate(ctx)));
  });

  router.post(stop, async (ctx) => {
    const patient = await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    const { sharing, about } = await sharingWith(ctx, patient.id);
    const grantIds = await liveGrantIds(store, patient.id, about);
    const by = about.patientId === patient.id ? 'patient' : 'representative';
    const { at, eventIds } = await endGrants(store, grantIds, { by, accountId: patient.id }, requestId());
    // Another window was first: there is nothing left to stop, and its receipt is there.
    if (eventIds.length === 0) throw new PageError(404, 'not-found');
    const receiptId = eventIds.map(String).join('-');
    const facts = { ...sharing, stoppedAt: at, receiptId, myAppsUrl: '/my' };
    pages.renderPage(ctx, 'stopped', stoppedView(facts, pages.translate(ctx), pages.localeOf(ctx)));
  });

  return router;
}
