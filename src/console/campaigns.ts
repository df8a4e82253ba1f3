import type Router from '@koa/router';
import { dayOf } from '../policy/days.ts';
import { EVIDENCE_FORMATS, type EvidenceFormat, exportEvidence } from '../registry/campaign-evidence.ts';
import {
  CAMPAIGN_STATES,
  type CampaignApp,
  type CampaignRow,
  findCampaign,
  listCampaignApps,
  listCampaigns,
  listProgress,
} from '../registry/campaign-lists.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { type Action, type Cell, type Cells, present, type Section } from './blocks.ts';
import { above, aboveForm } from './crumbs.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';
import type { Words } from './words.ts';

const LIST = '/admin/campaigns';
const COLUMNS = ['app', 'organization', 'owner', 'outcome', 'answered'];
const TYPES: Readonly<Record<EvidenceFormat, string>> = {
  jws: 'application/jose',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** The campaigns, how far each is and who has not answered, and what it can be proven with. */
export function campaignPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: LIST, key: 'campaigns' },
    columns: ['campaign', 'selection', 'answered', 'on-silence', 'state'],
    filters: ({ words }) => [words.choice('state', 'campaign-state', CAMPAIGN_STATES)],
    actions: ({ actor, words: { t } }) =>
      actor.roles.includes('operator')
        ? [{ href: `${LIST}/new`, label: t('console.form.campaign-new.button'), look: 'primary' }]
        : [],
    read: ({ ctx, registry, actor }, after) =>
      listCampaigns(registry, actor, { after, state: choiceIn(ctx, 'state', CAMPAIGN_STATES) }),
    cells: (row, { words }) => [
      { text: titleOf(row, words), href: pathTo('campaigns', row.id), quiet: row.reason },
      { text: selectionText(row, words) },
      { text: answeredText(row, words) },
      { text: words.t(`console.on-silence.${row.onSilence}`) },
      stateTag(row, words),
    ],
  });

  listPage(router, deps, {
    ...{ path: `${LIST}/:id/apps`, key: 'campaign-apps', columns: COLUMNS },
    crumbs: async (visit) => aboveCampaign(await openedIn(visit), visit),
    filters: ({ words }) => [words.choice('answered', 'campaign-answers', ['unanswered'], true)],
    actions: () => [],
    read: ({ ctx, registry, actor, id }, after) =>
      listCampaignApps(registry, actor, id, {
        ...{ after, unanswered: wordIn(ctx, 'answered') === 'unanswered' },
        organizationId: wordIn(ctx, 'organization'),
      }),
    cells: appCells,
  });

  router.get(`${LIST}/:id/evidence.:format`, async (ctx, next) => {
    const { registry, actor, id } = visitOf(deps, ctx);
    const { format: asked } = ctx.params as { format?: string };
    const format = EVIDENCE_FORMATS.find((one) => one === asked);
    if (format === undefined) return next();
    ctx.body = await exportEvidence(registry, actor, id, format);
    ctx.type = TYPES[format];
    ctx.set('Content-Disposition', `attachment; filename="attestation-${dayOf(new Date())}.${format}"`);
    ctx.set('Cache-Control', 'no-store');
  });

  router.get(`${LIST}/:id`, async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { words } = visit;
    const campaign = await openedIn(visit);
    const view = {
      title: titleOf(campaign, words),
      tags: [stateTag(campaign, words)],
      notices: [],
      sections: [
        termsOf(campaign, visit),
        await progressOf(visit, campaign),
        await unansweredOf(visit, campaign),
      ],
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('campaigns', visit) });
  });
}

const openedIn = ({ registry, actor, id }: Visit) => findCampaign(registry, actor, id);
export const titleOf = ({ dueAt }: Pick<CampaignRow, 'dueAt'>, { t, day }: Words): string =>
  t('console.campaign.title', { day: day(dueAt) });

export const aboveCampaign = (campaign: CampaignRow, visit: Visit) =>
  aboveForm('campaigns', titleOf(campaign, visit.words), campaign.id, visit);

const answeredText = ({ apps, unanswered, silent }: CampaignRow, { t }: Words) =>
  t('console.campaign.progress', { answered: apps - unanswered - silent, apps });

