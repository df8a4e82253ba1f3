import type Router from '@koa/router';
import type { Context } from 'koa';
import { findAppFor } from '../registry/app-records.ts';
import { createApp, saveRevision } from '../registry/apps.ts';
import { LOGO_BYTES_MAX } from '../registry/logos.ts';
import type { Fault } from '../registry/refusal.ts';
import { listFhirBases } from '../registry/resource-servers.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { requireActor } from '../staff/guard.ts';
import { wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { seeOther } from '../web/see-other.ts';
import { type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import { contractOptions } from './contract-options.ts';
import type { DeveloperDeps } from './deps.ts';
import { logoIn, previewOf } from './preview.ts';
import { blankDraft, type Draft, draftOf, revisionInput, scopesIn } from './revision-draft.ts';
import { revisionForm } from './revision-form.ts';
import { tickedBoxes } from './scope-builder.ts';
import { builderLevel, withBuiltScopes } from './scope-builder-view.ts';
import { subprocessorChoices } from './subprocessor-choices.ts';

interface Shown {
  readonly draft: Draft;
  readonly faults?: readonly Fault[];
  readonly open?: OpenApp;
}

/** The form that describes an app: a new one, or the next revision of one that is there. */
export function revisionPages(router: Router, deps: DeveloperDeps): void {
  const { registry, pages } = deps;

  /** Shows the form again where nothing is to be saved yet; answers with the draft otherwise. */
  const drafted = async (ctx: Context, open?: OpenApp): Promise<Draft | undefined> => {
    const draft = formBody(deps.forms, ctx);
    const action = draft.get('action');
    if (action === 'save') return draft;
    if (action === 'remove-logo') draft.delete('logoId');
    await show(ctx, { draft: action === 'build' ? withBuiltScopes(draft) : draft, ...(open && { open }) });
    return undefined;
  };

  const show = async (ctx: Context, { draft, faults = [], open }: Shown): Promise<void> => {
    const t = pages.translate(ctx);
    const environment = open?.app.environment ?? environmentIn(draft.get('environment'));
    const [fhirBases, subprocessors, contracts] = await Promise.all([
      listFhirBases(registry, environment),
      subprocessorChoices(deps, ctx, draft),
      open === undefined && environment === 'production' ? contractOptions(deps, ctx) : undefined,
    ]);
    const view = {
      ...revisionForm(draft, { environment, fhirBases, faults, subprocessors, contracts }, t),
      preview: previewOf(deps, ctx, draft),
      environment,
      refresh: draft.has('refresh'),
      logo: { ...logoIn(draft), most: LOGO_BYTES_MAX },
      status: faults.length > 0 ? 422 : 200,
      action: open === undefined ? '/developer/apps/new' : pathOf(open.app.id, 'edit'),
    };
    const { status } = view;
    if (open !== undefined) {
      renderApp(deps, ctx, { app: open.app, tab: 'edit', template: 'developer-edit', view, status });
      return;
    }
    const crumbs = [{ label: t('developer.nav.apps'), href: '/developer' }];
    renderStaff(ctx, 'developer-new', view, { status, crumbs });
  };

  router.get('/developer/apps/new', async (ctx) => {
    const from = wordIn(ctx, 'from');
    const draft =
      from === undefined
        ? blankDraft()
        : draftOf((await findAppFor(registry, requireActor(ctx), from)).newest);
    draft.set('environment', environmentIn(wordIn(ctx, 'environment')));
    await show(ctx, { draft });
  });

  router.post('/developer/apps/new', async (ctx) => {
    const draft = await drafted(ctx);
    if (draft === undefined) return;
    const contractId = draft.get('contractId') || undefined;
    const environment = environmentIn(draft.get('environment'));
    const input = { environment, contractId, revision: revisionInput(draft) };
    const made = await attempt(createApp(registry, requireActor(ctx), input));
    if ('faults' in made) return show(ctx, { draft, faults: made.faults });
    seeOther(ctx, `${pathOf(made.result.appId)}?done=app-created`);
  });

  router.get('/developer/apps/:id/edit', async (ctx) => {
    const open = await openApp(deps, ctx);
    // A link to what stands between a revision and its review shows all of it at its fields.
    const faults = wordIn(ctx, 'check') === undefined ? [] : open.app.faults;
    await show(ctx, { draft: draftOf(open.app.newest), faults, open });
  });

  router.post('/developer/apps/:id/edit', async (ctx) => {
    const open = await openApp(deps, ctx);
    const draft = await drafted(ctx, open);
    if (draft === undefined) return;
    const saved = await attempt(saveRevision(registry, open.actor, open.app.id, revisionInput(draft)));
    if ('faults' in saved) return show(ctx, { draft, faults: saved.faults, open });
    seeOther(ctx, `${pathOf(open.app.id)}?done=revision-saved`);
  });

  router.post('/developer/preview', (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const draft = sent.get('action') === 'build' ? withBuiltScopes(sent) : sent;
    pages.renderPage(ctx, 'developer-preview', {
      scopes: scopesIn(draft),
      boxes: [...tickedBoxes(scopesIn(draft), builderLevel(draft))].join(' '),
      preview: previewOf(deps, ctx, draft),
    });
  });
}

const environmentIn = (given: string | null | undefined) =>
  given === 'production' ? ('production' as const) : ('sandbox' as const);
