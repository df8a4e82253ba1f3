import type Router from '@koa/router';
import type { Context } from 'koa';
import { ATTESTED_ITEMS } from '../policy/attestation.ts';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { type AttestationDetail, attestApp, findAsked, listAsked } from '../registry/attestations.ts';
import type { CampaignApp } from '../registry/campaign-lists.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { textIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor, requireFresh } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { revisionWords } from '../staff/revision-words.ts';
import { longDate, longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { itemsOf, scopeChoices, useOf } from './attestation-view.ts';
import type { DeveloperDeps } from './deps.ts';

const LIST = '/developer/attestations';
const LOOKS = {
  ...{ confirmed: 'on', narrowed: 'on', late: 'soon', ending: 'soon', silent: 'off', unanswered: 'soon' },
} as const;

const pathOf = ({ campaignId, appId }: Pick<CampaignApp, 'campaignId' | 'appId'>) =>
  `${LIST}/${encodeURIComponent(campaignId)}/${encodeURIComponent(appId)}`;

/** What the operator asks about the own apps, and the answer: with a passkey, about what was frozen. */
export function attestationPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  router.get(LIST, async (ctx) => {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const rows = await listAsked(registry, requireActor(ctx));
    const asked = rows.map((row) => ({
      ...{ href: pathOf(row), app: row.appName, reason: row.reason, due: longDate(row.dueAt, locale) },
      ...{ state: t(`console.campaign-outcome.${row.outcome}`), look: LOOKS[row.outcome] },
    }));
    renderStaff(ctx, 'developer-attestations', { asked });
  });

  const openAsked = (ctx: Context): Promise<AttestationDetail> => {
    const { campaignId, appId } = ctx.params as { campaignId: string; appId: string };
    return findAsked(registry, requireActor(ctx), campaignId, appId);
  };

  function show(
    ctx: Context,
    detail: AttestationDetail,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): void {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const { asked, snapshot, attestation, changed, mayAnswer } = detail;
    const { facts, hash } = snapshot;
    const names = new Map(facts.revision.subprocessors.map((one) => [one.organizationId, one.legalName]));
    const view = {
      ...{ title: t('attestation.title', { app: asked.appName }), reason: asked.reason, hash },
      asked: t('attestation.asked', {
        opened: longDate(asked.openedAt, locale),
        due: longInstant(asked.dueAt, locale),
      }),
      silence: t(`attestation.silence.${asked.onSilence}`),
      changed:
        changed.length === 0
          ? null
          : t('attestation.changed', {
              what: changed.map((what) => t(`attestation.changed.${what}`)).join(', '),
            }),
      answered:
        attestation === null
          ? null
          : t('attestation.answered', {
              name: asked.attestedByName ?? '',
              at: longInstant(attestation.attestedAt, locale),
              outcome: t(`console.campaign-outcome.${asked.outcome}`),
            }),
      mayAnswer: mayAnswer && changed.length === 0,
      isOthers: !mayAnswer && attestation === null,
      snapshot: t('attestation.snapshot', { at: longInstant(snapshot.takenAt, locale), hash }),
      items: itemsOf(facts, t, locale, revisionWords(t, locale, names)),
      use: useOf(facts, t, locale),
      scopes: scopeChoices(facts, t, []).map(({ label }) => label),
      fields: fieldsOf(detail, t, sent),
      action: pathOf(asked),
      faults: formFaults(inWords(faults, t), t),
    };
    const crumbs = [{ label: t('developer.nav.attestations'), href: LIST }];
    renderStaff(ctx, 'developer-attestation', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  }

  router.get(`${LIST}/:campaignId/:appId`, async (ctx) => {
    const detail = await openAsked(ctx);
    if (detail.mayAnswer) requireFresh(ctx, FRESH_MINUTES);
    show(ctx, detail);
  });

  router.post(`${LIST}/:campaignId/:appId`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const detail = await openAsked(ctx);
    requireFresh(ctx, FRESH_MINUTES, ctx.url);
    const input = {
      ...{ snapshotHash: sent.get('snapshotHash') ?? '', decision: sent.get('decision') ?? '' },
      ...{ confirmed: sent.getAll('confirmed'), givenUpScopes: sent.getAll('givenUpScopes') },
      note: textIn(sent, 'note') ?? null,
    };
    const about = { campaignId: detail.asked.campaignId, appId: detail.asked.appId };
    const attested = await attempt(attestApp(registry, requireActor(ctx), about, input));
    if ('faults' in attested) return show(ctx, await openAsked(ctx), attested.faults, sent);
    seeOther(ctx, `${LIST}?done=attested`);
  });
}

const inWords = (faults: readonly Fault[], t: (key: string) => string) =>
  faults.map((fault) =>
    fault.code === 'item_unconfirmed' ? { ...fault, value: t(`attestation.item.${fault.value}`) } : fault,
  );

function fieldsOf({ snapshot }: AttestationDetail, t: (key: string) => string, sent: URLSearchParams) {
  const confirmed = sent.getAll('confirmed');
  return {
    confirmed: {
      ...{ name: 'confirmed', kind: 'boxes', label: t('attestation.button.confirm') },
      options: ATTESTED_ITEMS.map((value) => ({
        ...{ value, label: t(`attestation.confirm.${value}`), checked: confirmed.includes(value) },
      })),
    },
    givenUpScopes: {
      ...{ name: 'givenUpScopes', kind: 'boxes', label: t('attestation.scopes.give-up'), optional: true },
      hint: t('attestation.scopes.hint'),
      options: scopeChoices(snapshot.facts, t, sent.getAll('givenUpScopes')),
    },
    note: {
      ...{ name: 'note', kind: 'textarea', label: t('attestation.note'), optional: true, rows: 3 },
      ...{ hint: t('attestation.note.hint'), value: sent.get('note') ?? '' },
    },
  };
}
