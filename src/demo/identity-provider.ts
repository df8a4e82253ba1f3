// The demo's identity provider, in place of ID.me, CLEAR or Login.gov: a real OpenID provider on an origin of its own.
// Nobody shows any paper here: one chooses who to be, and how surely that was proved.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bodyParser } from '@koa/bodyparser';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Context, Middleware } from 'koa';
import Provider from 'oidc-provider';
import { levelAcrValues } from '../policy/identity-assurance.ts';
import { seeOther } from '../web/see-other.ts';
import { createTemplates } from '../web/templates.ts';
import { memoryAdapter } from './identity-adapter.ts';
import { demoIdentities } from './identity-people.ts';
import { DEMO_IDENTITY_CLIENT } from './identity-registration.ts';

export interface IdentityProviderOptions {
  /** Its own. */
  readonly issuer: string;
  /** The public keys of the one party that asks it. */
  readonly keys: readonly JWK[];
  readonly redirectUri: string;
}

const views = fileURLToPath(new URL('../../views/demo', import.meta.url));
const INTERACTION = /^\/interaction\/([\w-]+)$/;

export async function createIdentityProvider(options: IdentityProviderOptions): Promise<Provider> {
  const { issuer, keys, redirectUri } = options;
  const adapter = memoryAdapter();
  const client = {
    client_id: DEMO_IDENTITY_CLIENT,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
    jwks: { keys },
    redirect_uris: [redirectUri],
  };
  await adapter('Client').upsert(DEMO_IDENTITY_CLIENT, client as never, 0);
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    adapter,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'demo', alg: 'RS256', use: 'sig' } as never] },
    // Cookies know no ports: those of Postern on the same machine keep their names.
    cookies: {
      keys: [issuer],
      names: { session: 'demo-id-session', interaction: 'demo-id-step', resume: 'demo-id-resume' },
    },
    scopes: ['openid', 'profile', 'address'],
    claims: {
      openid: ['sub'],
      profile: ['given_name', 'family_name', 'birthdate'],
      address: ['address'],
      acr: null,
    },
    acrValues: [...levelAcrValues],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    // Whoever chose whom to be has agreed that Postern hears it.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        accountId: String(oidc.session?.accountId),
        clientId: String(oidc.client?.clientId),
      });
      grant.addOIDCScope('openid profile address');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 60,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 300,
      Interaction: 1_800,
      Session: 600,
    },
    findAccount: async (_ctx, subject) => {
      const person = demoIdentities.find((one) => one.subject === subject);
      if (person === undefined) return undefined;
      const { givenName, familyName, birthDate, postalCode } = person;
      const claims = { given_name: givenName, family_name: familyName, birthdate: birthDate };
      return {
        accountId: subject,
        claims: async () => ({ sub: subject, ...claims, address: { postal_code: postalCode } }),
      };
    },
  });
  provider.use(choosing(provider, redirectUri));
  return provider;
}

/** The page where one chooses, and its form. */
function choosing(provider: Provider, redirectUri: string): Middleware {
  const templates = createTemplates(views);
  const style = readFileSync(join(views, 'assets', 'ehr.css'));
  const parse = bodyParser({ enableTypes: ['form'] });
  return async (ctx, next) => {
    if (ctx.path === '/identity.css') {
      ctx.type = 'text/css; charset=utf-8';
      ctx.body = style;
      return;
    }
    // One is sent here by Postern; who opens its address alone is shown where that begins.
    if (ctx.path === '/') return seeOther(ctx, new URL('/my', redirectUri).href);
    // Every check begins anew: in one browser somebody else may be chosen the next time.
    if (ctx.path === '/auth') delete ctx.req.headers.cookie;
    const uid = INTERACTION.exec(ctx.path)?.[1];
    if (uid === undefined) return next();
    ctx.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    if (ctx.method === 'POST') return parse(ctx, () => choose(provider, ctx));
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = templates.render('identity', { people: demoIdentities, action: ctx.path });
  };
}

const FAULTS: Readonly<Record<string, string>> = {
  deny: 'access_denied',
  fail: 'server_error',
};

async function choose(provider: Provider, ctx: Context): Promise<void> {
  const { as = '' } = (ctx.request.body ?? {}) as Record<string, string>;
  const [subject = '', level = ''] = as.split(' ');
  const error = FAULTS[subject];
  const acr = levelAcrValues[Number(level) - 1];
  if (error === undefined && acr === undefined) return ctx.throw(400);
  const result =
    error === undefined
      ? { login: { accountId: subject, acr: acr as string, remember: false } }
      : { error, error_description: 'as was chosen in the demo' };
  seeOther(ctx, await provider.interactionResult(ctx.req, ctx.res, result));
}
