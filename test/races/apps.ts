// Apps of the races: how each proves who it is at the token endpoint.
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { backendKey, JWT_BEARER, seconds } from '../setup/backend-client.ts';
import { keysOf, registerApp } from '../setup/registrations.ts';
import type { World } from '../setup/world.ts';

export interface App {
  readonly id: string;
  /** `people`: what it may do, a patient has agreed to. `backend`: it asks for itself (SMART Backend Services). */
  readonly acts: 'people' | 'backend';
  /** With a key of its own it may send a refresh again whose answer was lost; without one that is a replay. */
  readonly hasKey: boolean;
  /** RFC 6749 §3.2.1, RFC 7521 §4.2: what it adds to a request, good for one, at any endpoint. */
  proof(): Promise<Record<string, string>>;
}

/** SMART app-launch, "Support for public and confidential apps". */
export async function publicApp(world: World): Promise<App> {
  const id = await registerApp(world, world.clientId, {});
  return { id, acts: 'people', hasKey: false, proof: async () => ({ client_id: id }) };
}

export async function confidentialApp(world: World): Promise<App> {
  const jwks = await keysOf(world, world.backendId);
  const id = await registerApp(world, world.clientId, { authMethod: 'private_key_jwt', jwks });
  return { id, acts: 'people', hasKey: true, proof: await signer(world, id) };
}

export async function backendService(world: World): Promise<App> {
  const id = await registerApp(world, world.backendId, {});
  return { id, acts: 'backend', hasKey: true, proof: await signer(world, id) };
}

/** RS384: the key is read once. */
async function signer(world: World, clientId: string): Promise<App['proof']> {
  const jwk = await backendKey(world, 'RS384');
  const key = await importJWK(jwk, 'RS384');
  const header = { alg: 'RS384', typ: 'JWT', kid: jwk.kid };
  return async () => {
    const claims = { iss: clientId, sub: clientId, aud: world.issuer, jti: randomUUID() };
    const token = new SignJWT({ ...claims, exp: seconds() + 300 }).setProtectedHeader(header);
    return { client_assertion_type: JWT_BEARER, client_assertion: await token.sign(key) };
  };
}
