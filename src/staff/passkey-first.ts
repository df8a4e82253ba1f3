import type Router from '@koa/router';
import type { Context } from 'koa';
import { browserHash, verifyNewPasskey } from '../passkeys/page-ceremony.ts';
import { registrationOptions } from '../passkeys/registration.ts';
import { isOversight } from '../policy/permissions.ts';
import { announce } from '../registry/notices.ts';
import { findPersonRow } from '../store/people.ts';
import { addFirstPasskey, findStaffHolder, hasStaffPasskey } from '../store/staff-passkeys.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import type { SignedInPerson } from './area.ts';
import type { StaffDeps } from './deps.ts';
import { returnPath } from './return-path.ts';

const PATH = '/staff/passkey/first';
/** How long ago she may have signed in at her organization. */
const FRESH_MS = 15 * 60_000;

export const firstPasskeyPath = (next: string): string => `${PATH}?${new URLSearchParams({ next })}`;

/** Whether she came without a passkey and has none to show. */
export const needsFirstPasskey = async ({ store }: StaffDeps, person: SignedInPerson): Promise<boolean> =>
  person.providerId !== null && !(await hasStaffPasskey(store.prisma, person.personId));

/** Who signed in at her organization makes the passkey that serious steps ask for: her first, soon after the sign-in. */
export function firstPasskeyRoutes(router: Router, deps: StaffDeps): void {
  const { store, pages, forms, sessions, relyingParty } = deps;

  const entitled = async (ctx: Context): Promise<SignedInPerson> => {
    const person = await sessions.actorOf(ctx, 'portal');
    if (person === undefined) throw new PageError(401, 'signed-out');
    if (!(await needsFirstPasskey(deps, person))) throw new PageError(403, 'staff-forbidden');
    if (Date.now() - person.beganAt.getTime() > FRESH_MS) throw new PageError(403, 'staff-provider-again');
    // Her session leaves out roles that the provider does not speak for: a passkey would open them.
    const held = (await findPersonRow(store.prisma, person.personId))?.roles ?? [];
    if (held.some((role) => isOversight(role) && !person.roles.includes(role)))
      throw new PageError(403, 'staff-forbidden');
    return person;
  };

  router.get(PATH, async (ctx) => {
    const next = returnPath(ctx.query.next);
    const person = await sessions.actorOf(ctx, 'portal');
    if (person === undefined) return seeOther(ctx, `/staff/sign-in?${new URLSearchParams({ next })}`);
    if (!(await needsFirstPasskey(deps, person))) return seeOther(ctx, next);
    const { name } = await entitled(ctx);
    const verifyUrl = `${PATH}?${new URLSearchParams({ next })}`;
    pages.renderPage(ctx, 'staff-passkey', {
      name,
      optionsUrl: `${PATH}/options`,
      verifyUrl,
      backUrl: '/staff',
    });
  });

  router.post(`${PATH}/options`, async (ctx) => {
    forms.assertForm(ctx);
    const { personId } = await entitled(ctx);
    ctx.set('Cache-Control', 'no-store');
    const known = await findStaffHolder(store, personId);
    ctx.body = await registrationOptions(store, relyingParty, known, browserHash(deps, ctx));
  });

  router.post(PATH, async (ctx) => {
    forms.assertForm(ctx);
    const { personId, name, organizationId, providerId } = await entitled(ctx);
    const known = await findStaffHolder(store, personId);
    const passkey = await verifyNewPasskey(deps, ctx, known);
    await store.prisma.$transaction(async (tx) => {
      if (!(await addFirstPasskey(tx, known, passkey, providerId, requestId())))
        throw new PageError(400, 'passkey-refused');
      // Whoever speaks for her mail address could have made it: she and her organization hear of it.
      const values = { person: name };
      await announce(tx, { type: 'person.passkey_added', organizationId, values, also: [personId] });
    });
    await sessions.freshen(ctx, personId);
    ctx.body = { next: returnPath(ctx.query.next) };
  });
}
