import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ASKED, authorizationRequest, redeem } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)(
  'an authorization request that is POSTed (authorize-post), on %s',
  (kind) => {
    let world: World;
    let patient: TestBrowser;
    beforeAll(async () => {
      world = await createWorld(kind);
      patient = await world.patientBrowser();
    });
    afterAll(() => world.stop());

    const post = (body: string | URLSearchParams | FormData, headers: Record<string, string> = {}) =>
      fetch(`${world.issuer}/authorize`, { method: 'POST', body, headers, redirect: 'manual' });
    const form = (url: string) => new URLSearchParams(new URL(url).search);

    async function posted(url: string, more: readonly (readonly [string, string])[] = []): Promise<string> {
      const body = form(url);
      for (const [name, value] of more) body.append(name, value);
      const response = await post(body);
      expect(response.status).toBe(303);
      return new URL(response.headers.get('location') ?? '', world.issuer).href;
    }

    test('leads to the same pages and the same token as one by GET (SMART app-launch, "Obtain authorization code")', async () => {
      const request = authorizationRequest(world);
      const callback = await patient.authorize(await posted(request.url));
      expect(callback.searchParams.get('state')).toBe(request.state);
      const tokens = (await (await redeem(world, request, callback)).json()) as Record<string, string>;
      expect(tokens).toMatchObject({ token_type: 'Bearer', patient: 'ana-rivera' });
      expect(tokens.scope?.split(' ')).toContain('offline_access');
    });

    test('the redirect holds nothing of the request, sets no cookie, and all cookies stay SameSite=Lax (5.12)', async () => {
      const request = authorizationRequest(world);
      const response = await post(form(request.url));
      const location = response.headers.get('location') ?? '';
      expect(location).toMatch(/^\/authorize\?postern_request=[A-Za-z0-9_-]{43}$/);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const next = await fetch(new URL(location, world.issuer), { redirect: 'manual' });
      const cookies = next.headers.getSetCookie();
      expect(cookies.length).toBeGreaterThan(0);
      for (const cookie of cookies) expect(cookie).toMatch(/samesite=lax/i);
    });

    test('is used up by one redirect, and ends after a minute', async () => {
      const kept = await posted(authorizationRequest(world).url);
      const first = await Promise.all(Array.from({ length: 4 }, () => patient.send(kept)));
      expect(first.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400]);
      const late = await posted(authorizationRequest(world).url);
      world.clock.advance(60_000);
      const response = await patient.send(late);
      expect([response.status, await response.text()]).toEqual([
        400,
        expect.stringContaining('This link has ended'),
      ]);
    });

    test('is whole: nothing that stands beside it in the address is added', async () => {
      const request = authorizationRequest(world);
      const kept = await posted(request.url);
      const page = await patient.open(`${kept}&scope=openid&state=other&redirect_uri=https://evil.example/`);
      const decided = await patient.decide(page);
      const { url } = await patient.open(decided.headers.get('location') ?? '');
      expect(new URL(url).searchParams.get('state')).toBe(request.state);
      const unknown = await patient.send(`${request.url}&postern_request=none`);
      expect(unknown.status).toBe(400);
    });

    test('a parameter that is sent twice is refused as by GET (RFC 6749 §3.1)', async () => {
      const { url } = await patient.open(await posted(authorizationRequest(world).url, [['scope', ASKED]]));
      expect(new URL(url).searchParams.get('error') ?? 'invalid_request').toBe('invalid_request');
      expect(new URL(url).searchParams.get('code')).toBeNull();
    });

    test('the refusals of the endpoint reach the app (wrong aud)', async () => {
      const request = authorizationRequest(world, { aud: 'https://evil.example/fhir' });
      const { url } = await patient.open(await posted(request.url));
      expect(new URL(url).searchParams.get('error')).toBe('invalid_request');
    });

    test('only a form of at most 56 KiB, without U+0000, is kept', async () => {
      const { store } = world;
      const where = { model: 'AuthorizationRequest' };
      const before = await store.prisma.oidcPayload.count({ where });
      const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
      const answers = await Promise.all([
        post('{}', { 'content-type': 'application/json' }),
        post(new FormData()),
        post(`state=${'x'.repeat(57 * 1024)}`, urlencoded),
        post('state=\0', urlencoded),
      ]);
      for (const answer of answers) {
        expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }]);
      }
      expect(await store.prisma.oidcPayload.count({ where })).toBe(before);
      expect((await post('state=%00', urlencoded)).status).toBe(303);
    });

    test('who names no registered client leaves no row, and hears what the endpoint says of it', async () => {
      const { store } = world;
      const where = { model: 'AuthorizationRequest' };
      const before = await store.prisma.oidcPayload.count({ where });
      const unknown = authorizationRequest(world, { client_id: 'nobody-we-know' });
      const page = await patient.open(await posted(unknown.url));
      expect([page.response.status, page.url.startsWith(world.issuer)]).toEqual([400, true]);
      expect(await store.prisma.oidcPayload.count({ where })).toBe(before);
    });

    test('is advertised', async () => {
      const url = `${world.issuer}/fhir-bases/demo/.well-known/smart-configuration`;
      const { capabilities } = (await (await fetch(url)).json()) as { capabilities: string[] };
      expect(capabilities).toContain('authorize-post');
    });
  },
);
