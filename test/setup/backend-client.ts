// A confidential client with a key pair: signs assertions (RFC 7523 §3), honest or not, and asks with them.
import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { backendKeys } from '../../src/demo/seed.ts';
import type { World } from './world.ts';

export type SigningAlgorithm = 'RS384' | 'ES384';

export interface Assertion {
  readonly clientId?: string;
  readonly alg?: SigningAlgorithm;
  /** Signs with this key in place of the registered one. */
  readonly key?: JWK;
  /** Replace what an honest client sends; undefined leaves a member out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The private keys of the demo's backend service. */
export async function backendKey(world: World, alg: SigningAlgorithm): Promise<JWK> {
  const key = (await backendKeys(world.config.dataDirectory)).find((one) => one.alg === alg);
  if (key === undefined) throw new Error(`the backend service has no ${alg} key`);
  return key;
}

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export async function signAssertion(world: World, assertion: Assertion = {}): Promise<string> {
  const { clientId = world.backendId, alg = 'ES384', claims = {}, header = {} } = assertion;
  const key = assertion.key ?? (await backendKey(world, alg));
  const honest = { iss: clientId, sub: clientId, aud: `${world.issuer}/token`, exp: seconds() + 300 };
  const payload = { ...honest, jti: randomUUID(), ...claims } as JWTPayload;
  const protectedHeader = { alg, kid: key.kid, typ: 'JWT', ...header } as JWTHeaderParameters;
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(await importJWK(key, alg));
}

/** The parameters of private_key_jwt (RFC 7521 §4.2). */
export async function authenticated(world: World, assertion: Assertion | string = {}) {
  return {
    client_assertion_type: JWT_BEARER,
    client_assertion: typeof assertion === 'string' ? assertion : await signAssertion(world, assertion),
  };
}

/** SMART Backend Services §2.1.4; `changes` replaces parameters, undefined leaves one out. */
export async function backendToken(
  world: World,
  changes: Readonly<Record<string, string | undefined>> = {},
  assertion: Assertion | string = {},
): Promise<Response> {
  const parameters = {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    ...(await authenticated(world, assertion)),
    ...changes,
  };
  return post(`${world.issuer}/token`, parameters);
}

export function post(url: string, parameters: Readonly<Record<string, string | undefined>>, headers = {}) {
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(given) });
}
