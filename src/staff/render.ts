import type { Context } from 'koa';
import { areas, mayEnter } from './area.ts';
import { staffState } from './state.ts';

export interface Crumb {
  readonly label: string;
  readonly href: string;
}

export interface ShellOptions {
  readonly status?: number;
  /** The pages above this one, the topmost first. */
  readonly crumbs?: readonly Crumb[];
}

/**
 * Answers with views/<template>.eta, which begins with `layout('staff-layout', { title })`: `it.view` is the view, with
 * the shell of this request beside it.
 */
export function renderStaff(ctx: Context, template: string, view: object, options: ShellOptions = {}): void {
  const { deps, area, person } = staffState(ctx);
  const t = deps.pages.translate(ctx);
  // Who may not enter sees where she may, and no way further in.
  const sections = mayEnter(area.roles, person.roles) ? area.sections : [];
  const seen = sections.filter(({ roles }) => roles === undefined || mayEnter(roles, person.roles));
  const within = (href: string) => ctx.path === href || ctx.path.startsWith(`${href}/`);
  const nearest = Math.max(...seen.map(({ href }) => (within(href) ? href.length : 0)));
  const done = area.done.find((key) => ctx.method === 'GET' && key === ctx.query.done);
  const shell = {
    name: person.name,
    organization: person.organizationName,
    areas: areas
      .filter(({ roles }) => mayEnter(roles, person.roles))
      .map(({ via, home }) => ({ href: home, label: t(`staff.area.${via}`), current: via === area.via })),
    groups: [...new Set(seen.map(({ group }) => group))].map((group) => ({
      label: group === undefined ? null : t(group),
      sections: seen
        .filter((section) => section.group === group)
        .map(({ label, href }) => ({
          href,
          label: t(label),
          current: within(href) && href.length === nearest,
        })),
    })),
    crumbs: options.crumbs ?? [],
    done: done === undefined ? null : t(`${area.via}.done.${done}`),
    signOutUrl: '/staff/sign-out',
  };
  deps.pages.renderPage(ctx, template, { ...view, shell }, options.status);
}
