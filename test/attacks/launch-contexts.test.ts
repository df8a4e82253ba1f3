import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { DEMO_CLINIC_APP, DEMO_EHR } from '../../src/demo/seed-launches.ts';
import { refusals } from '../../src/errors.ts';
import { backendKey, JWT_BEARER, seconds } from '../setup/backend-client.ts';
import { deposit, ehrAssertion, OPEN } from '../setup/ehr-client.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());

const count = () => world.store.prisma.launchContext.count();
const UNAUTHENTICATED = { error: 'invalid_client', error_description: refusals.ehr_unknown.text };

describe('an EHR that is not proven to be one is refused with the same words, and leaves nothing (RFC 7523 §3)', () => {
  const now = seconds();
  const claims: readonly (readonly [string, object])[] = [
    ['no exp', { exp: undefined }],
    ['an exp in the past', { exp: now - 1 }],
    ['an exp more than five minutes ahead', { exp: now + 3_600 }],
    ['no jti', { jti: undefined }],
    ['a jti that is no string', { jti: 7 }],
    ['no aud', { aud: undefined }],
    ['the audience of another server', { aud: 'https://other.example' }],
    ['several audiences', { aud: ['https://other.example', 'x'] }],
    ['a sub that is not its iss', { sub: 'somebody' }],
    ['an unknown EHR', { iss: 'unknown', sub: 'unknown' }],
    ['the id of an app', { iss: 'population-health-service', sub: 'population-health-service' }],
    ['an id with U+0000', { iss: 'a\0b', sub: 'a\0b' }],
    ['an iss that is no string', { iss: 7, sub: 7 }],
    ['an iat in the future', { iat: now + 3_600 }],
  ];
  test.each(claims)('%s', async (_what, changes) => {
    const before = await count();
    const response = await deposit(world, {}, { claims: { ...changes } });
    expect([response.status, await response.json()]).toEqual([401, UNAUTHENTICATED]);
    expect(await count()).toBe(before);
  });

  test.each([
    ['no kid', { kid: undefined }],
    ['an unknown kid', { kid: 'unknown' }],
    ['no typ', { typ: undefined }],
    ['another typ', { typ: 'at+jwt' }],
    ['a jku', { jku: 'https://evil.example/jwks' }],
    ['a jwk', { jwk: { kty: 'EC' } }],
  ])('%s in the header', async (_what, header) => {
    expect((await deposit(world, {}, { header })).status).toBe(401);
  });

  test('the key of somebody else, under the right kid', async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const right = JSON.parse(
      Buffer.from((await ehrAssertion(world)).split('.')[0] ?? '', 'base64url').toString(),
    ) as { kid: string };
    const key = { ...(await exportJWK(privateKey)), kid: right.kid };
    expect((await deposit(world, {}, { key })).status).toBe(401);
    const backend = await backendKey(world, 'ES384');
    expect((await deposit(world, {}, { key: { ...backend, kid: right.kid } })).status).toBe(401);
  });

  test('alg none, a cut signature, no JWT at all', async () => {
    const [header = '', claims = '', signature = ''] = (await ehrAssertion(world)).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    for (const assertion of [
      ...[`${none}.${claims}.`, `${header}.${claims}.${signature.slice(1)}`, `${header}.${claims}.`],
      ...['', '.', 'a.b.c', 'x'.repeat(9_000)],
    ]) {
      expect((await deposit(world, {}, assertion)).status).toBe(401);
    }
  });

  test('another type of assertion, or none', async () => {
    for (const changes of [
      { client_assertion_type: undefined },
      { client_assertion_type: `${JWT_BEARER}x` },
      { client_assertion: undefined },
      { client_assertion: { a: 1 } },
    ]) {
      expect((await deposit(world, changes)).status).toBe(401);
    }
  });

  test('a kid that two of its keys have names none', async () => {
    const { prisma } = world.store;
    const { jwks } = await prisma.ehr.findUniqueOrThrow({ where: { id: DEMO_EHR } });
    const { keys } = jwks as unknown as { keys: object[] };
    await prisma.ehr.update({
      where: { id: DEMO_EHR },
      data: { jwks: { keys: [...keys, ...keys] } as never },
    });
    expect((await deposit(world)).status).toBe(401);
    await prisma.ehr.update({ where: { id: DEMO_EHR }, data: { jwks: { keys } as never } });
    expect((await deposit(world)).status).toBe(201);
  });
});

test.each(['RS384', 'ES384'] as const)('an assertion with %s passes once, also in parallel', async (alg) => {
  const assertion = await ehrAssertion(world, { alg });
  const answers = await Promise.all(Array.from({ length: 6 }, () => deposit(world, {}, assertion)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401, 401, 401]);
});

test('the issuer is an audience as well (RFC 7523 §3)', async () => {
  expect((await deposit(world, {}, { claims: { aud: world.issuer } })).status).toBe(201);
});

