// RFC 9700 §4.11.2: whoever registers an app must not be able to send people on from our address.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sandboxBase } from '../developer/portal.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';
import { htmlFaults } from '../web/html-faults.ts';

let world: World;
let patient: TestBrowser;
let unreviewed: string;
let suspended: string;
let sandbox: string;

const AFTERWARDS = 'https://evil.example/afterwards';
beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  const changes = { reviewedAt: null, postLogoutRedirectUris: [AFTERWARDS] };
  unreviewed = await registerApp(world, world.clientId, changes);
  suspended = await registerApp(world, world.clientId, { suspendedAt: new Date() });
  sandbox = await registerApp(world, world.clientId, {
    ...{ ...changes, environment: 'sandbox', audiences: [sandboxBase(world)] },
  });
});
afterAll(() => world.stop());

type Changes = Record<string, string | undefined>;
const FAULTY: readonly (readonly [what: string, changes: Changes])[] = [
  ['an invalid scope', { scope: '' }],
  ['a scope that may not be granted', { scope: 'patient/Practitioner.rs' }],
  ['prompt=none', { prompt: 'none' }],
  ['prompt=none and an invalid scope', { prompt: 'none', scope: 'nonsense' }],
  ['an unknown prompt', { prompt: 'nonsense' }],
  ['another response type', { response_type: 'token' }],
  ['another response mode', { response_mode: 'fragment' }],
  ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
  ['another audience', { aud: 'https://evil.example/r4' }],
  ['no state', { state: undefined }],
  ['a request object', { request: 'e30.e30.' }],
];

async function asked(client_id: string, changes: Changes = {}) {
  const { url, redirectUri } = authorizationRequest(world, { client_id, ...changes });
  const response = await patient.send(url);
  return { response, html: await response.text(), location: response.headers.get('location'), redirectUri };
}

describe('an app in production that nobody has reviewed', () => {
  test('gets a page without a link, and no redirect', async () => {
    const { response, html, location } = await asked(unreviewed);
    expect([response.status, location]).toEqual([403, null]);
    expect(html).toContain('Lantern Health cannot be used right now');
    expect(html).not.toContain(world.appOrigin);
    expect(htmlFaults(html)).toEqual([]);
  });

  test.each(FAULTY)('neither with %s', async (_what, changes) => {
    const { response, html, location } = await asked(unreviewed, changes);
    expect([response.status, location]).toEqual([403, null]);
    expect(html).not.toContain(world.appOrigin);
  });

  test('nor when a request is posted', async () => {
    const { url } = authorizationRequest(world, { client_id: unreviewed, prompt: 'none' });
    const [address = '', query = ''] = url.split('?');
    const posted = await patient.send(address, { method: 'POST', body: new URLSearchParams(query) });
    const answer = posted.status === 303 ? await patient.send(posted.headers.get('location') ?? '') : posted;
    expect([answer.status, answer.headers.get('location')]).toEqual([403, null]);
  });

  test('nor after a sign-out (OpenID Connect RP-Initiated Logout 1.0 §2)', async () => {
    const asks = (client_id: string) =>
      patient.send(
        `/session/end?${new URLSearchParams({ client_id, post_logout_redirect_uri: AFTERWARDS })}`,
      );
    const refused = await asks(unreviewed);
    expect([refused.status, refused.headers.get('location')]).toEqual([400, null]);
    expect(await refused.text()).not.toContain('evil.example');
    expect((await asks(sandbox)).status).toBeLessThan(400);
  });

  test('is reviewed, and its errors go back to it again (RFC 6749 §4.1.2.1)', async () => {
    const { prisma } = world.store;
    await prisma.app.update({ where: { id: unreviewed }, data: { reviewedAt: new Date() } });
    const { location, redirectUri } = await asked(unreviewed, { scope: 'nonsense' });
    expect(location).toMatch(`${redirectUri}?error=invalid_scope`);
    await prisma.app.update({ where: { id: unreviewed }, data: { reviewedAt: null } });
  });
});

test.each(FAULTY)('nobody is sent to a suspended app either, with %s', async (_what, changes) => {
  const { response, html, location } = await asked(suspended, changes);
  expect([response.status, location]).toEqual([403, null]);
  expect(html).toContain('Lantern Health is switched off');
});

test.each(FAULTY.slice(0, 3))('a sandbox app, which needs no review, hears of %s', async (_what, changes) => {
  const { response, location, redirectUri } = await asked(sandbox, { aud: sandboxBase(world), ...changes });
  expect(response.status).toBe(303);
  expect(location).toMatch(`${redirectUri}?error=`);
});
