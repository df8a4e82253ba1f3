// What a person sees whose app may not act now: plain words, and the way back to the app, which carries the refusal.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { standing } from '../../src/policy/standing.ts';
import { createMessages } from '../../src/web/messages.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { csrfIn } from '../setup/browser.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';
import { htmlFaults } from '../web/html-faults.ts';

let world: World;
let patient: TestBrowser;
const messages = createMessages('views');

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterEach(() =>
  world.store.prisma.app.updateMany({
    data: { suspendedAt: null, attestationDueAt: new Date(Date.now() + 86_400_000) },
  }),
);
afterAll(() => world.stop());

type Facts = Parameters<World['store']['prisma']['app']['updateMany']>[0]['data'];
const spoil = (data: Facts) => world.store.prisma.app.updateMany({ data });
const overdue = () => spoil({ attestationDueAt: new Date(Date.now() - 1_000) });

const textOf = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
const unescaped = (html: string) => html.replaceAll('&amp;', '&').replaceAll('&#39;', "'");

async function page(changes: Record<string, string | undefined> = {}, headers = {}) {
  const request = authorizationRequest(world, changes);
  const response = await patient.send(request.url, { headers });
  const html = await response.text();
  const [, link] = /<a class="button" href="(\w+:[^"]+)"/.exec(html) ?? [];
  return { request, response, html, link: link === undefined ? undefined : new URL(unescaped(link)) };
}

describe('an app that cannot be used right now', () => {
  test('is told about on a page, with a link that carries error, state and iss to its redirect URI', async () => {
    await overdue();
    const { request, response, html, link } = await page();
    expect([response.status, response.headers.get('location')]).toEqual([403, null]);
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(htmlFaults(html)).toEqual([]);
    const text = textOf(html);
    expect(text).toContain('Lantern Health cannot be used right now');
    expect(text).toContain('Nothing was shared');
    expect(text).toContain('Go back to Lantern Health');
    expect(`${link?.origin}${link?.pathname}`).toBe(request.redirectUri);
    expect(Object.fromEntries(link?.searchParams ?? [])).toEqual({
      error: 'unauthorized_client',
      error_description: expect.any(String),
      state: request.state,
      iss: world.issuer,
    });
  });

  test('is told about in the language of the app or of the browser', async () => {
    await overdue();
    for (const { html } of [
      await page({ ui_locales: 'es' }),
      await page({}, { 'accept-language': 'es-MX,es;q=0.9' }),
    ]) {
      expect(html).toContain('<html lang="es"');
      expect(textOf(html)).toContain('Lantern Health no se puede usar ahora');
      expect(htmlFaults(html)).toEqual([]);
    }
  });

  test('hears of it at once where nobody is there to read (OpenID Connect Core §3.1.2.1, prompt=none)', async () => {
    await overdue();
    const { request, response } = await page({ prompt: 'none', scope: 'patient/Patient.rs' });
    const callback = new URL(response.headers.get('location') ?? '');
    expect([response.status, callback.origin]).toEqual([303, world.appOrigin]);
    expect(callback.searchParams.get('error')).toBe('unauthorized_client');
    expect(callback.searchParams.get('state')).toBe(request.state);
  });

  test('is told about when its standing ends while the person decides: no code is given', async () => {
    const consent = await patient.open(authorizationRequest(world).url);
    const { length } = csrfIn(consent.html);
    expect(length).toBeGreaterThan(0);
    await overdue();
    const decided = await patient.decide(consent);
    const { response, html } = await patient.open(decided.headers.get('location') ?? '');
    expect(response.status).toBe(403);
    expect(textOf(html)).toContain('Lantern Health cannot be used right now');
    expect(html).not.toContain('code=');
  });

  test('gets no link to an address that is not registered', async () => {
    await overdue();
    for (const redirect_uri of ['https://evil.example/cb', undefined]) {
      const { response, html } = await page({ redirect_uri });
      expect(response.status).toBe(400);
      expect(html).not.toContain('evil.example');
      expect(textOf(html)).not.toContain('Go back to Lantern');
    }
  });
});

describe('an app that is switched off', () => {
  test('gets a page without any way back, and no redirect either (RFC 6749 §4.1.2.1)', async () => {
    await spoil({ suspendedAt: new Date() });
    for (const changes of [{}, { prompt: 'none', scope: 'patient/Patient.rs' }]) {
      const { response, html, link } = await page(changes);
      expect([response.status, response.headers.get('location'), link]).toEqual([403, null, undefined]);
      expect(textOf(html)).toContain('Lantern Health is switched off');
      expect(html).not.toContain(world.appOrigin);
      expect(htmlFaults(html)).toEqual([]);
    }
  });
});

describe('the rule that failed', () => {
  test('stands on the page of a sandbox app, for its developer, and on no other', async () => {
    const sandbox = { environment: 'sandbox' };
    const client_id = await registerApp(world, world.clientId, { ...sandbox, ownerId: null });
    const text = textOf((await page({ client_id })).html);
    expect(text).toContain('For the developer of this app');
    expect(text).toContain(messages.translator('en')('diagnosis.owner_missing'));
    expect(text).toContain('owner_missing');
    await overdue();
    expect(textOf((await page()).html)).not.toMatch(/attestation|developer/i);
  });

  test('has its words in both languages, whichever it is', () => {
    for (const [reason] of standing)
      for (const locale of ['en', 'es'] as const)
        expect(messages.translator(locale)(`diagnosis.${reason}`)).toMatch(/\.$/);
  });
});

test('a name is shown as text, and state goes back as it came', async () => {
  const name = '<script>alert(1)</script>"\'';
  const client_id = await registerApp(world, world.clientId, { name, ownerId: null });
  const state = `"><script>'&amp;=#\u20ac`;
  const { html, link } = await page({ client_id, state });
  expect(htmlFaults(html)).toEqual([]);
  expect(html).not.toContain('<script>alert');
  expect(link?.searchParams.get('state')).toBe(state);
});
