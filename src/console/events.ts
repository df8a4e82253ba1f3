import type Router from '@koa/router';
import { findAppFor } from '../registry/app-records.ts';
import { type LoggedEvent, listEvents } from '../registry/audit-log.ts';
import { findOrganization } from '../registry/organizations.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import type { Page } from '../store/paging.ts';
import type { Cell, Section, Table } from './blocks.ts';
import { aboveForm } from './crumbs.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

/** What an event says beside its name, in words that are ours or typed by staff. */
const SAID = ['decision', 'reason', 'role', 'domain', 'kid', 'url'] as const;

function detailCells({ words: { t } }: Visit, { detail, reason }: LoggedEvent): Cell[] {
  const diagnosis = detail.diagnosis as { code?: unknown } | undefined;
  const code = diagnosis?.code ?? reason;
  const said = SAID.flatMap((name): Cell[] => {
    const value = detail[name];
    if (typeof value !== 'string') return [];
    if (name === 'decision') return [{ text: t(`console.decision.${value}`) }];
    return [{ text: name === 'role' ? t(`console.role.${value}`) : value }];
  });
  return typeof code === 'string' ? [{ text: code, literal: true }, ...said] : said;
}

function eventTable(visit: Visit, events: readonly LoggedEvent[]): Table {
  const { words } = visit;
  return words.table(
    ['event', 'when', 'by', 'detail'],
    events.map((event) => [
      {
        text: words.t(`console.event.${event.type}`),
        // On the page of an organization it leads to the app that it is about.
        href: event.appId === null || event.appId === visit.id ? undefined : pathTo('apps', event.appId),
      },
      { text: words.instant(event.at) },
      event.personName === null ? [] : words.person(event.personName, event.personId),
      detailCells(visit, event),
    ]),
  );
}

/** The latest, at the foot of a record's page. */
export function eventsSection(visit: Visit, events: Page<LoggedEvent>, allUrl: string): Section {
  const { t } = visit.words;
  return {
    ...{
      id: 'events',
      title: t('console.section.events'),
      table: eventTable(visit, events.rows),
      wide: true,
    },
    actions: events.next === null ? [] : [{ href: allUrl, label: t('console.all-of-them') }],
  };
}

/** All that happened to a record, and what was refused, without a word about patients. */
export function eventPages(router: Router, deps: StaffDeps): void {
  router.get('/admin/apps/:id/events', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { live, newest, id } = await findAppFor(visit.registry, visit.actor, visit.id);
    const { name } = live ?? newest;
    await show(visit, { appId: id }, { name, crumbs: aboveForm('apps', name, id, visit) });
  });

  router.get('/admin/organizations/:id/events', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { legalName, id } = await findOrganization(visit.registry, visit.actor, visit.id);
    const crumbs = aboveForm('organizations', legalName, id, visit);
    await show(visit, { organizationId: id }, { name: legalName, crumbs });
  });
}

async function show(
  visit: Visit,
  subject: Parameters<typeof listEvents>[2],
  { name, crumbs }: { readonly name: string; readonly crumbs: ReturnType<typeof aboveForm> },
): Promise<void> {
  const { ctx, registry, actor, words } = visit;
  const events = await listEvents(registry, actor, subject, { after: wordIn(ctx, 'after') });
  const view = {
    ...{ title: words.t('console.events.title', { name }), lead: words.t('console.events.lead') },
    ...{ actions: [], filters: [], isFiltered: false, table: eventTable(visit, events.rows) },
    pager: pagerOf(ctx, events.next),
  };
  renderStaff(ctx, 'admin-list', view, { crumbs });
}
