import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import { requestSupportAccess } from '../registry/break-glass.ts';
import { lookAtPatient, type SupportView } from '../registry/support-access.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { renderStaff } from '../staff/render.ts';
import type { Section } from './blocks.ts';
import { above } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { pathTo, visitOf } from './visit.ts';
import type { Words } from './words.ts';

const SUPPORT: readonly Role[] = ['operator', 'security_officer'];

/** Who helps a patient looks at what she shares for an hour at most. No address names a patient. */
export function supportAccessPages(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/break-glass/new', key: 'support-access', roles: SUPPORT, serious: true },
    open: async () => null,
    crumbs: (_, visit) => above('break-glass', visit),
    fields: (_, { words }) => [
      words.field('text', 'patientId', { hint: true, literal: true, autocomplete: 'off' }),
      words.field('textarea', 'reason', { hint: true, rows: 3 }),
      words.field('text', 'ticket', { autocomplete: 'off' }),
      words.field('number', 'minutes', { optional: true }),
    ],
    send: async (values, _, { registry, actor }) => {
      const minutes = textIn(values, 'minutes');
      const asked = {
        ...textsIn(values, ['patientId', 'reason', 'ticket']),
        ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
      };
      const { breakGlassId } = await requestSupportAccess(registry, actor, asked);
      return `${pathTo('break-glass', breakGlassId)}?done=created`;
    },
  });

  router.get('/admin/break-glass/:id/look', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const seen = await lookAtPatient(visit.registry, visit.actor, visit.id);
    const { t, instant } = visit.words;
    const { patientId, endsAt, id } = seen.glass;
    const until = instant(endsAt as Date);
    const view = {
      ...{ title: t('console.support.title', { patient: patientId }), tags: [] },
      notices: [{ look: 'warning', text: t('console.support.watermark', { id, until }) }],
      sections: sectionsOf(seen, visit.words),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('break-glass', visit) });
  });
}

function sectionsOf({ consents, events }: SupportView, words: Words): Section[] {
  const { t, instant } = words;
  return [
    {
      ...{ id: 'consents', title: t('console.support.consents'), wide: true },
      table: words.table(
        ['app', 'glass-scope', 'from', 'until', 'state'],
        consents.map(({ appId, appName, scope, decidedAt, endsAt, withdrawnAt, pausedAt }) => [
          { text: appName, href: pathTo('apps', appId) },
          { text: scope, literal: true },
          { text: instant(decidedAt) },
          { text: instant(withdrawnAt ?? endsAt) },
          {
            text: t(
              `console.support.state.${withdrawnAt !== null ? 'ended' : pausedAt !== null ? 'paused' : 'on'}`,
            ),
          },
        ]),
      ),
    },
    {
      ...{ id: 'history', title: t('console.support.history'), wide: true },
      table: words.table(
        ['event', 'when', 'app', 'detail'],
        events.map(({ type, at, appId, resource, reason }) => [
          { text: type, literal: true },
          { text: instant(at) },
          appId === null ? [] : { text: appId, literal: true, href: pathTo('apps', appId) },
          [resource, reason].flatMap((text) => (text === null ? [] : [{ text, literal: true }])),
        ]),
      ),
    },
  ];
}
