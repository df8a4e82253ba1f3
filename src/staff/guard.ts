import type { Context, Middleware } from 'koa';
import type { Role } from '../policy/permissions.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import { mayEnter, type SignedInPerson, type StaffArea } from './area.ts';
import type { StaffDeps } from './deps.ts';
import { showRefusal } from './refusal-page.ts';
import { returnPath } from './return-path.ts';
import { type StaffState, staffState } from './state.ts';

/** Another page comes first: thrown from anywhere in a request. */
class Detour extends Error {
  readonly to: string;

  constructor(to: string) {
    super(to);
    this.to = to;
  }
}

/**
 * Stands before every page of an area (`router.use(staffArea(deps, area))`): without a session the sign-in page answers,
 * without a role of the area a refusal; refusals of the pages, and of the registry, are shown in the shell.
 */
export function staffArea(deps: StaffDeps, area: StaffArea): Middleware {
  return async (ctx, next) => {
    const person = await deps.sessions.actorOf(ctx, area.via);
    if (person === undefined) return askToSignIn(ctx, area);
    ctx.state.staff = { deps, area, person } satisfies StaffState;
    try {
      requireRole(person, area.roles);
      await next();
    } catch (error) {
      if (!(error instanceof Detour)) return showRefusal(ctx, error);
      seeOther(ctx, error.to);
    }
  };
}

function askToSignIn(ctx: Context, area: StaffArea): void {
  if (ctx.accepts('html', 'json') === 'json') throw new PageError(401, 'signed-out');
  const next = ctx.method === 'GET' ? ctx.url : (area.sections[0]?.href ?? '/staff');
  seeOther(ctx, `/staff/sign-in?${new URLSearchParams({ next })}`);
}

/** Who asks. */
export const requireActor = (ctx: Context): SignedInPerson => staffState(ctx).person;

/** Refuses with a page unless she holds one of the roles. */
export function requireRole(actor: Pick<SignedInPerson, 'roles'>, roles: readonly Role[]): void {
  if (!mayEnter(roles, actor.roles)) throw new PageError(403, 'staff-role');
}

/**
 * Asks for the passkey again unless it was shown in the last minutes. After that she comes to `next`, which is read by a
 * GET: the page itself, or for a form that was posted the page that holds it; nothing of the form is kept.
 */
export function requireFresh(ctx: Context, minutes: number, next = ctx.url): void {
  const { person } = staffState(ctx);
  if (Date.now() - person.verifiedAt.getTime() <= minutes * 60_000) return;
  throw new Detour(`/staff/verify?${new URLSearchParams({ next: returnPath(next) })}`);
}
