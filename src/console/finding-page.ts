import type Router from '@koa/router';
import { isGovernanceRule } from '../policy/governance.ts';
import { findShownFinding, type ShownFinding } from '../registry/finding-answers.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { figureRows } from '../staff/finding-words.ts';
import { renderStaff } from '../staff/render.ts';
import { type Cell, present, type Section } from './blocks.ts';
import { above } from './crumbs.ts';
import { restrictionTable } from './restriction-table.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

/** One finding: what was measured against which threshold, in which records, what followed, and what was said to it. */
export function findingPage(router: Router, deps: StaffDeps): void {
  router.get('/admin/findings/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const finding = await findShownFinding(visit.registry, visit.actor, visit.id);
    const { t } = visit.words;
    const state = finding.closedAt === null ? 'open' : 'closed';
    const view = {
      title: t(`console.finding.kind.${finding.kind}`),
      tags: [{ text: t(`console.finding-state.${state}`), look: state === 'open' ? 'soon' : 'off' }],
      ...{ notices: [], sections: sectionsOf(visit, finding) },
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('findings', visit) });
  });
}

/** Where the record of a type is shown, if it is. */
const PAGES: Readonly<Record<string, string>> = {
  ...{ app: 'apps', organization: 'organizations', resource_server: 'servers', person: 'people' },
  ...{ contract: 'contracts', review: 'reviews', ehr: 'ehrs' },
};

function recordCell({ type, id }: ShownFinding['records'][number], appId: string | null): Cell {
  const page = PAGES[type];
  if (page !== undefined) return { text: id, literal: true, href: pathTo(page, id) };
  const isOfApp =
    appId !== null && ['app_key', 'app_revision', 'audit_event', 'access_record'].includes(type);
  return { text: id, literal: true, ...(isOfApp ? { href: pathTo('apps', appId) } : {}) };
}

function sectionsOf(visit: Visit, finding: ShownFinding): Section[] {
  const { words } = visit;
  const { t } = words;
  const { figures, records, answers, restrictions, appId, score } = finding;
  return present<Section>([
    {
      ...{ id: 'facts', title: t('console.section.facts'), facts: factsOf(visit, finding) },
      actions: present([
        finding.closedAt === null && {
          ...{ href: pathTo('findings', finding.id, 'close'), label: t('console.form.finding-close.button') },
        },
      ]),
    },
    figures.length > 0 && {
      ...{ id: 'figures', title: t('console.section.figures') },
      ...(score === null ? {} : { lead: t('console.finding.score', { score }) }),
      table: words.table(['figure', 'value', 'threshold'], figureRows(figures, t, words.locale)),
    },
    records.length > 0 && {
      ...{ id: 'records', title: t('console.section.finding-records') },
      details: {
        label: t('console.finding.records', { count: records.length }),
        table: words.table(
          ['record', 'id'],
          records.map((one) => [{ text: one.type, literal: true }, recordCell(one, appId)]),
        ),
      },
    },
    restrictions.length > 0 && {
      ...{ id: 'restrictions', title: t('console.section.restrictions'), wide: true },
      table: restrictionTable(visit, restrictions),
    },
    finding.rule !== null && {
      ...{ id: 'answers', title: t('console.section.answers'), lead: t('console.finding.answers') },
      timeline: answers.map(({ text, answeredBy, answeredAt }) => ({
        ...{ text, quiet: `${words.instant(answeredAt)}, ${answeredBy}` },
      })),
    },
  ]);
}

const ruleCell = (rule: string): Cell =>
  isGovernanceRule(rule) ? { text: rule, href: pathTo('policies', rule) } : { text: rule };

const factsOf = ({ words }: Visit, finding: ShownFinding) =>
  present([
    finding.appId !== null &&
      words.fact('app', { text: finding.appName ?? finding.appId, href: pathTo('apps', finding.appId) }),
    finding.organizationId !== null &&
      words.fact('organization', {
        ...{ text: finding.organizationName ?? '', href: pathTo('organizations', finding.organizationId) },
      }),
    finding.resourceServerId !== null &&
      words.fact('fhir-server', {
        ...{ text: finding.resourceServerName ?? '', href: pathTo('servers', finding.resourceServerId) },
      }),
    finding.patientId !== null && words.fact('finding-patient', { text: finding.patientId, literal: true }),
    finding.event !== null && words.fact('finding-event', { text: finding.event, literal: true }),
    finding.rule !== null && words.fact('rule', ruleCell(finding.rule)),
    words.fact('opened', { text: words.instant(finding.openedAt) }),
    finding.closedAt !== null &&
      words.fact('finding-state', {
        text: words.t('console.finding.closed', {
          ...{ at: words.instant(finding.closedAt), reason: finding.closeReason ?? '' },
        }),
      }),
  ]);
