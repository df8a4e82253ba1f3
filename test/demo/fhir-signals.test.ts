// The demo FHIR server hears of what ends: registered at the start, it takes what Postern signed for it, and nothing else.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { createSignalReceiver } from '../../src/demo/fhir-signals.ts';
import { derivedKey } from '../../src/operations/secret.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { suspendApp } from '../../src/registry/app-standing.ts';
import { receiverFetch } from '../../src/signals/receiver-fetch.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { securityOfficer } from '../setup/reviewed.ts';
import { CAEP, deliverSignals } from '../setup/signal-receiver.ts';
import { until } from '../setup/until.ts';
import { createWorld, type World } from '../setup/world.ts';
import { listen } from './listen.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld('embedded');
});
afterAll(() => world.stop());

const signals = () => new URL('/signals', world.fhirBase).href;
const authorization = () => `Bearer ${derivedKey(world.secret, 'demo signals')}`;
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(signals(), {
    method: 'POST',
    body,
    headers: { authorization: authorization(), 'content-type': 'application/secevent+jwt', ...headers },
  });

const claims = () => ({
  ...{ iss: world.issuer, aud: world.resourceServer.id, iat: Math.floor(Date.now() / 1_000), jti: 'a-jti' },
  sub_id: { format: 'opaque', id: 'x' },
  events: { [`${CAEP}session-revoked`]: {} },
});
const signed = async (changes: object = {}, typ = 'secevent+jwt') =>
  createSigner(await readSigningKeys(world.store, world.secret))({ ...claims(), ...changes }, typ);

test('what ends is pushed to it, and it accepts that', async () => {
  const delivery = await deliverSignals(world);
  await suspendApp(registryDeps(world), securityOfficer, world.clientId, { reason: 'A test.' });
  const pending = () => world.store.prisma.signalDelivery.findMany();
  await until(async () => {
    const rows = await pending();
    return rows.length === 2 && rows.every(({ ackedAt }) => ackedAt !== null);
  });
  await delivery.stop(1_000);
  expect((await pending()).map(({ ackedAt, tries }) => [ackedAt !== null, tries])).toEqual([
    [true, 1],
    [true, 1],
  ]);
});

test('it takes a token of Postern for itself, and refuses the others in the words of RFC 8935 §2.4', async () => {
  expect((await post(await signed())).status).toBe(202);
  const { privateKey } = await generateKeyPair('RS256');
  const forged = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', typ: 'secevent+jwt' });
  const refused: readonly (readonly [string, Promise<Response>])[] = [
    ['invalid_key', post(await forged.sign(privateKey))],
    ['invalid_issuer', post(await signed({ iss: 'https://other.example.com' }))],
    ['invalid_audience', post(await signed({ aud: 'another' }))],
    ['invalid_request', post(await signed({}, 'JWT'))],
    ['invalid_request', post(await signed({ sub: 'somebody' }))],
    ['invalid_request', post('no token')],
    ['invalid_request', post('x'.repeat(100_000))],
    ['invalid_request', post(await signed(), { 'content-type': 'application/json' })],
    ['authentication_failed', post(await signed(), { authorization: 'Bearer another' })],
  ];
  for (const [err, answer] of refused) {
    const { status } = await answer;
    expect([status, ((await (await answer).json()) as { err: string }).err]).toEqual([400, err]);
  }
});

test('it says what it heard, once an event', async () => {
  const lines: string[] = [];
  const options = { issuer: world.issuer, audience: world.resourceServer.id, authorization: authorization() };
  const site = createSignalReceiver({ ...options, report: (line) => lines.push(line) });
  const server = await listen(site.callback());
  for (const body of [await signed(), await signed(), await signed({ jti: 'another' })]) {
    const headers = { authorization: authorization(), 'content-type': 'application/secevent+jwt' };
    await fetch(`${server.url}/signals`, { method: 'POST', body, headers });
  }
  await server.close();
  const line = 'the demo FHIR server was told: session-revoked';
  expect(lines).toEqual([line, line]);
});

test('this machine is reached for the demo alone', async () => {
  const fetchOf = receiverFetch({ allowLoopbackFetch: false }, new URL(world.fhirBase).origin);
  expect(await fetchOf(signals(), { method: 'POST', expect: 'any', body: '' })).toHaveProperty('answer');
  expect(await fetchOf(`${world.issuer}/jwks`)).toEqual({ fault: 'url_refused' });
  const none = receiverFetch({ allowLoopbackFetch: false }, undefined);
  expect(await none(signals())).toEqual({ fault: 'url_refused' });
});
