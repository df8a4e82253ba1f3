import type Router from '@koa/router';
import type { Context } from 'koa';
import type { AppRecord } from '../registry/app-records.ts';
import { type TimelineEntry, timelineOf } from '../registry/app-timeline.ts';
import { revisionDiff } from '../registry/revision-diff.ts';
import { submitRevision, withdrawSubmission } from '../registry/submissions.ts';
import { namedSubprocessors } from '../registry/subprocessors.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { diffView, revisionWords } from '../staff/revision-words.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Translate } from '../web/messages.ts';
import { seeOther } from '../web/see-other.ts';
import { type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import { lookOf, recordState } from './app-state.ts';
import { credentialFacts, credentialText } from './credential-end.ts';
import type { DeveloperDeps } from './deps.ts';
import { openFaults } from './open-faults.ts';
import { heldBy, restrictionsOf } from './restriction-notices.ts';

/** One app: how it stands, what happened to it, and its way to production. */
export function appPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  const changesOf = async ({ actor, app: { live, newest } }: OpenApp, ctx: Context) => {
    const ids = [live, newest].flatMap(
      (one) => one?.subprocessors.map((named) => named.organizationId) ?? [],
    );
    const named = await namedSubprocessors(registry, actor, ids);
    const names = new Map(named.map(({ id, legalName }) => [id, legalName]));
    return diffView(
      revisionDiff(live, newest),
      revisionWords(pages.translate(ctx), pages.localeOf(ctx), names),
    );
  };

  router.get('/developer/apps/:id', async (ctx) => {
    const { actor, app } = await openApp(deps, ctx);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const after = wordIn(ctx, 'after');
    const timeline = await timelineOf(registry, actor, app.id, { after, limit: 20 });
    const day = (date: Date | null | undefined) => (date ? longDate(date, locale) : null);
    const state = recordState(app);
    const view = {
      state: {
        label: t(`developer.state.${state}`),
        look: lookOf(state),
        text: t(`developer.state.${state}.text`),
      },
      standing: app.standing === null ? null : t(`diagnosis.${app.standing}`),
      held: heldBy(app.platform, { t, locale }),
      restrictions: await restrictionsOf(deps, ctx, { actor, app }),
      stopped: app.stoppedScopes,
      reviewReason: app.review?.closedAt ? (app.review.reason ?? null) : null,
      facts: [
        ['client-id', app.id],
        ['platform', app.platform && `${app.platform.name}, ${app.platform.organizationName}`],
        ['owner', app.owner?.name ?? t('developer.nobody')],
        ['backup', app.backupOwner?.name ?? t('developer.nobody')],
        ['contract', app.contract === null ? null : `${app.contract.reference}, ${day(app.contract.endsAt)}`],
        ['attestation', day(app.attestationDueAt)],
        ['credential', credentialText(credentialFacts(app), t, locale)],
        ['in-force', app.live === null ? null : t('developer-app.revision', { number: app.live.number })],
        ['newest', t('developer-app.revision', { number: app.newest.number })],
      ].flatMap(([key, value]) => (value ? [{ label: t(`developer-app.${key}`), value }] : [])),
      steps: stepsOf(app),
      diff: app.live === null ? [] : await changesOf({ actor, app }, ctx),
      timeline: timeline.rows.map((entry) => ({
        at: longInstant(entry.at, locale),
        label: t(`developer.event.${entry.type}`),
        by: entry.by,
        note: noteOf(entry.detail, t),
      })),
      pager: pagerOf(ctx, timeline.next),
    };
    renderApp(deps, ctx, { app, tab: '', template: 'developer-app', view });
  });

  router.get('/developer/apps/:id/submit', async (ctx) => {
    const open = await openApp(deps, ctx);
    const { app } = open;
    const t = pages.translate(ctx);
    const view = {
      ...{ revisionId: app.newest.id, number: app.newest.number, isFirst: app.live === null },
      diff: await changesOf(open, ctx),
      faults: openFaults(app.id, app.faults, t),
      canSubmit: stepsOf(app).submit && app.faults.length === 0,
    };
    renderApp(deps, ctx, { app, tab: '', template: 'developer-submit', view });
  });

  router.post('/developer/apps/:id/submit', async (ctx) => {
    const revisionId = formBody(deps.forms, ctx).get('revisionId') ?? '';
    const { actor, app } = await openApp(deps, ctx);
    const submitted = await attempt(submitRevision(registry, actor, app.id, revisionId));
    // What is missing stands on the page before.
    if ('faults' in submitted) return seeOther(ctx, pathOf(app.id, 'submit'));
    seeOther(ctx, `${pathOf(app.id)}?done=submitted`);
  });

  router.post('/developer/apps/:id/withdraw', async (ctx) => {
    formBody(deps.forms, ctx);
    const { actor, app } = await openApp(deps, ctx);
    await withdrawSubmission(registry, actor, app.id);
    seeOther(ctx, `${pathOf(app.id)}?done=withdrawn`);
  });
}

/** What can be done next. */
function stepsOf({ environment, offboardedAt, review, live, newest, stoppedScopes }: AppRecord) {
  const inReview = review !== null && review.closedAt === null;
  // What is in force already is handed in again to have a recorded change looked at.
  const seen = review?.revisionId === newest.id || (live?.id === newest.id && stoppedScopes.length === 0);
  const alive = offboardedAt === null;
  return {
    toProduction: alive && environment === 'sandbox',
    submit: alive && environment === 'production' && !seen,
    withdraw: alive && inReview,
  };
}

/** What an event says beside its type: nothing that is secret or about a person's health is in it. */
function noteOf({ number, decision, reason, kid }: TimelineEntry['detail'], t: Translate): string | null {
  const texts = [
    typeof number === 'number' ? t('developer-app.revision', { number }) : null,
    typeof decision === 'string' ? t(`developer.decision.${decision}`) : null,
    typeof reason === 'string' ? reason : null,
    typeof kid === 'string' ? kid : null,
  ].filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join(': ');
}
