import type Router from '@koa/router';
import {
  type Foreseen,
  findOffboarding,
  foreseeOffboarding,
  listOffboardings,
  type OffboardingKind,
  type OffboardingRow,
  offboard,
} from '../registry/offboarding.ts';
import { OFFBOARDING_RECEIPT } from '../registry/offboarding-proof.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { renderStaff } from '../staff/render.ts';
import { PageError } from '../web/page-error.ts';
import type { Cell, Section } from './blocks.ts';
import { above, aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';
import type { Words } from './words.ts';

const LIST = '/admin/offboardings';
const BEHIND_SHOWN = 20;
/** While there is no receipt the page asks again. */
const REFRESH_S = 3;

const PLACES = {
  app: 'apps',
  person: 'people',
  organization: 'organizations',
  resource_server: 'servers',
} as const satisfies Record<OffboardingKind, string>;
/** Each among the pages of its record; who leaves has a page of her own, with what she hands over. */
const FORMS = [
  ['app', 'app-offboard'],
  ['organization', 'organization-offboard'],
  ['resource_server', 'server-offboard'],
] as const satisfies readonly (readonly [OffboardingKind, string])[];

/** What would stop is counted, its name is typed; then the proof goes on by itself, until its receipt is there. */
export function offboardingPages(router: Router, deps: StaffDeps): void {
  for (const [kind, key] of FORMS)
    formPage<Foreseen>(router, deps, {
      ...{
        path: `/admin/${PLACES[kind]}/:id/offboard`,
        key,
        roles: ['operator'],
        serious: true,
        look: 'danger',
      },
      open: ({ registry, actor, id }) => foreseeOffboarding(registry, actor, { kind, subjectId: id }),
      crumbs: ({ name }, visit) => aboveForm(PLACES[kind], name, visit.id, visit),
      names: ({ name }) => ({ name, app: name }),
      notice: (found, { words }) => stops(found, words),
      fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
      confirm: ({ name }) => name,
      send: async (values, { name }, { registry, actor, id }) => {
        const given = { kind, subjectId: id, confirm: name, ...textsIn(values, ['reason']) };
        const done = await offboard(registry, actor, given);
        return `${pathTo('offboardings', done.id)}?done=offboarded`;
      },
    });

  listPage(router, deps, {
    ...{ path: LIST, key: 'offboardings' },
    columns: ['offboarding-subject', 'kind', 'when', 'still-active', 'offboarding-receipt'],
    filters: () => [],
    actions: () => [],
    read: ({ registry, actor }, after) => listOffboardings(registry, actor, { after }),
    cells: (row, { words }) => [
      { text: row.subjectName, href: pathTo('offboardings', row.id) },
      { text: words.t(`console.offboarding-kind.${row.kind}`) },
      { text: words.instant(row.at) },
      { text: stillActive(row, words) },
      receiptTag(row, words),
    ],
  });

  router.get(`${LIST}/:id`, async (ctx) => {
    const visit = visitOf(deps, ctx);
    const row = await findOffboarding(visit.registry, visit.actor, visit.id);
    if (row.receiptAt === null) ctx.set('Refresh', `${REFRESH_S};url=${pathTo('offboardings', row.id)}`);
    const view = {
      ...{ title: row.subjectName, tags: [receiptTag(row, visit.words)], notices: [] },
      sections: sectionsOf(row, visit),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('offboardings', visit) });
  });

  router.get(`${LIST}/:id/receipt.jws`, async (ctx) => {
    const { registry, actor, id } = visitOf(deps, ctx);
    const { receipt } = await findOffboarding(registry, actor, id);
    if (receipt === null) throw new PageError(404, 'not-found');
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', 'application/jose');
    ctx.set('Content-Disposition', `attachment; filename="offboarding-${id}.jws"`);
    ctx.body = receipt;
  });
}

function stops(found: Foreseen, { t, instant }: Words): string {
  const until = (count: number, at: Date | null) =>
    at === null ? String(count) : t('console.offboarding.until', { count, until: instant(at) });
  const all = t('console.offboarding.stops', {
    ...{ name: found.name, apps: found.appIds.length, acting: found.actingIds.length },
    ...{ patients: found.patients, system: found.systemPatients },
    ...{
      consents: until(found.consents, found.consentsUntil),
      tokens: until(found.tokens, found.tokensUntil),
    },
    ...{ backend: found.backendTokens, requests: found.requestsADay },
    servers: found.resourceServers.map(({ name }) => name).join(', ') || t('console.nothing'),
    categories: found.categories.join(', ') || t('console.nothing'),
  });
  return found.behind.length === 0 ? all : `${all} ${behindIt(found, t)}`;
}

/** The apps that others answer for, and that stop with their platform. */
function behindIt({ name, behind }: Foreseen, t: Words['t']): string {
  const shown = behind.slice(0, BEHIND_SHOWN).map((app) => `${app.name} (${app.organizationName})`);
  const more = behind.length - shown.length;
  const apps = [...shown, ...(more > 0 ? [t('console.offboarding.more', { more })] : [])].join(', ');
  return t('console.offboarding.behind', { name, apps, count: behind.length });
}

const stillActive = ({ total, active, checked }: OffboardingRow, { t }: Words): string =>
  total === null
    ? t('console.offboarding.counting')
    : t('console.offboarding.active', { active, total, checked });

const receiptTag = ({ receiptAt, active }: OffboardingRow, { t }: Words): Cell => {
  if (receiptAt === null) return { text: t('console.offboarding.proving'), look: 'soon' };
  return active === 0
    ? { text: t('console.offboarding.proven'), look: 'on' }
    : { text: t('console.offboarding.not-proven'), look: 'off' };
};

function sectionsOf(row: OffboardingRow, { words }: Visit): Section[] {
  const { t, fact } = words;
  const own = pathTo('offboardings', row.id);
  return [
    {
      ...{ id: 'offboarding', title: t('console.section.offboarding') },
      facts: [
        fact('offboarding-subject', { text: row.subjectName, href: pathTo(PLACES[row.kind], row.subjectId) }),
        fact('kind', { text: t(`console.offboarding-kind.${row.kind}`) }),
        fact('when', { text: words.instant(row.at) }),
        fact('reason', { text: row.reason }),
      ],
    },
    {
      ...{ id: 'proof', title: t('console.section.offboarding-proof') },
      lead: t(row.receiptAt === null ? 'console.offboarding.wait' : 'console.offboarding.done'),
      facts: [
        fact('still-active', { text: stillActive(row, words) }),
        fact('offboarding-receipt', receiptTag(row, words)),
        ...(row.receiptAt === null
          ? []
          : [fact('receipt-type', { text: OFFBOARDING_RECEIPT, literal: true })]),
      ],
      actions:
        row.receiptAt === null
          ? []
          : [{ href: `${own}/receipt.jws`, label: t('console.offboarding.download') }],
    },
  ];
}
