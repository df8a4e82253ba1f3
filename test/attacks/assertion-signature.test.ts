import { createPublicKey, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Assertion, backendKey, backendToken, seconds, signAssertion } from '../setup/backend-client.ts';
import { refusalOf } from '../setup/connection.ts';
import { craftedJws, unsigned, withEs384, withHs256 } from '../setup/crafted-jws.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let key: JWK;
let attackers: JWK;

beforeAll(async () => {
  world = await createWorld('postgresql');
  key = await backendKey(world, 'ES384');
  attackers = await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey);
});
afterAll(() => world.stop());

const claims = () => ({
  iss: world.backendId,
  sub: world.backendId,
  aud: `${world.issuer}/token`,
  exp: seconds() + 300,
  jti: randomUUID(),
});

const refused = async (assertion: Assertion | string, expected = [401, 'invalid_client']) =>
  expect(await refusalOf(await backendToken(world, {}, assertion))).toEqual(expected);

test('the honest assertion, from which the others differ in one thing, is taken', async () => {
  expect((await backendToken(world)).status).toBe(200);
  const crafted = craftedJws({ alg: 'ES384', kid: key.kid, typ: 'JWT' }, claims(), withEs384(key));
  expect((await backendToken(world, {}, crafted)).status).toBe(200);
});

const header = () => ({ alg: 'ES384', kid: key.kid, typ: 'JWT' });
const publicKey = () => createPublicKey({ key: { ...key, d: undefined } as never, format: 'jwk' });

test('not at all, with the public key as a secret, with another key, with an unknown or no kid', async () => {
  for (const alg of ['none', 'None', '']) await refused(craftedJws({ ...header(), alg }, claims(), unsigned));
  const pem = publicKey().export({ type: 'spki', format: 'pem' });
  for (const secret of [pem, JSON.stringify(publicKey().export({ format: 'jwk' })), ''])
    await refused(craftedJws({ ...header(), alg: 'HS256' }, claims(), withHs256(secret)));
  await refused(craftedJws(header(), claims(), unsigned));
  await refused({ key: { ...attackers, kid: key.kid } });
  await refused({ header: { kid: 'no-such-key' } });
  await refused({ header: { kid: undefined } });
  await refused({ header: { kid: (await backendKey(world, 'RS384')).kid } });
});

test('with a key that the assertion brings along', async () => {
  const { d: __, ...jwk } = attackers;
  await refused(craftedJws({ ...header(), jwk }, claims(), withEs384(attackers)));
  await refused(craftedJws({ ...header(), kid: undefined, jwk }, claims(), withEs384(attackers)));
  await refused(craftedJws({ ...header(), jwk }, claims(), withEs384(key)));
});

test('with a critical header that nobody knows (RFC 7515 §4.1.11)', async () => {
  await refused(craftedJws({ ...header(), crit: ['evil'], evil: true }, claims(), withEs384(key)));
  await refused(craftedJws({ ...header(), crit: ['exp'] }, claims(), withEs384(key)));
});

test('jku and x5u that are not registered are refused, and nothing is fetched', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.end(JSON.stringify({ keys: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/keys`;
  for (const from of [{ jku: url }, { x5u: url }]) {
    await refused(craftedJws({ ...header(), ...from }, claims(), withEs384(key)));
    await refused(craftedJws({ ...header(), ...from }, claims(), withEs384(attackers)));
  }
  await new Promise((resolve) => server.close(resolve));
  expect(asked).toBe(0);
});

test('typ of another kind of token', async () => {
  for (const typ of ['at+jwt', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', 7, ''])
    await refused(craftedJws({ ...header(), typ }, claims(), withEs384(key)));
});

test('what is no JWS is refused as a fault of the request', async () => {
  for (const text of ['a.b.c', 'a', '..', 'bnVsbA.bnVsbA.bnVsbA', `${await signAssertion(world)}.x.y`])
    await refused(text, [400, 'invalid_request']);
});
