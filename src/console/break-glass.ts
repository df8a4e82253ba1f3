import type Router from '@koa/router';
import { REVIEW_OUTCOMES } from '../policy/break-glass.ts';
import { may, type Role } from '../policy/permissions.ts';
import {
  approveBreakGlass,
  denyBreakGlass,
  endBreakGlass,
  reviewBreakGlass,
} from '../registry/break-glass-decisions.ts';
import { findBreakGlass, type Glass, listBreakGlass } from '../registry/break-glass-records.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { choiceIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { type Action, type Cell, present, type Section } from './blocks.ts';
import { above } from './crumbs.ts';
import { type FormPage, formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';
import type { Words } from './words.ts';

const LIST = '/admin/break-glass';
const SEERS: readonly Role[] = ['operator', 'security_officer'];

/** Access in an emergency and for support: what was asked for, and what others do about it. */
export function breakGlassPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: LIST, key: 'break-glass' },
    columns: ['glass-who', 'glass-kind', 'app', 'glass-patient', 'asked', 'glass-state'],
    filters: ({ words }) => [words.choice('waiting', 'glass-waiting', ['yes'], true)],
    actions: ({ words: { t } }) => [
      { href: `${LIST}/new`, label: t('console.form.support-access.button'), look: 'primary' },
    ],
    read: ({ ctx, registry, actor }, after) => {
      const waiting = choiceIn(ctx, 'waiting', ['yes']) === 'yes';
      return listBreakGlass(registry, actor, { after, filter: { waiting } });
    },
    cells: (glass, { words }) => [
      { text: glass.who, href: pathTo('break-glass', glass.id), quiet: glass.ticket },
      { text: words.t(`console.glass-kind.${glass.kind}`) },
      glass.appId === null ? [] : { text: glass.appName ?? glass.appId, href: pathTo('apps', glass.appId) },
      { text: glass.patientId, literal: true },
      { text: words.instant(glass.requestedAt) },
      stateCells(glass, words),
    ],
  });

  const form = (key: string, page: Pick<FormPage<Glass>, 'fields' | 'send'> & Partial<FormPage<Glass>>) =>
    formPage<Glass>(router, deps, {
      ...{ path: `${LIST}/:id/${key}`, key: `glass-${key}`, roles: SEERS, serious: true },
      open: ({ registry, actor, id }) => findBreakGlass(registry, actor, id),
      crumbs: ({ id, who }, visit) => [
        ...above('break-glass', visit),
        { label: who, href: pathTo('break-glass', id) },
      ],
      names: ({ who, minutes }) => ({ who, minutes: String(minutes) }),
      ...page,
    });
  const done = (id: string, what: string) => `${pathTo('break-glass', id)}?done=${what}`;

  form('approve', {
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await approveBreakGlass(registry, actor, id, textsIn(values, ['reason']));
      return done(id, 'glass-opened');
    },
  });
  form('deny', {
    look: 'danger',
    fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await denyBreakGlass(registry, actor, id, textsIn(values, ['reason']));
      return done(id, 'decided');
    },
  });
  form('end', {
    look: 'danger',
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await endBreakGlass(registry, actor, id, textsIn(values, ['reason']));
      return done(id, 'ended');
    },
  });
  form('review', {
    fields: (_, { words }) => [
      words.choice('outcome', 'glass-outcome', REVIEW_OUTCOMES),
      words.field('textarea', 'note', { rows: 3 }),
    ],
    send: async (values, { id }, { registry, actor }) => {
      await reviewBreakGlass(registry, actor, id, textsIn(values, ['outcome', 'note']));
      return done(id, 'decided');
    },
  });
}

/** Stands after the forms: `new` is no id. */
export function breakGlassRecord(router: Router, deps: StaffDeps): void {
  router.get(`${LIST}/:id`, async (ctx) => {
    const visit = visitOf(deps, ctx);
    const glass = await findBreakGlass(visit.registry, visit.actor, visit.id);
    const view = {
      ...{ title: glass.who, tags: stateCells(glass, visit.words), notices: [] },
      sections: [sectionOf(glass, visit)],
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('break-glass', visit) });
  });
}

function stateCells({ state, awaitsReview, outcome }: Glass, { t }: Words): Cell[] {
  const look = { waiting: 'soon', open: 'on', lapsed: 'plain', denied: 'off', ended: 'plain' } as const;
  return present([
    { text: t(`console.glass-state.${state}`), look: look[state] },
    awaitsReview && { text: t('console.glass.unreviewed'), look: 'soon' as const },
    outcome !== null && { text: t(`console.glass-outcome.${outcome}`) },
  ]);
}

function sectionOf(glass: Glass, visit: Visit): Section {
  const { words, actor } = visit;
  const { id, state, startsAt, endsAt, endedAt, outcome, reviewNote, denyReason } = glass;
  const isAnothers = may(actor, 'break_glass.decide', { authors: [glass.requestedBy] });
  const text = (name: string, value: string | null, literal = false) =>
    value !== null && words.fact(name, { text: value, literal });
  const at = (name: string, value: Date | null) => text(name, value === null ? null : words.instant(value));
  const link = (key: string, look?: Action['look']) => ({
    ...{ href: pathTo('break-glass', id, key), label: words.t(`console.form.glass-${key}.button`), look },
  });
  return {
    ...{ id: 'facts', title: words.t('console.section.facts'), wide: true },
    facts: present([
      text('glass-kind', words.t(`console.glass-kind.${glass.kind}`)),
      text('glass-patient', glass.patientId, true),
      glass.appId !== null &&
        words.fact('app', { text: glass.appName ?? glass.appId, href: pathTo('apps', glass.appId) }),
      text('organization', glass.organizationName),
      text('glass-scope', glass.scope, true),
      text('glass-purpose', words.t(`purpose-name.${glass.purpose}`)),
      text('glass-why', glass.reason),
      text('ticket', glass.ticket),
      text('minutes', String(glass.minutes)),
      at('asked', glass.requestedAt),
      text('asked-by', glass.requestedBy, true),
      text('approved-by', glass.approvedBy, true),
      text('glass-denied', denyReason),
      ...[at('from', startsAt), at('until', endedAt ?? endsAt), at('review-due', glass.reviewDueAt)],
      text(
        'glass-review',
        outcome === null ? null : `${words.t(`console.glass-outcome.${outcome}`)}: ${reviewNote}`,
      ),
    ]),
    actions: present([
      state === 'waiting' && isAnothers && link('approve', 'primary'),
      state === 'waiting' && isAnothers && link('deny', 'danger'),
      state === 'open' &&
        glass.kind === 'support' &&
        actor.personId === glass.requestedBy &&
        link('look', 'primary'),
      state === 'open' && link('end', 'danger'),
      state === 'ended' && outcome === null && isAnothers && link('review'),
    ]),
  };
}
