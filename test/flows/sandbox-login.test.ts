import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sandboxBase } from '../developer/portal.ts';
import type { TestBrowser } from '../setup/browser.ts';
import {
  type LoginClient,
  loginOf,
  loginRequest,
  registerLoginClient,
  userinfo,
} from '../setup/login-client.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let client: LoginClient;
beforeAll(async () => {
  world = await createWorld();
  const unreviewed = { reviewedAt: null, contractId: null, attestationDueAt: null };
  client = await registerLoginClient(world, { environment: 'sandbox', ...unreviewed });
  ana = await world.patientBrowser();
});
afterAll(() => world.stop());

test('an invented patient signs in to an app of the sandbox', async () => {
  const { accessToken } = await loginOf(world, client, await ana.authorize(loginRequest(world, client)));
  expect(await (await userinfo(world, accessToken)).json()).toMatchObject({ name: 'Ana Rivera' });
});

test('whoever has a record in production alone is not told to it: neither asked nor on a form that is sent', async () => {
  const page = await ana.open(loginRequest(world, client, { prompt: 'consent' }));
  await world.store.prisma.patientRecord.deleteMany({ where: { fhirBaseUrl: sandboxBase(world) } });
  const sent = await ana.decide(page);
  expect([sent.status, sent.headers.get('location')]).toEqual([403, null]);
  const { response } = await ana.open(loginRequest(world, client, { prompt: 'consent' }));
  expect(response.status).toBe(403);
  expect(await world.store.prisma.consent.count({ where: { appId: client.id } })).toBe(1);
});
