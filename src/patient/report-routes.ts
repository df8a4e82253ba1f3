import Router from '@koa/router';
import type { Context } from 'koa';
import { findNamedEvent } from '../store/history-event.ts';
import { mayName } from '../store/identifier.ts';
import { appsOfPatient, partyNames } from '../store/party-names.ts';
import { longInstant } from '../web/dates.ts';
import { PageError } from '../web/page-error.ts';
import type { PatientDeps } from './deps.ts';
import { reportApp } from './sharing-changes.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { zoneName, zoneOf } from './time-zone.ts';
import { type WhoseRecord, whoseRecord } from './whose-record.ts';

/** "I did not do this": what it does is said on a page with one button. */
export function reportRoutes(deps: PatientDeps): Router {
  const { store, pages, forms } = deps;
  const router = new Router();
  const paths = ['/my/report', '/my/patients/:patientId/report'];

  /** An app that her record was shared with, or one that an event of hers names: no other app, and no other event. */
  const meant = async (ctx: Context, whose: WhoseRecord) => {
    const word = (name: string) => {
      const value = ctx.query[name];
      return typeof value === 'string' && value.length <= 200 && mayName(value) ? value : undefined;
    };
    const [appId, name] = [word('app'), word('event')];
    const event = name === undefined ? undefined : await findNamedEvent(store, whose, name);
    const isUnknown = ctx.query.event !== undefined && event === undefined;
    if (appId === undefined || isUnknown || (event !== undefined && event.appId !== appId))
      throw new PageError(404, 'not-found');
    const known = (await appsOfPatient(store, whose.patientId, whose.decidedBy)).find(
      ({ id }) => id === appId,
    );
    if (known === undefined && event === undefined) throw new PageError(404, 'not-found');
    const named = { appId, organizationId: null, resourceServerId: null };
    const appName = known?.name ?? (await partyNames(store, [named])).apps.get(appId);
    if (appName === undefined) throw new PageError(404, 'not-found');
    return { appId, appName, event: event === undefined ? null : { name: name ?? '', at: event.at } };
  };

  const patientIn = (ctx: Context) =>
    ctx.params.patientId === undefined ? undefined : String(ctx.params.patientId);

  router.get(paths, async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person === undefined) return;
    const whose = await whoseRecord(deps, person, patientIn(ctx));
    const { appName, event } = await meant(ctx, whose);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    pages.renderPage(ctx, 'report', {
      ...{ actionUrl: ctx.url, backUrl: '/my', title: t('report.title'), app: appName },
      lead: t('report.lead', { app: appName }),
      patient: whose.name === null ? null : t('my-apps.patient', { name: whose.name }),
      time: event === null ? null : longInstant(event.at, locale, zoneName(zoneOf(ctx))),
      points: ['pause', 'look', 'told', 'resume'].map((point) =>
        t(`report.point.${point}`, { app: appName }),
      ),
    });
  });

  router.post(paths, async (ctx) => {
    const person = await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    const whose = await whoseRecord(deps, person, patientIn(ctx));
    const { appId, appName, event } = await meant(ctx, whose);
    const about = { appId, patientId: whose.patientId };
    const said = { appName, event: event?.name ?? null };
    const { pausedAt, isKnown } = await reportApp(deps, person, about, said);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const values = { app: appName };
    pages.renderPage(ctx, 'reported', {
      title: t('reported.title'),
      effect: t(pausedAt === null ? 'reported.nothing-to-pause' : 'reported.paused', values),
      time: pausedAt === null ? null : longInstant(pausedAt, locale, zoneName(zoneOf(ctx))),
      next: [
        t(isKnown ? 'reported.known' : 'reported.told', values),
        t('reported.answer'),
        t('reported.resume', values),
        t('reported.stop', values),
      ],
      myAppsUrl: '/my',
    });
  });

  return router;
}
