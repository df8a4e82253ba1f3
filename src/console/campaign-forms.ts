import type Router from '@koa/router';
import { ON_SILENCE } from '../policy/attestation.ts';
import { purposesOfUse } from '../policy/purpose-of-use.ts';
import { findAsked } from '../registry/attestations.ts';
import { findCampaign } from '../registry/campaign-lists.ts';
import { closeCampaign, refreshSnapshot, remindCampaign } from '../registry/campaigns.ts';
import { openCampaign, UNUSED_DAYS, WARN_DAYS } from '../registry/new-campaign.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { aboveCampaign } from './campaigns.ts';
import { above } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { pathTo, type Visit } from './visit.ts';
import type { Words } from './words.ts';

const LIST = '/admin/campaigns';
const SELECTION = ['organizationId', 'ownerId', 'purpose', 'dueBefore'];

const purposeOptions = ({ t }: Words) => [
  { value: '', label: t('console.all') },
  ...purposesOfUse.map((value) => ({ value, label: `${t(`purpose-name.${value}`)} (${value})` })),
];

/** What an operator does with campaigns. */
export function campaignForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: `${LIST}/new`, key: 'campaign-new', roles: ['operator'], serious: true },
    open: async () => ({}),
    crumbs: (_, visit) => above('campaigns', visit),
    fields: (_, { words }) => [
      words.field('textarea', 'reason', { hint: true, rows: 3 }),
      words.field('date', 'dueAt', { hint: true }),
      words.choice('onSilence', 'on-silence', ON_SILENCE),
      words.field('text', 'warnDays', { hint: true, literal: true }),
      words.field('text', 'unusedDays', { hint: true, literal: true }),
      words.field('text', 'organizationId', { hint: true, optional: true, literal: true }),
      {
        ...words.field('text', 'ownerId', { optional: true, literal: true }),
        hint: words.t('console.hint.organizationId'),
      },
      words.field('select', 'purpose', { optional: true, options: purposeOptions(words) }),
      words.field('date', 'dueBefore', { hint: true, optional: true }),
    ],
    values: () => new URLSearchParams({ warnDays: WARN_DAYS.join(' '), unusedDays: String(UNUSED_DAYS) }),
    send: async (values, _, { registry, actor }) => {
      const input = {
        ...textsIn(values, ['reason', 'dueAt', 'onSilence']),
        selection: textsIn(values, SELECTION),
        warnDays: (textIn(values, 'warnDays') ?? '').split(/\s+/).filter(Boolean).map(Number),
        unusedDays: Number(textIn(values, 'unusedDays')),
      };
      const { campaignId } = await openCampaign(registry, actor, input);
      return `${pathTo('campaigns', campaignId)}?done=campaign-opened`;
    },
    controlOf: (field) =>
      field === 'selection' ? 'organizationId' : field.replace(/^selection\./, '').replace(/\.\d+$/, ''),
  });

  const campaign = {
    roles: ['operator'],
    open: ({ registry, actor, id }: Visit) => findCampaign(registry, actor, id),
    crumbs: aboveCampaign,
  } as const;

  formPage(router, deps, {
    ...{ path: `${LIST}/:id/close`, key: 'campaign-close', ...campaign, serious: true, look: 'danger' },
    fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await closeCampaign(registry, actor, id, textsIn(values, ['reason']));
      return `${pathTo('campaigns', id)}?done=campaign-closed`;
    },
  });

  formPage(router, deps, {
    ...{ path: `${LIST}/:id/remind`, key: 'campaign-remind', ...campaign },
    fields: () => [],
    send: async (_, { id }, { registry, actor }) => {
      await remindCampaign(registry, actor, id);
      return `${pathTo('campaigns', id)}?done=reminded`;
    },
  });

  formPage(router, deps, {
    ...{ path: `${LIST}/:id/ask-again/:appId`, key: 'campaign-ask-again', roles: ['operator'] },
    open: async (visit) => {
      const { registry, actor, id } = visit;
      const { appId } = visit.ctx.params as { appId: string };
      const { asked } = await findAsked(registry, actor, id, appId);
      return { asked, campaign: await findCampaign(registry, actor, id) };
    },
    names: ({ asked }) => ({ app: asked.appName }),
    crumbs: ({ campaign: one }, visit) => aboveCampaign(one, visit),
    fields: () => [],
    send: async (_, { asked }, { registry, actor, id }) => {
      await refreshSnapshot(registry, actor, id, asked.appId);
      return `${pathTo('campaigns', id)}?done=asked-again`;
    },
  });
}