function selectionText({ selection }: CampaignRow, { t }: Words): string {
  const parts = Object.entries(selection).map(([part, value]) =>
    t(`console.campaign.part.${part}`, { value: part === 'purpose' ? t(`purpose-name.${value}`) : value }),
  );
  return parts.length === 0 ? t('console.campaign.everything') : parts.join('; ');
}

const stateTag = ({ closedAt }: CampaignRow, { t }: Words): Cell =>
  closedAt === null
    ? { text: t('console.campaign-state.open'), look: 'soon' }
    : { text: t('console.campaign-state.closed'), look: 'plain' };

function termsOf(campaign: CampaignRow, { actor, words }: Visit): Section {
  const { t, fact } = words;
  const { id, closedAt, warnDays, onSilence, reason, closeReason } = campaign;
  const to = (below: string, look?: Action['look']): Action | false =>
    closedAt === null &&
    actor.roles.includes('operator') && {
      ...{ href: pathTo('campaigns', id, below), label: t(`console.form.campaign-${below}.button`), look },
    };
  return {
    ...{ id: 'terms', title: t('console.campaign.terms') },
    facts: [
      fact('reason', { text: reason }),
      fact('selection', { text: selectionText(campaign, words) }),
      fact('opened-at', { text: words.instant(campaign.openedAt) }),
      fact('due', { text: words.instant(campaign.dueAt) }),
      fact('warnings', ...warnDays.map((days) => ({ text: t('console.campaign.days', { days }) }))),
      fact('on-silence', { text: t(`console.on-silence.${onSilence}`) }),
      fact('answered', { text: answeredText(campaign, words) }),
      ...(closedAt === null
        ? []
        : [fact('state', { text: words.instant(closedAt), quiet: closeReason ?? undefined })]),
    ],
    actions: present<Action>([
      to('remind'),
      to('close', 'danger'),
      ...EVIDENCE_FORMATS.map((format) => ({
        href: `${pathTo('campaigns', id)}/evidence.${format}`,
        label: t(`console.campaign.export.${format}`),
      })),
    ]),
  };
}

async function progressOf({ registry, actor, words }: Visit, { id }: CampaignRow): Promise<Section> {
  const rows = await listProgress(registry, actor, id);
  return {
    ...{ id: 'organizations', title: words.t('console.campaign.by-organization') },
    table: words.table(
      ['organization', 'apps-asked', 'unanswered'],
      rows.map(({ organizationId, organizationName, apps, unanswered }) => [
        { text: organizationName, href: pathTo('organizations', organizationId) },
        { text: String(apps) },
        { text: String(unanswered) },
      ]),
    ),
  };
}

async function unansweredOf(visit: Visit, { id }: CampaignRow): Promise<Section> {
  const { registry, actor, words } = visit;
  const { rows } = await listCampaignApps(registry, actor, id, { unanswered: true, limit: 20 });
  return {
    ...{ id: 'unanswered', title: words.t('console.label.unanswered'), wide: true },
    table: words.table(
      COLUMNS,
      rows.map((row) => appCells(row, visit)),
    ),
    actions: [{ href: pathTo('campaigns', id, 'apps'), label: words.t('console.campaign.all') }],
  };
}

const LOOKS: Readonly<Record<CampaignApp['outcome'], Cell['look']>> = {
  ...{ confirmed: 'on', narrowed: 'on', late: 'soon', ending: 'soon', silent: 'off', unanswered: 'plain' },
};

function appCells(row: CampaignApp, { actor, words }: Visit): Cells[] {
  const { campaignId, appId, attestedAt, silence, outcome } = row;
  const mayAskAgain = row.closedAt === null && attestedAt === null && actor.roles.includes('operator');
  return [
    { text: row.appName, href: pathTo('apps', appId) },
    { text: row.organizationName, href: pathTo('organizations', row.organizationId) },
    words.person(row.ownerName),
    {
      ...{ text: words.t(`console.campaign-outcome.${outcome}`), look: LOOKS[outcome] },
      quiet: silence === null ? undefined : words.t(`console.campaign.silence.${silence}`),
    },
    attestedAt !== null
      ? { text: words.instant(attestedAt), quiet: row.attestedByName ?? undefined }
      : mayAskAgain
        ? {
            text: words.t('console.campaign.ask-again'),
            href: pathTo('campaigns', campaignId, 'ask-again', appId),
          }
        : [],
  ];
}
