import { z } from 'zod';
import { ATTESTED_ITEMS, CAMPAIGN_OUTCOMES, ON_SILENCE } from '../policy/attestation.ts';
import { attestApp, findAsked, listAsked, newAttestation } from '../registry/attestations.ts';
import { EVIDENCE_FORMATS, exportEvidence } from '../registry/campaign-evidence.ts';
import {
  CAMPAIGN_STATES,
  findCampaign,
  listCampaignApps,
  listCampaigns,
} from '../registry/campaign-lists.ts';
import { closeCampaign, refreshSnapshot, remindCampaign } from '../registry/campaigns.ts';
import { because } from '../registry/input.ts';
import { newCampaign, openCampaign } from '../registry/new-campaign.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import { at, id, maybe } from './answers.ts';
import { listOf, operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';

const { get, post } = operationsOf('campaigns');

const [text, count] = [z.string(), z.int()];
const texts = z.array(text).readonly();

const campaign = z.object({
  ...{ id, reason: text, openedAt: at, openedBy: text, dueAt: at, warnDays: z.array(count).readonly() },
  selection: z.object({ organizationId: id, ownerId: id, purpose: text, dueBefore: text }).partial(),
  ...{ onSilence: text, unusedDays: count, closedAt: maybe(at), closedBy: maybe(text) },
  ...{ closeReason: maybe(text), apps: count, unanswered: count, silent: count },
});

const asked = z.object({
  ...{ campaignId: id, appId: id, appName: text, organizationId: id, organizationName: text },
  ...{ ownerName: maybe(text), reason: text, openedAt: at, dueAt: at, onSilence: z.enum(ON_SILENCE) },
  ...{ outcome: z.enum(CAMPAIGN_OUTCOMES), attestedAt: maybe(at), attestedBy: maybe(text) },
  ...{ givenUpScopes: maybe(texts), note: maybe(text), silentAt: maybe(at), silence: maybe(text) },
});

const detail = z.object({
  asked,
  snapshot: z.object({
    ...{ id, number: count, takenAt: at, takenBy: text },
    hash: text.meta({ description: 'SHA-256 of `facts` in canonical JSON (members sorted), hex' }),
    facts: z.unknown().meta({ description: 'What was frozen of the app, and how it was used' }),
  }),
  attestation: maybe(
    z.object({
      ...{ id, snapshotHash: text, decision: text, confirmed: z.array(z.enum(ATTESTED_ITEMS)).readonly() },
      ...{ givenUpScopes: texts, note: maybe(text), attestedAt: at, attestedBy: text, verifiedAt: at },
    }),
  ),
  changed: texts.meta({
    description: 'What has changed since: it cannot be answered until it is asked anew',
  }),
});

const MEDIA = { jws: 'application/jose', csv: 'text/csv' } as const;

async function* whole(file: Promise<string>): AsyncGenerator<string> {
  yield await file;
}

/** Answers themselves are given with a passkey, in the portal. */
export const campaignOperations = [
  get('listCampaigns', '/campaigns', {
    summary: 'Attestation campaigns: open ones, what is due first, or closed ones, the latest first',
    query: z.strictObject({ ...paging, state: z.enum(CAMPAIGN_STATES).optional() }),
    answer: pageSchema(campaign),
    run: ({ deps, actor, query }) => listCampaigns(deps, actor, query),
  }),
  post('openCampaign', '/campaigns', {
    summary: 'Asks those who answer for apps to confirm them by a day; freezes a snapshot of each',
    ...{ body: newCampaign, answer: z.object({ campaignId: id, apps: count }), status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => openCampaign(deps, actor, body),
  }),
  get('findCampaign', '/campaigns/{campaignId}', {
    ...{ summary: 'A campaign, and how far it is', answer: campaign },
    run: ({ deps, actor, at: path }) => findCampaign(deps, actor, path('campaignId')),
  }),
  get('listCampaignApps', '/campaigns/{campaignId}/apps', {
    summary: 'Its apps by organization: what was answered, and by whom',
    query: z.strictObject({
      ...{ ...paging, organizationId: z.string().min(1).max(100).optional() },
      unanswered: z.stringbool().optional(),
    }),
    answer: pageSchema(asked),
    run: async ({ deps, actor, at: path, query }) =>
      (await listCampaignApps(deps, actor, path('campaignId'), query)) as never,
  }),
  get('findCampaignApp', '/campaigns/{campaignId}/apps/{appId}', {
    ...{ summary: 'What was frozen of an app, and what was said of it', answer: detail },
    run: async ({ deps, actor, at: path }) =>
      (await findAsked(deps, actor, path('campaignId'), path('appId'))) as never,
  }),
  post('askAgain', '/campaigns/{campaignId}/apps/{appId}/snapshots', {
    summary: 'Freezes a new snapshot of an app that has changed since',
    ...{ answer: z.object({ hash: text }), status: 201 },
    run: ({ deps, actor, at: path }) => refreshSnapshot(deps, actor, path('campaignId'), path('appId')),
  }),
  post('remindCampaign', '/campaigns/{campaignId}/remind', {
    ...{ summary: 'Tells all who have not answered once more', answer: z.object({ apps: count }) },
    run: ({ deps, actor, at: path }) => remindCampaign(deps, actor, path('campaignId')),
  }),
  post('closeCampaign', '/campaigns/{campaignId}/close', {
    ...{ summary: 'Closes a campaign: what was answered stays', body: because, ...STEP_UP },
    run: ({ deps, actor, at: path, body }) => closeCampaign(deps, actor, path('campaignId'), body),
  }),
  get('exportEvidence', '/campaigns/{campaignId}/evidence', {
    summary: 'What a campaign can be proven with: signed (JWS), or as a table; which is recorded',
    query: z.strictObject({ format: z.enum(EVIDENCE_FORMATS) }),
    files: Object.values(MEDIA),
    run: async ({ deps, actor, at: path, query: { format } }) => ({
      type: MEDIA[format],
      text: whole(Promise.resolve(await exportEvidence(deps, actor, path('campaignId'), format))),
    }),
  }),
  post('attestApp', '/campaigns/{campaignId}/apps/{appId}/attestation', {
    summary: 'What who answers for an app says of it, about the snapshot that she names: once',
    ...{ body: newAttestation, answer: z.object({ attestationId: id }), status: 201, ...STEP_UP },
    run: ({ deps, actor, at: path, body }) => {
      const { verifiedAt } = actor;
      if (verifiedAt === undefined) throw new RegistryRefusal('passkey_needed');
      const of = { campaignId: path('campaignId'), appId: path('appId') };
      return attestApp(deps, { ...actor, verifiedAt }, of, body);
    },
  }),
  get('listAsked', '/attestations', {
    ...{ summary: 'What the own organization is asked to confirm', answer: listOf(asked) },
    run: async ({ deps, actor }) => ({ rows: (await listAsked(deps, actor)) as never }),
  }),
];
