// A resource server with key pairs, honest or not, that asks with private_key_jwt (RFC 7523 §2.2).
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { changeResourceServer } from '../../src/registry/resource-servers.ts';
import { type Assertion, authenticated, post, type SigningAlgorithm } from './backend-client.ts';
import { registryDeps } from './registry-deps.ts';
import { operator } from './reviewed.ts';
import type { World } from './world.ts';

export interface KeyPair {
  readonly publicKey: JWK;
  readonly privateKey: JWK;
}

export async function keyPair(kid: string, alg: SigningAlgorithm = 'ES384'): Promise<KeyPair> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return {
    publicKey: { ...(await exportJWK(pair.publicKey)), kid },
    privateKey: { ...(await exportJWK(pair.privateKey)), kid },
  };
}

/** As an operator does; none: it has no keys any more. */
export const setKeys = (world: World, serverId: string, pairs: readonly KeyPair[]): Promise<void> =>
  changeResourceServer(registryDeps(world), operator, serverId, {
    jwks: pairs.length === 0 ? null : { keys: pairs.map(({ publicKey }) => publicKey) },
  });

/** As the demo's FHIR server, unless `clientId` names another one. */
export function assertedBy(world: World, { privateKey: key }: KeyPair, assertion: Assertion = {}) {
  const claims = { aud: `${world.issuer}/introspect`, ...assertion.claims };
  return authenticated(world, { clientId: world.resourceServer.id, key, ...assertion, claims });
}

/** RFC 7662 §2.1; `parameters` are those that say who asks. */
export const askAs = (
  world: World,
  token: string,
  parameters: Readonly<Record<string, string | undefined>>,
  headers = {},
): Promise<Response> => post(`${world.issuer}/introspect`, { token, ...parameters }, headers);
