// A confidential OpenID Connect client that only signs people in: its record, its request, and what it does with a code.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { hashSecret } from '../../src/store/secrets.ts';
import { post } from './backend-client.ts';
import { registerApp } from './registrations.ts';
import { basic, type World } from './world.ts';

export interface LoginClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

export async function registerLoginClient(
  world: World,
  changes: Parameters<typeof registerApp>[2] = {},
): Promise<LoginClient> {
  const secret = randomBytes(24).toString('base64url');
  const redirectUri = 'https://portal.example/callback';
  const id = await registerApp(world, world.clientId, {
    profile: 'oidc',
    name: 'Care Portal',
    redirectUris: [redirectUri],
    postLogoutRedirectUris: ['https://portal.example/bye'],
    origins: [],
    grantTypes: ['authorization_code'],
    authMethod: 'client_secret_basic',
    secretHash: await hashSecret(secret),
    audiences: [],
    scopeCeiling: 'openid profile',
    ...changes,
  });
  return { id, secret, redirectUri };
}

/** A request as plain OpenID Connect clients send it: no aud, no PKCE. `changes` replaces, undefined leaves one out. */
export function loginRequest(
  world: World,
  client: LoginClient,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: 'openid profile',
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    ...changes,
  };
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return `${world.issuer}/authorize?${new URLSearchParams(given)}`;
}

/** Redeems the code of a callback with client_secret_basic. */
export function redeemLogin(world: World, client: LoginClient, callback: URL): Promise<Response> {
  const parameters = {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUri,
  };
  return post(`${world.issuer}/token`, parameters, { authorization: basic(client.id, client.secret) });
}

export interface Login {
  readonly callback: URL;
  readonly tokens: Readonly<Record<string, string>>;
  readonly accessToken: string;
  readonly idToken: string;
  readonly claims: JWTPayload;
}

/** The tokens behind a callback, with the id_token verified as an honest client does (OpenID Connect Core §3.1.3.7). */
export async function loginOf(world: World, client: LoginClient, callback: URL): Promise<Login> {
  const response = await redeemLogin(world, client, callback);
  const tokens = (await response.json()) as Record<string, string>;
  if (!response.ok) throw new Error(`the code was refused: ${callback} ${JSON.stringify(tokens)}`);
  const { access_token: accessToken = '', id_token: idToken = '' } = tokens;
  const keys = createRemoteJWKSet(new URL(`${world.issuer}/jwks`));
  const expected = { issuer: world.issuer, audience: client.id, algorithms: ['RS256'] };
  const { payload: claims } = await jwtVerify(idToken, keys, expected);
  return { callback, tokens, accessToken, idToken, claims };
}

export function userinfo(world: World, token: string): Promise<Response> {
  return fetch(`${world.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
}