describe('a context that cannot be read is refused by the names of its members, never by what was sent', () => {
  test.each<readonly [string, object, RegExp]>([
    ['a reference as patient', { patient: 'Patient/secret' }, /^patient: /],
    ['a patient that is no id', { patient: '../secret' }, /^patient: /],
    ['an encounter that is no id', { encounter: { id: 'secret' } }, /^encounter: /],
    ['a Patient in fhirContext', { fhirContext: [{ reference: 'Patient/secret' }] }, /^fhirContext/],
    ['a context without anything', { fhirContext: [{}] }, /^fhirContext/],
    ['too many contexts', { fhirContext: Array(30).fill({ reference: 'Task/1' }) }, /^fhirContext/],
    ['a style without TLS', { smartStyleUrl: 'http://secret.example/' }, /^smartStyleUrl: /],
    ['a script as style', { smartStyleUrl: 'javascript:secret' }, /^smartStyleUrl: /],
    ['a banner that is no boolean', { needPatientBanner: 'secret' }, /^needPatientBanner: /],
    ['no user', { user: undefined }, /^user: /],
    ['a user who is no person', { user: { fhirUser: 'Device/secret', name: 'x' } }, /^user\.fhirUser: /],
    [
      'a user at another server',
      { user: { fhirUser: 'https://evil.example/Practitioner/secret', name: 'x' } },
      /^user\.fhirUser: /,
    ],
    ['a user without a name', { user: { fhirUser: 'Practitioner/1', name: ' ' } }, /^user\.name: /],
    ['a member that is unknown', { secret: 1 }, /^a member is not known here$/],
    ['no app', { app: undefined }, /^app: /],
    ['U+0000', { intent: 'a\0b' }, /U\+0000/],
    ['half of a surrogate pair', { tenant: 'a\ud800b' }, /surrogates/],
  ])('%s', async (_what, changes, words) => {
    const before = await count();
    const response = await deposit(world, { ...changes });
    const body = (await response.json()) as { error: string; error_description: string };
    expect([response.status, body.error]).toEqual([400, 'invalid_request']);
    expect(body.error_description).toMatch(words);
    expect(body.error_description).not.toContain('secret');
    expect(await count()).toBe(before);
    const event = await world.store.prisma.auditEvent.findFirst({ orderBy: { id: 'desc' } });
    const refused = { type: 'launch.refused', reason: 'launch_context_unreadable' };
    expect(event).toMatchObject({ ...refused, detail: { ehrId: DEMO_EHR } });
    expect(JSON.stringify(event?.detail)).not.toContain('secret');
  });

  test('what is no JSON object, or too large', async () => {
    const send = (body: string, type = 'application/json') =>
      fetch(`${world.issuer}/launch-contexts`, { method: 'POST', headers: { 'content-type': type }, body });
    for (const [body, type, status] of [
      ['{', 'application/json', 400],
      ['[]', 'application/json', 401],
      ['"x"', 'application/json', 400],
      ['', 'application/json', 401],
      [`{"a":"${'x'.repeat(33 * 1024)}"}`, 'application/json', 400],
      ['app=x', 'application/x-www-form-urlencoded', 400],
    ] as const) {
      expect((await send(body, type)).status).toBe(status);
    }
    expect((await fetch(`${world.issuer}/launch-contexts`)).status).toBe(404);
  });
});

test('an app that is unknown, has no launch URI, another FHIR server or no standing cannot be opened', async () => {
  const apps = await Promise.all([
    registerApp(world, DEMO_CLINIC_APP, { launchUris: [] }),
    registerApp(world, DEMO_CLINIC_APP, { audiences: ['https://other.example/fhir'] }),
    registerApp(world, DEMO_CLINIC_APP, { suspendedAt: new Date(0) }),
  ]);
  for (const app of ['unknown', 'a'.repeat(255), ...apps]) {
    const response = await deposit(world, { app });
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  }
  const refused = { type: 'launch.refused', reason: 'launch_app_unknown' };
  expect(await world.store.prisma.auditEvent.count({ where: refused })).toBe(5);
});

test('a suspended EHR hears the same as an unknown one; the audit tells them apart', async () => {
  const { prisma } = world.store;
  await prisma.ehr.update({ where: { id: DEMO_EHR }, data: { suspendedAt: new Date() } });
  const response = await deposit(world);
  expect([response.status, await response.json()]).toEqual([401, UNAUTHENTICATED]);
  const event = await prisma.auditEvent.findFirst({ orderBy: { id: 'desc' } });
  expect(event).toMatchObject({
    type: 'launch.refused',
    reason: 'ehr_suspended',
    detail: { ehrId: DEMO_EHR },
  });
  await prisma.ehr.update({ where: { id: DEMO_EHR }, data: { suspendedAt: null } });
});

test('who names no registered EHR leaves no row in the audit', async () => {
  const before = await world.store.prisma.auditEvent.count();
  await deposit(world, {}, { claims: { iss: 'unknown', sub: 'unknown' } });
  await deposit(world, {}, 'a.b.c');
  expect(await world.store.prisma.auditEvent.count()).toBe(before);
});

test('one user of an EHR is one account, whose name follows the EHR', async () => {
  const user = { fhirUser: 'Practitioner/42', name: 'A. Before' };
  await deposit(world, { user });
  await Promise.all([1, 2, 3].map(() => deposit(world, { user: { ...user, name: 'A. After' } })));
  const users = await world.store.prisma.ehrUser.findMany({ where: { fhirUser: user.fhirUser } });
  expect(users.map(({ name }) => name)).toEqual(['A. After']);
  expect(OPEN.user.fhirUser).not.toBe(user.fhirUser);
});

test('no other site may call it from a browser (CORS)', async () => {
  const response = await fetch(`${world.issuer}/launch-contexts`, {
    method: 'OPTIONS',
    headers: { origin: world.appOrigin, 'access-control-request-method': 'POST' },
  });
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});
