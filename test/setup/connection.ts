// A patient has connected the demo app: the request, where the browser ended, and the tokens.
import { type AuthorizationRequest, authorizationRequest, tokenRequest } from './app-client.ts';
import type { Consent, TestBrowser } from './browser.ts';
import type { World } from './world.ts';

export interface Connection {
  readonly request: AuthorizationRequest;
  readonly callback: URL;
  readonly tokens: Readonly<Record<string, string>>;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export async function connect(
  world: World,
  patient: TestBrowser,
  changes: Readonly<Record<string, string | undefined>> = {},
  consent: Consent = {},
): Promise<Connection> {
  const request = authorizationRequest(world, changes);
  const callback = await patient.authorize(request.url, consent);
  const response = await tokenRequest(world, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    client_id: changes.client_id ?? world.clientId,
    code_verifier: request.verifier,
  });
  const tokens = (await response.json()) as Record<string, string>;
  if (!response.ok) throw new Error(`the code was refused: ${JSON.stringify(tokens)}`);
  const { access_token: accessToken = '', refresh_token: refreshToken = '' } = tokens;
  return { request, callback, tokens, accessToken, refreshToken };
}

/** The status and the OAuth error of an answer, for comparing at once. */
export async function refusalOf(response: Response): Promise<[number, unknown]> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  return [response.status, body.error];
}

/** What the app hears at its redirect URI (RFC 6749 §4.1.2.1). */
export function errorIn(callback: URL): string | null {
  return callback.searchParams.get('error');
}

/** The reasons that the audit holds for one type of event, oldest first. */
export async function reasonsOf(world: World, type: string): Promise<(string | null)[]> {
  const events = await world.store.prisma.auditEvent.findMany({ where: { type }, orderBy: { id: 'asc' } });
  return events.map(({ reason }) => reason);
}
