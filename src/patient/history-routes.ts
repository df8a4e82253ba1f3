import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context } from 'koa';
import { appendAuditEvent } from '../store/audit-events.ts';
import { type HistoryQuery, readHistory } from '../store/history.ts';
import { mayName } from '../store/identifier.ts';
import { appsOfPatient, firstConsentAt, partyNames } from '../store/party-names.ts';
import { representedPeople } from '../store/represented-people.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';
import { HISTORY_FORMATS, historyFile } from './history-export.ts';
import { historyView } from './history-view.ts';
import { patientOrSignIn } from './signed-in.ts';
import { requireFresh } from './step-up.ts';
import { monthRange, monthsSince, zoneOf } from './time-zone.ts';
import { type WhoseRecord, whoseRecord } from './whose-record.ts';

const PAGE = 25;

/** A parameter that was given once, and can be asked the database for. */
function wordIn(ctx: Context, name: string): string | undefined {
  const value = ctx.query[name];
  return typeof value === 'string' && value !== '' && mayName(value) ? value.slice(0, 500) : undefined;
}

/** What is asked for: of her own record, or of one whom she acts for, and nobody else's. */
function queryIn(ctx: Context, { patientId, decidedBy }: WhoseRecord) {
  const month = wordIn(ctx, 'month');
  const range = month === undefined ? undefined : monthRange(zoneOf(ctx), month);
  if (month !== undefined && range === undefined) throw new PageError(404, 'not-found');
  const query: HistoryQuery = { patientId, decidedBy, appId: wordIn(ctx, 'app'), ...range };
  return { query, month };
}

const patientIn = (ctx: Context): string | undefined =>
  ctx.params.patientId === undefined ? undefined : String(ctx.params.patientId);

export function historyRoutes(deps: PatientDeps): Router {
  const { store, pages, ageRules, issuer } = deps;
  const router = new Router();

  router.get(['/my/history', '/my/patients/:patientId/history'], async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person === undefined) return;
    const whose = await whoseRecord(deps, person, patientIn(ctx));
    const { query, month } = queryIn(ctx, whose);
    const after = wordIn(ctx, 'after');
    const page = await readHistory(store, query, after, PAGE);
    // A place of another list: the beginning is as good an answer.
    if (page === undefined) return seeOther(ctx, ctx.path);
    const [names, apps, first, others] = await Promise.all([
      partyNames(store, page.rows),
      appsOfPatient(store, whose.patientId, whose.decidedBy),
      firstConsentAt(store, whose.patientId, whose.decidedBy),
      representedPeople(store, person.id, ageRules),
    ]);
    const now = new Date();
    const facts = {
      ...{ patientName: whose.name, isLimited: whose.decidedBy !== undefined, base: whose.base },
      ...{ rows: page.rows, names, next: page.next, isFirst: after === undefined, apps },
      ...{ months: monthsSince(first ?? now, now), chosen: { app: query.appId, month }, zone: zoneOf(ctx) },
      others: [
        ...(whose.name === null ? [] : [{ name: person.name, href: '/my/history' }]),
        ...others
          .filter(({ patientId }) => patientId !== whose.patientId)
          .map(({ patientId, name }) => ({
            ...{ name, href: `/my/patients/${encodeURIComponent(patientId)}/history` },
          })),
      ],
    };
    pages.renderPage(ctx, 'history', historyView(facts, pages.translate(ctx), pages.localeOf(ctx)));
  });

  router.get(['/my/history/export', '/my/patients/:patientId/history/export'], async (ctx) => {
    const person = await requireFresh(deps, ctx);
    if (person === undefined) return;
    const whose = await whoseRecord(deps, person, patientIn(ctx));
    const { query } = queryIn(ctx, whose);
    const format = HISTORY_FORMATS.find((one) => one === ctx.query.format);
    if (format === undefined) throw new PageError(404, 'not-found');
    const detail = { format };
    const about = { accountId: person.id, patientId: whose.patientId };
    await appendAuditEvent(store.prisma, { type: 'history.exported', ...about, detail }, requestId());
    const file = historyFile(store, format, query, { issuer, t: pages.translate(ctx) });
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', file.type);
    ctx.set('Content-Disposition', `attachment; filename="${file.name}"`);
    ctx.body = Readable.from(file.text);
  });

  return router;
}
