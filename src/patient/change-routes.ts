import Router from '@koa/router';
import type { Context } from 'koa';
import { amendableChoices, keepsBack, planAmendment } from '../policy/amendment.ts';
import { REFRESH_IDLE_S } from '../provider/tokens.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { amendConsents } from '../store/consent-changes.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { textField, textFields } from '../web/text-field.ts';
import { type Amendable, amendable } from './amendable.ts';
import { type ChangeProblem, changedView, changeView, reviewView } from './change-view.ts';
import type { PatientDeps } from './deps.ts';
import { verifyUrl } from './own-path.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';

const PATHS = ['/my/apps/:appId/change', '/my/apps/:appId/patients/:patientId/change'];

/** Narrowing, widening, shortening and extending what is shared, without being asked by the app. */
export function changeRoutes(deps: PatientDeps): Router {
  const { pages, forms } = deps;
  const router = new Router();

  router.get(PATHS, async (ctx) => {
    const person = await patientOrSignIn(deps, ctx);
    if (person !== undefined) renderForm(deps, ctx, await amendable(deps, ctx, person));
  });

  router.post(PATHS, async (ctx) => {
    const person = await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    const now = await amendable(deps, ctx, person);
    if (textField(ctx, 'basis') !== now.basis) throw new PageError(409, 'changed-meanwhile');
    const choiceIds = new Set(textFields(ctx, 'choice'));
    const duration = textField(ctx, 'duration');
    const submitted = (problem: ChangeProblem | null) => ({ choiceIds, duration, problem });
    const step = textField(ctx, 'step');
    if (step === 'edit') return renderForm(deps, ctx, now, submitted(null));
    if (choiceIds.size === 0) return renderForm(deps, ctx, now, submitted('nothing-chosen'));
    const chosen = now.durations.find(({ id }) => id === duration);
    if (chosen === undefined) return renderForm(deps, ctx, now, submitted('no-duration'));
    const until = chosen.id === 'keep' ? null : chosen.endsAt;
    const { consents, limits, isWatched } = now;
    // What only a fresh sign-in offers is understood, so that she is led to it.
    const plan = planAmendment(consents, { ...limits, maySensitive: !isWatched }, { choiceIds, until });
    if (plan === undefined) throw new PageError(400, 'bad-request');
    if (plan.amendments.length === 0) return renderForm(deps, ctx, now, submitted('no-change'));
    if (plan.added.some(({ sensitive }) => sensitive) && !limits.maySensitive) {
      await requireFresh(deps, ctx, now.page.actionUrl);
      return;
    }
    const shown = { ...now.page, plan, submitted: { choiceIds, duration }, basis: now.basis };
    if (step !== 'confirm')
      return pages.renderPage(
        ctx,
        'change-review',
        reviewView(shown, pages.translate(ctx), pages.localeOf(ctx)),
      );
    await confirm(deps, ctx, now, plan);
  });

  return router;
}

async function confirm(
  { store, pages }: PatientDeps,
  ctx: Context,
  { person, about, page }: Amendable,
  { amendments, until }: NonNullable<ReturnType<typeof planAmendment>>,
): Promise<void> {
  const locale = pages.localeOf(ctx);
  const by = about.patientId === person.id ? 'patient' : 'representative';
  const changed = await store.prisma.$transaction(async (tx) => {
    const terms = { by, accountId: person.id, locale, refreshIdleSeconds: REFRESH_IDLE_S } as const;
    const made = await amendConsents(tx, store, { ...terms, amendments, requestId: requestId() });
    if (made === undefined) return undefined;
    const values = {
      ...{ app: page.appName, receipt: String(made.eventIds[0]) },
      endsOn: until.after.toISOString().slice(0, 10),
    };
    for (const patientId of new Set([about.patientId, person.id]))
      await tellPatient(tx, { type: 'patient.app_changed', patientId, values });
    return made;
  });
  // Another window was first.
  if (changed === undefined) throw new PageError(409, 'changed-meanwhile');
  const receiptIds = changed.eventIds.map(String);
  const facts = { ...page, changedAt: changed.at, receiptIds, until: until.after };
  pages.renderPage(ctx, 'changed', changedView(facts, pages.translate(ctx), locale));
}

function renderForm(
  { pages }: PatientDeps,
  ctx: Context,
  { consents, limits, isWatched, durations, page, basis }: Amendable,
  submitted?: {
    readonly choiceIds: ReadonlySet<string>;
    readonly duration: string;
    readonly problem: ChangeProblem | null;
  },
): void {
  const facts = {
    ...page,
    ...{ durations, basis },
    choices: amendableChoices(consents, limits),
    paused: consents.every(({ pausedAt }) => pausedAt !== null),
    onlyLess: !limits.mayGrow || consents.every(({ own }) => !own),
    freshUrl: !isWatched && keepsBack(consents, limits) ? verifyUrl(page.actionUrl) : null,
    stopUrl: page.actionUrl.replace(/change(\?.*)?$/, 'stop'),
    ...(submitted && { submitted }),
  };
  const view = changeView(facts, pages.translate(ctx), pages.localeOf(ctx));
  pages.renderPage(ctx, 'change-sharing', view, submitted?.problem ? 422 : 200);
}
