// No permit without its event: when the audit cannot be written, nothing is decided, and who asked hears 503.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, refresh, tokenRequest } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { postDecision, readOf } from '../setup/decisions.ts';
import { heardIn, UNAVAILABLE } from '../setup/outage.ts';
import { introspectAs, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let held: Connection;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  held = await connect(world, patient);
});
afterEach(async () => {
  for (const table of ['audit_event', 'access_record'])
    await world.store.sql(`DROP TRIGGER IF EXISTS broken ON ${table}`, []);
});
afterAll(() => world.stop());

const breakTable = (table: string) =>
  world.store.sql(
    `CREATE TRIGGER broken BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()`,
    [],
  );
const counted = () =>
  Promise.all([world.store.prisma.accessToken.count(), world.store.prisma.consent.count()]);

test('no token is issued, whatever it rests on, until it works again', async () => {
  const request = authorizationRequest(world);
  const callback = await patient.authorize(request.url);
  const redeem = () =>
    tokenRequest(world, {
      ...{ grant_type: 'authorization_code', code: callback.searchParams.get('code') ?? '' },
      ...{ redirect_uri: request.redirectUri, client_id: world.clientId, code_verifier: request.verifier },
    });
  const before = await counted();
  await breakTable('audit_event');
  expect(await heardIn(await redeem())).toEqual(UNAVAILABLE);
  expect(await heardIn(await refresh(world, held.refreshToken))).toEqual(UNAVAILABLE);
  expect(await heardIn(await backendToken(world))).toEqual(UNAVAILABLE);
  expect(await counted()).toEqual(before);
  await world.store.sql('DROP TRIGGER broken ON audit_event', []);
  expect((await backendToken(world)).status).toBe(200);
});

test('no consent is given', async () => {
  const before = await counted();
  let page = await patient.open(authorizationRequest(world).url);
  if (page.html.includes('name="record"')) page = await patient.choosePatient(page);
  await breakTable('audit_event');
  const decided = await patient.decide(page);
  expect([decided.status, decided.headers.get('location')]).toEqual([503, null]);
  expect(await counted()).toEqual(before);
});

test('no introspection is answered: not "active" without its record, nor the refusal without its event', async () => {
  const { accessToken } = await connect(world, patient);
  const foreign = await registerResourceServer(world);
  await breakTable('access_record');
  await breakTable('audit_event');
  expect(await heardIn(await introspectAs(world, world.resourceServer, accessToken))).toEqual(UNAVAILABLE);
  expect(await heardIn(await introspectAs(world, foreign, accessToken))).toEqual(UNAVAILABLE);
});

test('no decision is answered', async () => {
  await breakTable('audit_event');
  const response = await postDecision(world, 'evaluation', readOf(held.accessToken));
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('decision');
});
