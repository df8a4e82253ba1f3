// The demo app's own half of the code flow: builds the request, redeems the code, refreshes, reads.
import { createHash, randomBytes } from 'node:crypto';
import type { World } from './world.ts';

export interface AuthorizationRequest {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

export const ASKED =
  'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs';

/** An authorization request of the demo app; `changes` replaces parameters, undefined leaves one out. */
export function authorizationRequest(
  world: World,
  changes: Readonly<Record<string, string | undefined>> = {},
): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const redirectUri = changes.redirect_uri ?? `${world.appOrigin}/app`;
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: world.clientId,
    redirect_uri: redirectUri,
    scope: ASKED,
    state,
    aud: world.fhirBase,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { url: `${world.issuer}/authorize?${new URLSearchParams(given)}`, state, verifier, redirectUri };
}

export function tokenRequest(world: World, parameters: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${world.issuer}/token`, { method: 'POST', body: new URLSearchParams({ ...parameters }) });
}

export function redeem(
  world: World,
  request: AuthorizationRequest,
  callback: URL,
  verifier = request.verifier,
) {
  return tokenRequest(world, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: world.clientId,
    code_verifier: verifier,
  });
}

export function refresh(world: World, refreshToken: string, more: Readonly<Record<string, string>> = {}) {
  const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: world.clientId };
  return tokenRequest(world, { ...parameters, ...more });
}

export function readFhir(world: World, token: string, path: string): Promise<Response> {
  return fetch(`${world.fhirBase}/${path}`, { headers: { authorization: `Bearer ${token}` } });
}
