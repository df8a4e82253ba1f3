import type { Context } from 'koa';
import { type AppRecord, findAppFor } from '../registry/app-records.ts';
import type { SignedInPerson } from '../staff/area.ts';
import { requireActor } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { logoUrlOf } from '../web/logo-url.ts';
import type { DeveloperDeps } from './deps.ts';

export const pathOf = (appId: string, page = ''): string =>
  `/developer/apps/${encodeURIComponent(appId)}${page === '' ? '' : `/${page}`}`;

export const nameOf = ({ live, newest }: Pick<AppRecord, 'live' | 'newest'>): string => (live ?? newest).name;

export interface OpenApp {
  readonly actor: SignedInPerson;
  readonly app: AppRecord;
}

/** The app that the address names: one of the own organization, or none. */
export async function openApp({ registry }: DeveloperDeps, ctx: Context): Promise<OpenApp> {
  const actor = requireActor(ctx);
  const { id } = ctx.params as { id: string };
  return { actor, app: await findAppFor(registry, actor, id) };
}

const TABS = ['', 'edit', 'keys', 'refusals', 'test-key', 'quick-start', 'changes', 'people'] as const;
export type Tab = (typeof TABS)[number];

/** A page of an app, with the links to its others. */
export function renderApp(
  deps: DeveloperDeps,
  ctx: Context,
  { app, tab, ...page }: { app: AppRecord; tab: Tab; template: string; view: object; status?: number },
): void {
  const t = deps.pages.translate(ctx);
  const shown = {
    id: app.id,
    name: nameOf(app),
    environment: t(`developer.environment.${app.environment}`),
    path: pathOf(app.id),
    logoUrl: logoUrlOf((app.live ?? app.newest).logoId),
    tabs: TABS.map((one) => ({
      href: pathOf(app.id, one),
      label: t(`developer.tab.${one || 'overview'}`),
      current: one === tab,
    })),
  };
  const crumbs = [{ label: t('developer.nav.apps'), href: '/developer' }];
  if (tab !== '') crumbs.push({ label: shown.name, href: shown.path });
  renderStaff(ctx, page.template, { ...page.view, app: shown }, { status: page.status ?? 200, crumbs });
}
