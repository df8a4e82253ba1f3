import type Router from '@koa/router';
import { daysBetween } from '../policy/days.ts';
import { type Severity, severityOf } from '../policy/finding-severity.ts';
import type { Role } from '../policy/permissions.ts';
import { detailOf } from '../registry/finding-answers.ts';
import {
  closeFinding,
  FINDING_KINDS,
  FINDING_STATES,
  type FindingRow,
  findFinding,
  listFindings,
} from '../registry/findings.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { type Cell, type Cells, present } from './blocks.ts';
import { above } from './crumbs.ts';
import { findingPage } from './finding-page.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit } from './visit.ts';

const LIST = '/admin/findings';
const SEERS: readonly Role[] = ['operator', 'security_officer'];

/** What must be looked into, and the form that closes it. A patient is her number here, as anywhere in the console. */
export function findingPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: LIST, key: 'findings' },
    columns: ['finding-kind', 'severity', 'finding-about', 'opened', 'finding-state'],
    filters: ({ words }) => [
      words.choice('state', 'finding-state', FINDING_STATES),
      words.choice('kind', 'finding.kind', FINDING_KINDS, true),
    ],
    actions: () => [],
    read: ({ ctx, registry, actor }, after) =>
      listFindings(registry, actor, {
        ...{ after, state: choiceIn(ctx, 'state', FINDING_STATES) },
        ...{ kind: choiceIn(ctx, 'kind', FINDING_KINDS), appId: wordIn(ctx, 'app') },
      }),
    cells,
  });

  formPage<FindingRow>(router, deps, {
    ...{ path: `${LIST}/:id/close`, key: 'finding-close', roles: SEERS },
    open: ({ registry, actor, id }) => findFinding(registry, actor, id),
    crumbs: (_, visit) => above('findings', visit),
    fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await closeFinding(registry, actor, id, textsIn(values, ['reason']));
      return `${LIST}?done=closed`;
    },
  });

  findingPage(router, deps);
}

const daysOld = (at: Date) => Math.max(0, Math.floor(daysBetween(at, new Date())));

const ageOf = (days: number, { t }: Visit['words']) =>
  days === 0 ? t('console.finding.age.today') : t('console.finding.age', { count: days });

const LOOKS = { high: 'off', medium: 'soon', low: 'plain' } as const satisfies Record<Severity, Cell['look']>;

function cells(row: FindingRow, { words }: Visit): Cells[] {
  const { id, kind, detail, openedAt, closedAt, closeReason } = row;
  const severity = severityOf(kind, detailOf(detail).score);
  return [
    { text: words.t(`console.finding.kind.${kind}`), href: pathTo('findings', id) },
    { text: words.t(`console.severity.${severity}`), look: LOOKS[severity] },
    aboutCells(row),
    { text: words.instant(openedAt), quiet: ageOf(daysOld(openedAt), words) },
    closedAt === null
      ? { text: words.t('console.form.finding-close.button'), href: pathTo('findings', id, 'close') }
      : {
          text: words.t('console.finding.closed', { at: words.instant(closedAt), reason: closeReason ?? '' }),
        },
  ];
}

/** What a rule found stands on the page of the finding, with its figures. */
function aboutCells({ appId, appName, patientId, event, openedBy, ...row }: FindingRow): Cell[] {
  const { organizationId, organizationName } = row;
  return present([
    appId !== null && { text: appName ?? appId, href: pathTo('apps', appId) },
    appId === null &&
      organizationId !== null && {
        ...{ text: organizationName ?? '', href: pathTo('organizations', organizationId) },
      },
    patientId !== null && { text: patientId, literal: true },
    event !== null && !openedBy.startsWith('rule:') && { text: event, literal: true },
  ]);
}
