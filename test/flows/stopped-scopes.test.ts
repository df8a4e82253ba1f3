// A recorded change stops the scopes that it touches, at the next request of every door, until it is approved.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { stopScopes } from '../setup/changes.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { loginOf, loginRequest, registerLoginClient, userinfo } from '../setup/login-client.ts';
import { latestRefusal } from '../setup/refusals.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterEach(() => world.store.prisma.appChange.updateMany({ data: { clearedAt: new Date() } }));
afterAll(() => world.stop());

const stop = (...scopes: string[]) => stopScopes(world, world.clientId, ...scopes);
const RECORDS = ['patient/Patient.r', 'patient/Observation.s'] as const;
const STOPPED = [400, 'invalid_scope'];

type Tokens = Record<string, string>;
const tokensOf = async (response: Response) => {
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
};
const scopesOf = ({ scope = '' }: Record<string, unknown>) => String(scope).split(' ');
/** The categories of Observation are granted one by one. */
const isObservation = (name: string) => name.startsWith('patient/Observation.rs');
const withoutObservation = (names: readonly string[]) => names.filter((name) => !isObservation(name));
const LABORATORY =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe('a token that is out', () => {
  test('loses the scope whole at introspection, and the FHIR server gives nothing more of it', async () => {
    const { accessToken } = await connect(world, patient);
    const before = scopesOf(await world.introspect(accessToken));
    expect(before).toContain(LABORATORY);
    const approve = await stop('patient/Observation.r');
    const answer = await world.introspect(accessToken);
    expect(answer.active).toBe(true);
    expect(scopesOf(answer)).toEqual(withoutObservation(before));
    expect((await readFhir(world, accessToken, 'Observation?patient=ana-rivera')).status).toBe(403);
    expect((await readFhir(world, accessToken, 'Patient/ana-rivera')).status).toBe(200);
    await approve();
    expect(scopesOf(await world.introspect(accessToken))).toEqual(before);
  });

  test('is inactive when nothing of the record is left, and the reason is kept', async () => {
    const { accessToken } = await connect(world, patient);
    const approve = await stop(...RECORDS);
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('scopes_stopped');
    await approve();
    expect(await world.introspect(accessToken)).toMatchObject({ active: true });
  });

  test('of a backend service that asks about tokens is good for no question while its scopes are stopped', async () => {
    const id = await registerApp(world, world.backendId, { scopeCeiling: 'system/Patient.rs __introspect' });
    const asked = { scope: 'system/Patient.rs __introspect' };
    const { access_token: own = '' } = await tokensOf(await backendToken(world, asked, { clientId: id }));
    const ask = () => post(`${world.issuer}/introspect`, { token: own }, { authorization: `Bearer ${own}` });
    expect((await ask()).status).toBe(200);
    const approve = await stopScopes(world, id, 'system/Patient.r');
    expect((await ask()).status).toBe(401);
    await approve();
    expect((await ask()).status).toBe(200);
  });
});

describe('a refresh', () => {
  test('gives the rest, and all of it again once the change is approved', async () => {
    const { tokens, refreshToken } = await connect(world, patient);
    const approve = await stop('patient/Observation.rs');
    const less = await tokensOf(await refresh(world, refreshToken));
    expect(scopesOf(less)).toEqual(withoutObservation(scopesOf(tokens)));
    await approve();
    const again = await tokensOf(await refresh(world, less.refresh_token ?? ''));
    expect(scopesOf(again)).toEqual(scopesOf(tokens));
  });

  test.each([
    ['nothing of the record is left', RECORDS, {}],
    ['it asks for what is stopped', ['patient/Observation.s'], { scope: LABORATORY }],
  ])('is refused when %s, and does not use the token up', async (_when, stopped, asked) => {
    const { tokens, refreshToken } = await connect(world, patient);
    const approve = await stop(...stopped);
    expect(await refusalOf(await refresh(world, refreshToken, asked))).toEqual(STOPPED);
    const refusal = { code: 'scopes_stopped', got: stopped.join(' ') };
    expect(await latestRefusal(world, world.clientId)).toEqual(['token', refusal]);
    await approve();
    expect(scopesOf(await tokensOf(await refresh(world, refreshToken)))).toEqual(scopesOf(tokens));
  });

  test('under a ceiling that covers nothing of what is held any more does not use the token up either', async () => {
    const id = await registerApp(world, world.clientId, {});
    const { refreshToken } = await connect(world, patient, { client_id: id });
    const { scopeCeiling } = await world.store.prisma.appRevision.findFirstOrThrow({ where: { appId: id } });
    const own = { ...world, clientId: id };
    const asking: Record<string, string>[] = [{}, { scope: LABORATORY }];
    for (const asked of asking) {
      await changeApp(world, id, { scopeCeiling: 'patient/Immunization.rs' });
      expect(await refusalOf(await refresh(own, refreshToken, asked))).toEqual(STOPPED);
    }
    await changeApp(world, id, { scopeCeiling });
    expect((await refresh(own, refreshToken)).status).toBe(200);
  });
});

