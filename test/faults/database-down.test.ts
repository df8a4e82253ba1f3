// F3, F4, F18: PostgreSQL goes away under a running server, which refuses, says so, and recovers by itself.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { postDecision, readOf } from '../setup/decisions.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';
import { until } from '../setup/until.ts';

let world: ProcessWorld;
let patient: TestBrowser;
let connection: Connection;

beforeAll(async () => {
  world = await createProcessWorld('postgresql', { POSTERN_LOG_LEVEL: 'error' });
  patient = await world.patientBrowser();
  connection = await connect(world, patient);
});
afterAll(() => world.stop());

const health = (path: string) => fetch(`${world.issuer}/health/${path}`);

/** What callers and people may ask while nothing can be known. */
async function everyDoor() {
  const request = authorizationRequest(world);
  const callback = await patient.authorize(request.url);
  const consentPage = await patient.choosePatient(await patient.open(authorizationRequest(world).url));
  const stopPage = await patient.open(`/my/apps/${world.clientId}/stop`);
  const { accessToken, refreshToken } = connection;
  const machines: Record<string, () => Promise<Response>> = {
    'a code': () => redeem(world, request, callback),
    'a refresh token': () => refresh(world, refreshToken),
    'a client assertion': () => backendToken(world),
    introspection: () => introspectAs(world, world.resourceServer, accessToken),
    'a decision': () => postDecision(world, 'evaluation', readOf(accessToken)),
    revocation: () => post(`${world.issuer}/revoke`, { token: refreshToken, client_id: world.clientId }),
    'the SMART document': () => fetch(`${world.issuer}/fhir-bases/demo/.well-known/smart-configuration`),
  };
  const pages: Record<string, () => Promise<Response>> = {
    'an authorization request': () => patient.send(authorizationRequest(world).url),
    'the consent page': () => patient.send(consentPage.url),
    'a consent': () => patient.decide(consentPage),
    'my apps': () => patient.send('/my'),
    stop: () => patient.form(`/my/apps/${world.clientId}/stop`, [['csrf', csrfIn(stopPage.html)]]),
  };
  return { machines, pages, request, callback };
}

describe.each(['cut', 'stall'] as const)('the network to PostgreSQL is gone (%s)', (fault) => {
  let doors: Awaited<ReturnType<typeof everyDoor>>;
  let answers: Map<string, { response: Response; text: string }>;
  let healthWhileDown: { live: number; ready: number; fhir: number };

  beforeAll(async () => {
    doors = await everyDoor();
    if (fault === 'cut') await world.network.cut();
    else world.network.stall();
    answers = new Map(
      await Promise.all(
        Object.entries({ ...doors.machines, ...doors.pages }).map(async ([name, ask]) => {
          const response = await ask();
          return [name, { response, text: await response.text() }] as const;
        }),
      ),
    );
    const fhir = await readFhir(world, connection.accessToken, 'Patient/ana-rivera');
    const [live, notReady] = await Promise.all([health('live'), health('ready')]);
    healthWhileDown = { live: live.status, ready: notReady.status, fhir: fhir.status };
    await world.network.restore();
    await until(async () => (await health('ready')).ok);
  });

  // While it is gone: nobody waits for its return.
  test('every machine hears 503 with Retry-After and no store, never a success (G14)', () => {
    for (const name of Object.keys(doors.machines)) {
      const { response, text } = answers.get(name) as { response: Response; text: string };
      expect({ name, status: response.status, retry: response.headers.get('retry-after') }).toEqual({
        ...{ name, status: 503, retry: '5' },
      });
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(JSON.parse(text)).toMatchObject({ error: 'temporarily_unavailable' });
    }
  });

  test('every person sees the page that says to come back', () => {
    for (const name of Object.keys(doors.pages)) {
      const { response, text } = answers.get(name) as { response: Response; text: string };
      expect({ name, status: response.status, retry: response.headers.get('retry-after') }).toEqual({
        ...{ name, status: 503, retry: '5' },
      });
      expect(text).toContain('We have to pause for a moment');
      expect(text).not.toMatch(/ECONN|Prisma| {4}at /);
    }
  });

  test('it is live and not ready, and the FHIR server shows nothing', () => {
    expect(healthWhileDown).toEqual({ live: 200, ready: 503, fhir: 503 });
  });

  test('it is ready again after the return, in the same process', () => {
    expect(world.server().child.exitCode).toBeNull();
  });

  test('what was refused meanwhile was not used up: the code and the refresh token still work', async () => {
    expect((await redeem(world, doors.request, doors.callback)).status).toBe(200);
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
    connection = await connect(world, patient);
    expect((await refresh(world, connection.refreshToken)).status).toBe(200);
    connection = await connect(world, patient);
  });
});

test('the server says what failed, never with which password', () => {
  const said = world.server().stdout() + world.server().stderr();
  expect(said).toContain('"level":50');
  expect(said).not.toContain(new URL(world.network.url).password);
});
