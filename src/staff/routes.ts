import Router from '@koa/router';
import type { Context } from 'koa';
import { sendSignInOptions, verifySignIn } from '../passkeys/page-ceremony.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import { nobodyBut, staffOnly } from './admission.ts';
import { homeOf, type SignedInPerson } from './area.ts';
import type { StaffDeps } from './deps.ts';
import { firstPasskeyPath, firstPasskeyRoutes, needsFirstPasskey } from './passkey-first.ts';
import { returnPath } from './return-path.ts';

const asked = (ctx: Context): string => returnPath(ctx.query.next);
const withNext = (path: string, ctx: Context) => `${path}?${new URLSearchParams({ next: asked(ctx) })}`;

/** Sign-in, the passkey again, sign-out: the pages before and after those of portal and console. */
export function staffRoutes(deps: StaffDeps): Router {
  const { pages, forms, sessions } = deps;
  const router = new Router();

  const personOf = (ctx: Context) => sessions.actorOf(ctx, 'portal');
  const required = async (ctx: Context): Promise<SignedInPerson> => {
    const person = await personOf(ctx);
    if (person === undefined) throw new PageError(401, 'signed-out');
    return person;
  };
  const words = ({ name, organizationName: organization }: SignedInPerson) => ({ name, organization });

  router.get('/staff', async (ctx) => {
    const person = await personOf(ctx);
    if (person === undefined) return seeOther(ctx, '/staff/sign-in');
    const home = homeOf(person);
    if (home !== '/staff') return seeOther(ctx, home);
    pages.renderPage(ctx, 'staff-no-role', { ...words(person), signOutUrl: '/staff/sign-out' });
  });

  router.get('/staff/sign-in', async (ctx) => {
    if ((await personOf(ctx)) !== undefined) return seeOther(ctx, asked(ctx));
    pages.renderPage(ctx, 'staff-sign-in', {
      ended: sessions.isKnown(ctx),
      optionsUrl: '/staff/passkey/options',
      verifyUrl: withNext('/staff/passkey', ctx),
      organizationUrl: withNext('/staff/sign-in/organization', ctx),
      myAppsUrl: '/my',
    });
  });

  router.post('/staff/passkey/options', (ctx) => sendSignInOptions(deps, ctx));

  router.post('/staff/passkey', async (ctx) => {
    const { who } = await verifySignIn(deps, ctx, staffOnly);
    await sessions.begin(ctx, who);
    ctx.body = { next: asked(ctx) };
  });

  router.get('/staff/verify', async (ctx) => {
    const person = await personOf(ctx);
    if (person === undefined) return seeOther(ctx, withNext('/staff/sign-in', ctx));
    if (await needsFirstPasskey(deps, person)) return seeOther(ctx, firstPasskeyPath(asked(ctx)));
    pages.renderPage(ctx, 'staff-verify', {
      ...words(person),
      optionsUrl: '/staff/passkey/options',
      verifyUrl: withNext('/staff/verify', ctx),
      backUrl: homeOf(person),
    });
  });

  router.post('/staff/verify', async (ctx) => {
    forms.assertForm(ctx);
    const { personId } = await required(ctx);
    await verifySignIn(deps, ctx, nobodyBut(personId));
    await sessions.freshen(ctx, personId);
    ctx.body = { next: asked(ctx) };
  });

  firstPasskeyRoutes(router, deps);

  router.get('/staff/enrolled', async (ctx) => {
    const person = await personOf(ctx);
    if (person === undefined) return seeOther(ctx, '/staff/sign-in');
    pages.renderPage(ctx, 'staff-enrolled', { ...words(person), homeUrl: homeOf(person) });
  });

  router.post('/staff/sign-out', async (ctx) => {
    forms.assertForm(ctx);
    await sessions.end(ctx);
    seeOther(ctx, '/staff/signed-out');
  });

  router.get('/staff/signed-out', (ctx) =>
    pages.renderPage(ctx, 'staff-signed-out', { signInUrl: '/staff/sign-in' }),
  );

  return router;
}