test('a code that was given before is redeemed for the rest, or waits unused', async () => {
  const given = async () => {
    const request = authorizationRequest(world);
    return { request, callback: await patient.authorize(request.url) };
  };
  const [one, other] = [await given(), await given()];
  const approveOne = await stop('patient/Observation.rs');
  const less = await tokensOf(await redeem(world, one.request, one.callback));
  expect(scopesOf(less).filter(isObservation)).toEqual([]);
  expect(scopesOf(await world.introspect(less.access_token ?? ''))).toEqual(scopesOf(less));
  const approveAll = await stop(...RECORDS);
  expect(await refusalOf(await redeem(world, other.request, other.callback))).toEqual(STOPPED);
  await Promise.all([approveOne(), approveAll()]);
  const all = await tokensOf(await redeem(world, other.request, other.callback));
  expect(scopesOf(all)).toContain(LABORATORY);
  const later = await tokensOf(await refresh(world, less.refresh_token ?? ''));
  expect(scopesOf(later)).toEqual(scopesOf(all));
});

test('a person is not asked for what is stopped, and not at all when nothing else is left', async () => {
  await stop('patient/Observation.rs');
  const { tokens } = await connect(world, patient);
  expect(scopesOf(tokens).filter(isObservation)).toEqual([]);
  const only = authorizationRequest(world, { scope: 'launch/patient openid patient/Observation.rs' });
  const asked = await patient.send(only.url);
  const callback = new URL(asked.headers.get('location') ?? '');
  expect([errorIn(callback), callback.searchParams.get('state')]).toEqual(['invalid_scope', only.state]);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('scopes_stopped');
});

test('a backend service is granted what it asks for whole, or refused', async () => {
  const approve = await stopScopes(world, world.backendId, 'system/Observation.s');
  const both = { scope: 'system/Patient.rs system/Observation.rs' };
  expect(await refusalOf(await backendToken(world, both))).toEqual(STOPPED);
  expect((await backendToken(world, { scope: 'system/Patient.rs' })).status).toBe(200);
  await approve();
  expect((await backendToken(world, both)).status).toBe(200);
});

test('what cannot be read in a recorded change stops the app as a whole', async () => {
  const { accessToken, refreshToken } = await connect(world, patient);
  await stop('all that it has');
  expect(await world.introspect(accessToken)).toEqual({ active: false });
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual(STOPPED);
});

test('a client that only signs people in does not tell who they are by a stopped scope', async () => {
  const client = await registerLoginClient(world);
  const login = async () => loginOf(world, client, await patient.authorize(loginRequest(world, client)));
  const { accessToken } = await login();
  const told = async () => (await (await userinfo(world, accessToken)).json()) as Record<string, unknown>;
  expect(Object.keys(await told())).toContain('name');
  const approve = await stopScopes(world, client.id, 'profile');
  expect(Object.keys(await told())).toEqual(['sub']);
  expect(scopesOf((await login()).tokens)).toEqual(['openid']);
  const approveAll = await stopScopes(world, client.id, 'openid');
  expect((await userinfo(world, accessToken)).status).toBe(401);
  expect(errorIn(await patient.authorize(loginRequest(world, client)))).toBe('invalid_scope');
  await Promise.all([approve(), approveAll()]);
  expect(Object.keys(await told())).toContain('name');
});
