// Staff sign in at the OpenID provider of their organization: code flow, PKCE, nonce, `iss` (RFC 9207), each provider with a
// redirect URI of its own. A provider speaks for the people of its organization alone; nobody is made by it, and no role.
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import type { Context } from 'koa';
import { browserHash } from '../passkeys/page-ceremony.ts';
import { domainOfAddress } from '../policy/staff-identity.ts';
import { returnPath } from '../staff/return-path.ts';
import { sha256Hex } from '../store/hash.ts';
import { insertDeparture, takeDeparture } from '../store/staff-identities.ts';
import { findProviderOfDomain, findSealedProvider } from '../store/staff-providers.ts';
import { countTry } from '../store/try-counts.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import { textField } from '../web/text-field.ts';
import type { StaffTrustDeps } from './deps.ts';
import { recordStaffRefusal, staffOf } from './staff-admission.ts';
import { settingsOf, staffCallbackUrl } from './staff-provider.ts';
import { UpstreamFault } from './upstream-fault.ts';

const PATH = '/staff/sign-in/organization';
/** In an hour, from one network: a company behind one address comes to work in the morning. */
const DEPARTURES_MAX = 600;
const random = () => randomBytes(32).toString('base64url');
const withNext = (path: string, ctx: Context) =>
  `${path}?${new URLSearchParams({ next: returnPath(ctx.query.next) })}`;

export function staffSignInRoutes(deps: StaffTrustDeps): Router {
  const { store, issuer, pages, forms, upstream, staffSessions, log } = deps;
  const router = new Router();

  const show = (ctx: Context, view: object, status = 200) => {
    const urls = { action: withNext(PATH, ctx), signInUrl: withNext('/staff/sign-in', ctx) };
    pages.renderPage(
      ctx,
      'staff-organization',
      { email: '', fault: false, found: null, ...urls, ...view },
      status,
    );
  };

  const stopped = (ctx: Context, why: string, name: string, status: number, next = '/staff') => {
    const againUrl = `${PATH}?${new URLSearchParams({ next })}`;
    pages.renderPage(
      ctx,
      'staff-provider-stopped',
      { why, name, againUrl, signInUrl: '/staff/sign-in' },
      status,
    );
  };

  router.get(PATH, (ctx) => show(ctx, {}));

  /** RFC 6585 §4: each asks a provider and leaves a row. */
  const counted = async (ctx: Context) => {
    const tries = await countTry(store, `staff departure ${sha256Hex(deps.networkOf(ctx.req))}`);
    if (tries <= DEPARTURES_MAX) return;
    ctx.set('Retry-After', '3600');
    throw new PageError(429, 'too-many');
  };

  // Which organizations sign in so is no secret; whether a person exists is never told here. A sign-in begins by this form
  // alone: a link of somebody else's would make her who that one is there. From the page a link leads on, since form-action
  // (CSP3 §6.4.1) would bind every host that the provider redirects to.
  router.post(PATH, async (ctx) => {
    forms.assertForm(ctx);
    await counted(ctx);
    const email = textField(ctx, 'email').trim().slice(0, 254);
    const named = await findProviderOfDomain(store, domainOfAddress(email));
    if (!email.includes('@') || named === undefined) return show(ctx, { email, fault: true }, 422);
    const provider = await live(named.id);
    const secrets = { state: random(), nonce: random(), codeVerifier: random() };
    const next = returnPath(ctx.query.next);
    const asked = { redirectUri: staffCallbackUrl(issuer, provider.id), locale: pages.localeOf(ctx) };
    try {
      const url = await upstream.authorizationUrl(settingsOf(provider), secrets, asked);
      const sent = { browserHash: browserHash(deps, ctx), providerId: provider.id, next };
      await insertDeparture(store, { ...sent, ...secrets });
      const { host } = new URL(provider.issuer);
      show(ctx, { email, found: { name: provider.organizationName, host, url: url.href } });
    } catch (error) {
      if (!(error instanceof UpstreamFault)) throw error;
      log.warn({ provider: provider.id, code: error.code }, "an organization's provider cannot be used");
      stopped(ctx, 'unavailable', provider.organizationName, 503, next);
    }
  });

  const live = async (id: string) => {
    const provider = await findSealedProvider(store, deps.sealKey, id);
    if (provider === undefined) throw new PageError(404, 'not-found');
    return provider;
  };

  router.get('/staff/sign-in/callback/:provider', async (ctx) => {
    const provider = await live(String(ctx.params.provider));
    const { state } = ctx.query;
    const known = deps.browser.presentedId(ctx) !== undefined && typeof state === 'string';
    const answer = { state: String(state), browserHash: browserHash(deps, ctx), providerId: provider.id };
    const departure = known ? await takeDeparture(store, answer) : undefined;
    if (departure === undefined) throw new PageError(410, 'staff-departure-ended');
    const { next, ...secrets } = departure;
    const callback = new URL(staffCallbackUrl(issuer, provider.id));
    callback.search = ctx.querystring;
    try {
      const sent = { state: answer.state, ...secrets };
      const identity = await upstream.identify(settingsOf(provider), callback, sent);
      const admitted = await staffOf(deps, provider, identity);
      if ('fault' in admitted) return stopped(ctx, 'not-you', provider.organizationName, 403, next);
      await staffSessions.begin(ctx, admitted.personId, provider.id);
      seeOther(ctx, next);
    } catch (error) {
      if (!(error instanceof UpstreamFault)) throw error;
      log.warn(
        { provider: provider.id, code: error.code },
        "the answer of an organization's provider is refused",
      );
      await recordStaffRefusal(deps, provider, error.code);
      const status = { declined: 403, unavailable: 503, refused: 400 }[error.kind];
      stopped(ctx, error.kind, provider.organizationName, status, next);
    }
  });

  return router;
}
