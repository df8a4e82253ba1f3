// Who is not proved to be a resource server by its assertion (RFC 7523 §3), or says in two ways who it is (RFC 6749 §2.3).
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_EHR } from '../../src/demo/seed-launches.ts';
import { refusals } from '../../src/errors.ts';
import { type Assertion, backendToken, post, seconds } from '../setup/backend-client.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { craftedJws, unsigned, withEs384, withHs256 } from '../setup/crafted-jws.ts';
import { ehrAssertion } from '../setup/ehr-client.ts';
import { askAs, assertedBy, type KeyPair, keyPair, setKeys } from '../setup/keyed-server.ts';
import { introspectAs, registerApp, registerResourceServer } from '../setup/registrations.ts';
import { until } from '../setup/until.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

const UNPROVED = { error: 'invalid_client', error_description: refusals.resource_server_unknown.text };

let world: World;
let token: string;
let own: KeyPair;
let stranger: KeyPair;

beforeAll(async () => {
  world = await createWorld('postgresql');
  token = (await connect(world, await world.patientBrowser())).accessToken;
  [own, stranger] = [await keyPair('own'), await keyPair('own')];
  await setKeys(world, world.resourceServer.id, [own]);
});
afterAll(() => world.stop());

const heard = async (assertion: Assertion = {}, pair = own) =>
  askAs(world, token, await assertedBy(world, pair, assertion));
const unproved = async (response: Response) => {
  expect([response.status, await response.json()]).toEqual([401, UNPROVED]);
  expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
};
const uses = () => world.store.prisma.oidcPayload.count({ where: { model: 'ReplayDetection' } });

describe('an assertion that is not to the letter is refused with the words for an unknown server', () => {
  const now = seconds();
  const cases: readonly (readonly [string, () => Record<string, unknown>])[] = [
    ['aud of another server', () => ({ aud: 'https://other.example/introspect' })],
    ['aud of the token endpoint', () => ({ aud: `${world.issuer}/token` })],
    ['aud of the launch contexts', () => ({ aud: `${world.issuer}/launch-contexts` })],
    ['aud with another case', () => ({ aud: `${world.issuer}/Introspect` })],
    ['aud as a list', () => ({ aud: [`${world.issuer}/introspect`] })],
    ['no aud', () => ({ aud: undefined })],
    ['an exp in the past', () => ({ exp: now - 1 })],
    ['an exp in an hour', () => ({ exp: now + 3_600 })],
    ['no exp', () => ({ exp: undefined })],
    ['an nbf that has not come', () => ({ nbf: now + 3_600 })],
    ['no jti', () => ({ jti: undefined })],
    ['a jti that is no text', () => ({ jti: 7 })],
    ['a sub of another server', () => ({ sub: 'somebody' })],
    ['an unknown server', () => ({ iss: 'nobody', sub: 'nobody' })],
    ['an id with U+0000', () => ({ iss: 'a\0b', sub: 'a\0b' })],
    ['an iss that is no text', () => ({ iss: 7, sub: 7 })],
    ['the id of an app', () => ({ iss: world.backendId, sub: world.backendId })],
    ['the id of an EHR', () => ({ iss: DEMO_EHR, sub: DEMO_EHR })],
  ];
  test.each(cases)('%s', async (_what, claims) => {
    const before = await uses();
    await unproved(await heard({ claims: claims() }));
    // Nor is a jti used up by who was not proved.
    expect(await uses()).toBe(before);
  });

  test.each([
    ['no kid', { kid: undefined }],
    ['an unknown kid', { kid: 'unknown' }],
    ['no typ', { typ: undefined }],
    ['the typ of an access token', { typ: 'at+jwt' }],
    ['a jku', { jku: 'https://evil.example/jwks' }],
    ['a jwk', { jwk: { kty: 'EC' } }],
  ])('%s in the header', async (_what, header) => {
    await unproved(await heard({ header }));
  });

  test('the key of somebody else under the right kid, and the key of another server', async () => {
    await unproved(await heard({}, stranger));
    const other = await registerResourceServer(world);
    await setKeys(world, other.id, [stranger]);
    await unproved(await heard({}, stranger));
    await unproved(await heard({ clientId: other.id }));
    expect(await (await heard({ clientId: other.id }, stranger)).text()).toBe('{"active":false}');
  });

  test('no signature, a cut one, and a public key as a secret (RFC 8725 §3.1)', async () => {
    const header = { alg: 'ES384', kid: 'own', typ: 'JWT' };
    const { id } = world.resourceServer;
    const claims = () => ({
      ...{ iss: id, sub: id, aud: `${world.issuer}/introspect`, exp: seconds() + 60, jti: randomUUID() },
    });
    const asked = async (client_assertion: string) => {
      const honest = await assertedBy(world, own);
      return askAs(world, token, { ...honest, client_assertion });
    };
    expect((await asked(craftedJws(header, claims(), withEs384(own.privateKey)))).status).toBe(200);
    const publicKey = withHs256(JSON.stringify(own.publicKey));
    for (const assertion of [
      craftedJws({ ...header, alg: 'none' }, claims(), unsigned),
      craftedJws({ ...header, alg: 'HS256' }, claims(), publicKey),
      craftedJws({ ...header, alg: 'HS384' }, claims(), publicKey),
      craftedJws({ ...header, alg: 'RS384' }, claims(), withEs384(own.privateKey)),
      craftedJws({ ...header, crit: ['evil'], evil: 1 }, claims(), withEs384(own.privateKey)),
      craftedJws(header, claims(), unsigned),
      craftedJws(header, claims(), withEs384(own.privateKey)).slice(0, -4),
      ...['a.b.c', '.', 'x'.repeat(9_000), '\0'],
    ])
      await unproved(await asked(assertion));
  });

  test('an assertion of an EHR for its own door opens this one as little, and this one opens no other', async () => {
    const { client_assertion } = await assertedBy(world, own);
    const asEhr = { ...(await assertedBy(world, own)), client_assertion: await ehrAssertion(world) };
    await unproved(await askAs(world, token, asEhr));
    const toIssuer = await assertedBy(world, own, { claims: { aud: world.issuer } });
    for (const assertion of [client_assertion, toIssuer.client_assertion])
      expect(await refusalOf(await backendToken(world, {}, assertion))).toEqual([401, 'invalid_client']);
    expect((await askAs(world, token, toIssuer)).status).toBe(200);
  });
});

