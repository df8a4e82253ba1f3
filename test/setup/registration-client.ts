// A client that registers itself (RFC 7591) with the initial access token that its organization was given.
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { commandLine } from '../../src/policy/permissions.ts';
import { createInitialAccessToken } from '../../src/registry/initial-access-tokens.ts';
import { registryDeps } from './registry-deps.ts';
import { backend, revision } from './sample-revision.ts';
import { fhirBaseOf, type Vendor } from './vendor.ts';
import type { World } from './world.ts';

type Environment = 'sandbox' | 'production';
type Members = Record<string, unknown>;

export async function initialToken(
  world: World,
  { id: organizationId, ownerId }: Vendor,
  { environment = 'sandbox', uses = 1_000 }: { environment?: Environment; uses?: number } = {},
): Promise<string> {
  const input = { organizationId, ownerId, environment, uses };
  return (await createInitialAccessToken(registryDeps(world), commandLine, input)).token;
}

/** What an app of people says of itself; an empty change leaves a member out. */
export async function clientMetadata(
  world: World,
  changes: Members = {},
  environment: Environment = 'sandbox',
): Promise<Members> {
  return {
    client_name: revision.name,
    client_uri: revision.websiteUrl,
    policy_uri: revision.policyUrl,
    redirect_uris: revision.redirectUris,
    grant_types: revision.grantTypes,
    token_endpoint_auth_method: revision.authMethod,
    scope: revision.scopeCeiling,
    purpose_statement: revision.purposeStatement,
    purposes_of_use: revision.purposes,
    audiences: [await fhirBaseOf(world, environment)],
    max_consent_days: revision.maxConsentDays,
    use_case: revision.useCase,
    data_use: revision.dataUse,
    ...changes,
  };
}

/** What a backend service says of itself. */
export async function backendMetadata(world: World, changes: Members = {}): Promise<Members> {
  return clientMetadata(world, {
    ...{ client_name: backend.name, redirect_uris: undefined, max_consent_days: undefined },
    ...{ grant_types: backend.grantTypes, token_endpoint_auth_method: backend.authMethod },
    ...{ scope: backend.scopeCeiling, purposes_of_use: backend.purposes, use_case: backend.useCase },
    ...changes,
  });
}

/** A public key that no app has yet. */
export async function freshKey(): Promise<JWK> {
  const { publicKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: 'ES384', use: 'sig' };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Members;
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const bearing = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

export async function registerClient(world: World, token: string | undefined, body: unknown) {
  const headers = { 'content-type': 'application/json', ...bearing(token) };
  const request = { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
  return answered(await fetch(`${world.issuer}/register`, request));
}

/** RFC 7592, with the address and the token that the registration answered with. */
export async function manage(
  method: 'GET' | 'PUT' | 'DELETE',
  { registration_client_uri: uri, registration_access_token: token }: Members,
  body?: unknown,
): Promise<Answered> {
  const headers = { 'content-type': 'application/json', ...bearing(String(token)) };
  return answered(
    await fetch(String(uri), {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}

/** The error and each fault, as `member code`. */
export function faultsIn({ body }: Answered): string[] {
  const faults = (body.faults ?? []) as readonly { readonly field: string; readonly code: string }[];
  return [String(body.error), ...faults.map(({ field, code }) => `${field} ${code}`)];
}
