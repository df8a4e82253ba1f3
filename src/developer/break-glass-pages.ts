import type Router from '@koa/router';
import type { Context } from 'koa';
import { EMERGENCIES } from '../policy/break-glass.ts';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import { listGlassApps } from '../registry/break-glass-apps.ts';
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
import type { DeveloperDeps } from './deps.ts';

const LIST = '/developer/break-glass';
const TEXTS = ['appId', 'fhirBaseUrl', 'fhirId', 'scope', 'purpose', 'who', 'reason', 'ticket'];

type GlassApps = Awaited<ReturnType<typeof listGlassApps>>;

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

  type Shown = { readonly key: 'end' } | { readonly key: 'new'; readonly apps: GlassApps };

  const show = (ctx: Context, shown: Shown, faults: readonly Fault[], sent: URLSearchParams) => {
    const t = pages.translate(ctx);
    const { key } = shown;
    const crumbs = [{ label: t('developer.nav.break-glass'), href: LIST }];
    const title = t(`developer-glass.${key}`);
    if (shown.key === 'new' && shown.apps.length === 0) {
      const notices = [{ look: 'warning', text: t('developer-glass.new.no-app') }];
      return renderStaff(ctx, 'admin-record', { title, tags: [], notices, sections: [] }, { crumbs });
    }
    const view = {
      ...{ title, lead: t(`developer-glass.${key}.lead`) },
      ...{ button: t(`developer-glass.${key}.button`), look: key === 'end' ? 'danger' : 'primary' },
      ...{
        notice: undefined,
        faults: formFaults(faults, t),
        fields: shown.key === 'end' ? why(ctx, sent) : fields(ctx, sent, shown.apps),
      },
      ...{ action: ctx.path, backUrl: LIST },
    };
    renderStaff(ctx, 'admin-form', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  };

  function why(ctx: Context, sent: URLSearchParams) {
    const field = fieldsIn(pages.translate(ctx), { label: () => 'console.label.reason', hint: () => '' });
    return filled([field('textarea', 'reason', { rows: 3 })], sent);
  }

  function fields(ctx: Context, sent: URLSearchParams, apps: GlassApps) {
    const t = pages.translate(ctx);
    const name = (key: string) => `developer-glass.field.${key}`;
    const field = fieldsIn(t, { label: name, hint: (key) => `${name(key)}.hint` });
    const bases = [...new Set(apps.flatMap(({ audiences }) => audiences))];
    const options = EMERGENCIES.map((value) => ({ value, label: t(`purpose-name.${value}`) }));
    const asked = [
      field('select', 'appId', {
        options: apps.map(({ id, name: app }) => ({ value: id, label: `${app} (${id})` })),
      }),
      field('select', 'fhirBaseUrl', { options: bases.map((value) => ({ value, label: value })) }),
      field('text', 'fhirId', { literal: true, hint: true }),
      field('text', 'scope', { literal: true, hint: true }),
      field('select', 'purpose', { options }),
      field('text', 'who', { hint: true }),
      field('textarea', 'reason', { hint: true, rows: 3 }),
      field('text', 'ticket'),
      field('number', 'minutes', { optional: true, hint: true }),
    ];
    return filled(asked, sent);
  }

  const asking = async (ctx: Context): Promise<Shown> => ({
    ...{ key: 'new', apps: await listGlassApps(registry, requireActor(ctx)) },
  });

  router.get(`${LIST}/new`, async (ctx) => {
    requireFresh(ctx, FRESH_MINUTES);
    show(ctx, await asking(ctx), [], ctx.URL.searchParams);
  });

  router.post(`${LIST}/new`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    requireFresh(ctx, FRESH_MINUTES, `${LIST}/new`);
    const minutes = textIn(sent, 'minutes');
    const input = { ...textsIn(sent, TEXTS), ...(minutes === undefined ? {} : { minutes: Number(minutes) }) };
    const asked = await attempt(requestBreakGlass(registry, requireActor(ctx), input));
    if ('faults' in asked) return show(ctx, await asking(ctx), asked.faults, sent);
    seeOther(ctx, `${LIST}?done=glass-asked`);
  });

  router.get(`${LIST}/:id/end`, (ctx) => show(ctx, { key: 'end' }, [], new URLSearchParams()));

  router.post(`${LIST}/:id/end`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    const input = textsIn(sent, ['reason']);
    const ended = await attempt(endBreakGlass(registry, requireActor(ctx), id, input));
    if ('faults' in ended) return show(ctx, { key: 'end' }, ended.faults, sent);
    seeOther(ctx, `${LIST}?done=glass-ended`);
  });
}
