import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { harbor, production, register, sandboxBase, send, textOf } from '../developer/portal.ts';
import { authorizationRequest, tokenRequest } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

const REDIRECT_URI = 'http://localhost:9999/app';
const NOT_REVIEWED = /We have not reviewed this app\. Share only if you know and trust Lantern Health, Inc\./;
const DAY_S = 86_400;

let world: World;
let dana: TestBrowser;
let ana: TestBrowser;
let clientId: string;
beforeAll(async () => {
  world = await createWorld('postgresql');
  [dana, ana] = await Promise.all([staffBrowser(world, 'dana-whitfield'), world.patientBrowser()]);
  clientId = await register(dana, harbor(world));
});
afterAll(() => world.stop());

const asked = (changes: Readonly<Record<string, string | undefined>> = {}) => ({
  ...{ client_id: clientId, redirect_uri: REDIRECT_URI, aud: sandboxBase(world) },
  ...changes,
});
const read = async (base: string, token: string) =>
  (await fetch(`${base}/Patient/ana-rivera`, { headers: { authorization: `Bearer ${token}` } })).status;
const refresh = (token: string) =>
  tokenRequest(world, { grant_type: 'refresh_token', refresh_token: token, client_id: clientId });

test('an app that a developer has just registered has no review, contract or attestation, and acts', async () => {
  const app = await world.store.prisma.app.findUniqueOrThrow({ where: { id: clientId } });
  expect(app).toMatchObject({ reviewedAt: null, contractId: null, attestationDueAt: null });
  const { accessToken } = await connect(world, ana, asked());
  expect(await world.introspect(accessToken)).toMatchObject({
    ...{ active: true, client_id: clientId, aud: sandboxBase(world), patient: 'ana-rivera' },
    purpose_of_use: 'PATRQT',
  });
});

describe('its token', () => {
  let held: Connection;
  beforeAll(async () => {
    held = await connect(world, ana, asked(), { duration: '90' });
  });

  test('opens the sandbox base and no other', async () => {
    expect(await read(sandboxBase(world), held.accessToken)).toBe(200);
    expect(await read(world.fhirBase, held.accessToken)).toBe(401);
  });

  test('lives as long as any other: no contract is no end (SMART App Launch, expires_in)', async () => {
    expect(held.tokens.expires_in).toBe(300);
    const inSeconds = Number(held.tokens.authorization_expires_in);
    expect(inSeconds).toBeGreaterThan(90 * DAY_S - 600);
    expect(Number(held.tokens.refresh_token_timeout)).toBe(inSeconds);
    const answer = (await (await refresh(held.refreshToken)).json()) as Record<string, string>;
    expect(answer.expires_in).toBe(300);
    const { exp, iat } = await world.introspect(answer.access_token ?? '');
    expect(Number(exp) - Number(iat)).toBe(300);
  });

  test('of a backend service lives five minutes too (SMART Backend Services, expires_in)', async () => {
    const none = { reviewedAt: null, contractId: null, attestationDueAt: null };
    const audiences = [sandboxBase(world)];
    const sandbox = { environment: 'sandbox', ...none, audiences };
    const backendId = await registerApp(world, world.backendId, sandbox);
    const answer = await backendToken(world, {}, { clientId: backendId });
    expect([answer.status, (await answer.json()) as object]).toMatchObject([200, { expires_in: 300 }]);
  });
});

describe('a production base', () => {
  test('cannot be asked for: nobody is even asked', async () => {
    const callback = await ana.authorize(authorizationRequest(world, asked({ aud: world.fhirBase })).url);
    expect([errorIn(callback), callback.searchParams.has('code')]).toEqual(['invalid_request', false]);
    expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('audience_unknown');
  });

  test('cannot be added beside it with resource (RFC 8707 §2)', async () => {
    const both = { ...asked(), resource: world.fhirBase };
    expect(errorIn(await ana.authorize(authorizationRequest(world, both).url))).toBe('invalid_request');
  });

  test('cannot be asked for with a refresh token of the sandbox (RFC 8707 §2)', async () => {
    const { refreshToken } = await connect(world, ana, asked());
    const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId };
    const answer = await tokenRequest(world, { ...parameters, resource: world.fhirBase });
    expect(await refusalOf(answer)).toEqual([400, 'invalid_target']);
  });

  test.each(['/developer/apps/new', 'edit'])('cannot be registered at %s', async (form) => {
    const page = form === 'edit' ? `/developer/apps/${clientId}/edit` : form;
    const both = [sandboxBase(world), world.fhirBase];
    const answer = await send(dana, page, page, { ...harbor(world), audiences: both, action: 'save' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="field-audiences-fault"');
  });
});

test('an app for production cannot name the sandbox, and does not act before its review', async () => {
  const page = '/developer/apps/new';
  const wrong = { ...production(world), audiences: sandboxBase(world), action: 'save' };
  expect((await send(dana, page, page, wrong)).status).toBe(422);
  const id = await register(dana, production(world));
  const redirect = { redirect_uri: 'https://harbor.example/app', aud: world.fhirBase };
  const { response } = await ana.open(authorizationRequest(world, asked({ client_id: id, ...redirect })).url);
  expect(response.status).toBe(403);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('client_not_reviewed');
});

test('the consent page warns that nobody reviewed it, and promises no review and no attestation', async () => {
  const page = await ana.open(authorizationRequest(world, asked({ prompt: 'consent' })).url);
  const chosen = page.html.includes('name="record"') ? await ana.choosePatient(page) : page;
  const text = textOf(chosen.html);
  expect(text).toMatch(NOT_REVIEWED);
  expect(text).not.toMatch(/reviewed this app on|has said in writing/);
  const reviewed = await ana.open(authorizationRequest(world, { prompt: 'consent' }).url);
  expect(textOf(reviewed.html)).not.toMatch(NOT_REVIEWED);
  expect(textOf(reviewed.html)).toMatch(/reviewed this app on/);
});