describe('who says in two ways, or in half of one, who it is', () => {
  const secret = () => basic(world.resourceServer.id, world.resourceServer.secret);

  test('is refused, however right each of them is', async () => {
    const { id } = world.resourceServer;
    const proof = () => assertedBy(world, own);
    const invalid = async (parameters: Record<string, string>, headers = {}) => {
      const response = await askAs(world, token, parameters, headers);
      expect([parameters, await refusalOf(response)]).toEqual([parameters, [400, 'invalid_request']]);
    };
    const gateway = await registerApp(world, world.backendId, { scopeCeiling: '__introspect' });
    const granted = await backendToken(world, { scope: '__introspect' }, { clientId: gateway });
    const { access_token: bearer } = (await granted.json()) as Record<string, string>;
    expect((await askAs(world, token, {}, { authorization: `Bearer ${bearer}` })).status).toBe(200);
    for (const authorization of [secret(), `Bearer ${bearer}`, 'Negotiate x'])
      await invalid(await proof(), { authorization });
    await invalid({ client_secret: world.resourceServer.secret }, { authorization: secret() });
    await invalid({ ...(await proof()), client_secret: world.resourceServer.secret });
    const { client_assertion, client_assertion_type } = await proof();
    await invalid({ client_assertion });
    await invalid({ client_assertion_type });
    await invalid({ client_assertion, client_assertion_type: `${client_assertion_type}x` });
    await invalid({
      client_assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
    });
    await invalid({ 'client_assertion[]': client_assertion, client_assertion_type });
    // Nothing of that used the assertion up.
    expect(
      (await askAs(world, token, { client_assertion, client_assertion_type, client_id: id })).status,
    ).toBe(200);
  });

  test('is refused with a client_id of somebody else, or several', async () => {
    const { id } = world.resourceServer;
    for (const client_id of ['nobody', world.backendId, id.toUpperCase(), '']) {
      const asserted = { ...(await assertedBy(world, own)), client_id };
      expect(await refusalOf(await askAs(world, token, asserted))).toEqual([400, 'invalid_request']);
      const headers = { authorization: secret() };
      expect(await refusalOf(await askAs(world, token, { client_id }, headers))).toEqual([
        400,
        'invalid_request',
      ]);
    }
    expect((await askAs(world, token, { client_id: id }, { authorization: secret() })).status).toBe(200);
    const twice = new URLSearchParams({ token, ...(await assertedBy(world, own)), client_id: id });
    twice.append('client_id', id);
    const response = await fetch(`${world.issuer}/introspect`, { method: 'POST', body: twice });
    expect(await refusalOf(response)).toEqual([400, 'invalid_request']);
  });

  test('who is not proved hears nothing of the rest of the request', async () => {
    await unproved(
      await askAs(world, token, { ...(await assertedBy(world, stranger)), client_id: 'nobody' }),
    );
    await unproved(await post(`${world.issuer}/introspect`, await assertedBy(world, stranger)));
  });
});

test('who was never proved is proved while nothing else gets a connection', async () => {
  const { id, secret } = await registerResourceServer(world);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { prisma } = world.store;
  const holders = Array.from({ length: 10 }, () =>
    prisma.$transaction(() => released, { maxWait: 60_000, timeout: 60_000 }),
  );
  await until(() =>
    world.store.pools().find(({ name, idle, total }) => name === 'main' && total - idle === 10),
  );
  const answers = [await introspectAs(world, { id, secret }, token), await heard()];
  release();
  await Promise.all(holders);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});
