import type Router from '@koa/router';
import type { Context } from 'koa';
import { isSettledByOwner } from '../policy/governance.ts';
import { may } from '../policy/permissions.ts';
import {
  answerFinding,
  findOwnFinding,
  listOwnFindings,
  type ShownFinding,
} from '../registry/finding-answers.ts';
import type { FindingRow } from '../registry/findings.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { fieldsIn, filled } from '../staff/fields.ts';
import { figureRows } from '../staff/finding-words.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { pathOf } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

const LIST = '/developer/findings';

/** What rules found about the own apps, and what is said to it. */
export function findingPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  router.get(LIST, async (ctx) => {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const label = (name: string) => t(`developer-findings.label.${name}`);
    const cells = (row: FindingRow) => [
      { text: t(`console.finding.kind.${row.kind}`), href: `${LIST}/${row.id}` },
      row.appId === null ? [] : { text: row.appName ?? row.appId, href: pathOf(row.appId) },
      { text: longInstant(row.openedAt, locale) },
      { text: t(`console.finding-state.${row.closedAt === null ? 'open' : 'closed'}`) },
    ];
    const rows = await listOwnFindings(registry, requireActor(ctx));
    renderStaff(ctx, 'admin-list', {
      ...{ title: t('developer-findings.title'), lead: t('developer-findings.lead'), actions: [] },
      ...{ filters: [], isFiltered: false, pager: { firstUrl: null, nextUrl: null } },
      table: {
        columns: ['what', 'app', 'opened', 'state'].map(label),
        ...{ rows: rows.map(cells), none: t('developer-findings.none') },
      },
    });
  });

  function show(ctx: Context, finding: ShownFinding, mayAnswer: boolean): void {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const label = (name: string) => t(`developer-findings.label.${name}`);
    const { figures, answers, restrictions, closedAt, closeReason, appId } = finding;
    const held = restrictions.filter(({ liftedAt }) => liftedAt === null);
    const sections = [
      {
        ...{ id: 'figures', title: t('console.section.figures') },
        facts: [
          ...(appId === null
            ? []
            : [{ label: label('app'), cells: [{ text: finding.appName ?? appId, href: pathOf(appId) }] }]),
          { label: label('opened'), cells: [{ text: longInstant(finding.openedAt, locale) }] },
        ],
        table: {
          columns: ['figure', 'value', 'threshold'].map(label),
          rows: figureRows(figures, t, locale),
          none: t('staff.none'),
        },
        timeline: held.map(({ kind, reason }) => ({ text: t(`console.restriction.${kind}`), quiet: reason })),
        actions:
          appId !== null && isSettledByOwner(finding.kind) && held.some(({ kind }) => kind !== 'narrow')
            ? [{ href: pathOf(appId, 'confirm'), label: t('developer-confirm.title'), look: 'primary' }]
            : [],
      },
      {
        ...{ id: 'answers', title: t('console.section.answers'), lead: t('developer-findings.appeal') },
        timeline: answers.map(({ text, answeredAt }) => ({ text, quiet: longInstant(answeredAt, locale) })),
        actions: mayAnswer
          ? [{ href: `${LIST}/${finding.id}/answer`, label: t('developer-findings.answer') }]
          : [],
      },
    ];
    const over = closedAt === null ? null : { at: longInstant(closedAt, locale), reason: closeReason ?? '' };
    const notices = over === null ? [] : [{ look: 'good', text: t('console.finding.closed', over) }];
    const view = { title: t(`console.finding.kind.${finding.kind}`), tags: [], notices, sections };
    renderStaff(ctx, 'admin-record', view, { crumbs: crumbsOf(ctx) });
  }

  const crumbsOf = (ctx: Context) => [{ label: pages.translate(ctx)('developer.nav.findings'), href: LIST }];

  const open = (ctx: Context) =>
    findOwnFinding(registry, requireActor(ctx), (ctx.params as { id: string }).id);

  router.get(`${LIST}/:id`, async (ctx) => {
    const finding = await open(ctx);
    const about = { organizationId: finding.organizationId };
    show(ctx, finding, finding.closedAt === null && may(requireActor(ctx), 'finding.answer', about));
  });

  function form(ctx: Context, id: string, faults: readonly Fault[], sent: URLSearchParams): void {
    const t = pages.translate(ctx);
    const field = fieldsIn(t, {
      label: (name) => `developer-findings.field.${name}`,
      hint: (name) => `developer-findings.field.${name}.hint`,
    });
    const view = {
      ...{ title: t('developer-findings.answer'), lead: t('developer-findings.answer.lead') },
      ...{ button: t('developer-findings.answer.button'), look: 'primary', notice: undefined },
      ...{ faults: formFaults(faults, t), action: ctx.path, backUrl: `${LIST}/${id}` },
      fields: filled([field('textarea', 'text', { hint: true, rows: 6 })], sent),
    };
    renderStaff(ctx, 'admin-form', view, { crumbs: crumbsOf(ctx), status: faults.length > 0 ? 422 : 200 });
  }

  router.get(`${LIST}/:id/answer`, async (ctx) => form(ctx, (await open(ctx)).id, [], new URLSearchParams()));

  router.post(`${LIST}/:id/answer`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    const answered = await attempt(
      answerFinding(registry, requireActor(ctx), id, { text: sent.get('text') ?? '' }),
    );
    if ('faults' in answered) return form(ctx, id, answered.faults, sent);
    seeOther(ctx, `${LIST}/${id}?done=answered`);
  });
}
