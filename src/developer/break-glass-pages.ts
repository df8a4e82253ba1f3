import type Router from '@koa/router';
import type { Context } from 'koa';
import { EMERGENCIES } from '../policy/break-glass.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import { endBreakGlass } from '../registry/break-glass-decisions.ts';
import { type Glass, listBreakGlass } from '../registry/break-glass-records.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { fieldsIn, filled, textIn, textsIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor, requireFresh } from '../staff/guard.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { FRESH_MINUTES } from './colleagues.ts';
import type { DeveloperDeps } from './deps.ts';

const LIST = '/developer/break-glass';
const TEXTS = ['appId', 'fhirBaseUrl', 'fhirId', 'scope', 'purpose', 'who', 'reason', 'ticket'];

/** Access in an emergency: an organization's people ask for it, see what became of it, and end it. */
export function breakGlassPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  router.get(LIST, async (ctx) => {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const found = await listBreakGlass(registry, requireActor(ctx), { after: wordIn(ctx, 'after') });
    const label = (name: string) => t(`developer-glass.label.${name}`);
    const cells = (glass: Glass) => [
      { text: glass.who, quiet: glass.ticket },
      { text: glass.appName ?? '' },
      { text: longInstant(glass.requestedAt, locale) },
      { text: t(`console.glass-state.${glass.state}`), quiet: glass.denyReason ?? undefined },
      // The id is what the app sends as `break_glass`.
      { text: glass.id, literal: true },
      glass.state === 'open' ? { text: label('end'), href: `${LIST}/${glass.id}/end` } : [],
    ];
    const view = {
      ...{ title: t('developer-glass.title'), lead: t('developer-glass.lead') },
      actions: [{ href: `${LIST}/new`, label: t('developer-glass.new'), look: 'primary' }],
      ...{ filters: [], isFiltered: false, pager: pagerOf(ctx, found.next) },
      table: {
        columns: ['who', 'app', 'asked', 'state', 'id', 'end'].map(label),
        ...{ rows: found.rows.map(cells), none: t('developer-glass.none') },
      },
    };
    renderStaff(ctx, 'admin-list', view);
  });

  const show = (ctx: Context, key: 'new' | 'end', faults: readonly Fault[], sent: URLSearchParams) => {
    const t = pages.translate(ctx);
    const view = {
      ...{ title: t(`developer-glass.${key}`), lead: t(`developer-glass.${key}.lead`) },
      ...{ button: t(`developer-glass.${key}.button`), look: key === 'end' ? 'danger' : 'primary' },
      ...{ notice: undefined, faults: formFaults(faults, t), fields: key === 'end' ? [] : fields(ctx, sent) },
      ...{ action: ctx.path, backUrl: LIST },
    };
    const crumbs = [{ label: t('developer.nav.break-glass'), href: LIST }];
    renderStaff(ctx, 'admin-form', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  };

  function fields(ctx: Context, sent: URLSearchParams) {
    const t = pages.translate(ctx);
    const name = (key: string) => `developer-glass.field.${key}`;
    const field = fieldsIn(t, { label: name, hint: (key) => `${name(key)}.hint` });
    const options = EMERGENCIES.map((value) => ({ value, label: t(`purpose-name.${value}`) }));
    const asked = [
      ...['appId', 'fhirBaseUrl', 'fhirId'].map((one) => field('text', one, { literal: true })),
      field('text', 'scope', { literal: true, hint: true }),
      field('select', 'purpose', { options }),
      field('text', 'who', { hint: true }),
      field('textarea', 'reason', { hint: true, rows: 3 }),
      field('text', 'ticket'),
      field('number', 'minutes', { optional: true, hint: true }),
    ];
    return filled(asked, sent);
  }

  router.get(`${LIST}/new`, (ctx) => {
    requireFresh(ctx, FRESH_MINUTES);
    show(ctx, 'new', [], ctx.URL.searchParams);
  });

  router.post(`${LIST}/new`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    requireFresh(ctx, FRESH_MINUTES, `${LIST}/new`);
    const minutes = textIn(sent, 'minutes');
    const input = { ...textsIn(sent, TEXTS), ...(minutes === undefined ? {} : { minutes: Number(minutes) }) };
    const asked = await attempt(requestBreakGlass(registry, requireActor(ctx), input));
    if ('faults' in asked) return show(ctx, 'new', asked.faults, sent);
    seeOther(ctx, `${LIST}?done=glass-asked`);
  });

  router.get(`${LIST}/:id/end`, (ctx) => show(ctx, 'end', [], new URLSearchParams()));

  router.post(`${LIST}/:id/end`, async (ctx) => {
    formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    await endBreakGlass(registry, requireActor(ctx), id);
    seeOther(ctx, `${LIST}?done=glass-ended`);
  });
}
