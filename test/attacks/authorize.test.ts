import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let browser: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  browser = new TestBrowser(world.issuer);
});
afterAll(() => world.stop());

type Changes = Readonly<Record<string, string | undefined>>;

/** Refused on our own page: nothing goes to the redirect URI, and nothing of the request is repeated. */
async function refusedHere(changes: Changes, more = ''): Promise<void> {
  const response = await browser.send(authorizationRequest(world, changes).url + more);
  const html = await response.text();
  expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(response.headers.get('x-frame-options')).toBe('DENY');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(html).not.toMatch(/evil|nobody|<script(?! src)/);
}

/** Refused at the app, with state and iss (RFC 6749 §4.1.2.1, RFC 9207 §2), and never with a token or code. */
async function refusedAtApp(changes: Changes, more = ''): Promise<string | null> {
  const request = authorizationRequest(world, changes);
  const response = await browser.send(request.url + more);
  const callback = new URL(response.headers.get('location') ?? 'about:blank');
  expect([response.status, `${callback.origin}${callback.pathname}`]).toEqual([303, request.redirectUri]);
  const answer = new URLSearchParams(callback.search || callback.hash.slice(1));
  expect(answer.get('iss')).toBe(world.issuer);
  if (changes.state === undefined && more === '' && !('state' in changes))
    expect(answer.get('state')).toBe(request.state);
  for (const name of ['code', 'access_token', 'id_token']) expect(answer.has(name)).toBe(false);
  return answer.get('error');
}

describe('who asks, and where the answer goes', () => {
  test.each([
    undefined,
    '',
    'nobody',
    'lantern-health ',
    'LANTERN-HEALTH',
    "' OR 1=1 --",
    'a\0b',
    'demo-fhir-server',
  ])('client_id %j is answered with a page', async (client_id) => {
    await refusedHere({ client_id });
  });

  test('a backend service cannot ask people', async () => {
    await refusedHere({ client_id: world.backendId, redirect_uri: 'https://evil.example/cb' });
  });

  test('redirect_uri that is foreign, empty or missing is answered with a page', async () => {
    for (const redirect_uri of ['https://evil.example/cb', '', undefined])
      await refusedHere({ redirect_uri });
  });

  test.each([
    (uri: string) => `${uri}2`,
    (uri: string) => `${uri}/`,
    (uri: string) => `${uri}/../evil`,
    (uri: string) => uri.replace('/app', '/./app'),
    (uri: string) => uri.replace('localhost', 'LOCALHOST'),
    (uri: string) => uri.replace('localhost', 'localhost.'),
    (uri: string) => uri.replace('localhost', '127.0.0.1'),
    (uri: string) => uri.replace('localhost', 'user@localhost'),
    (uri: string) => uri.replace('http://', 'http://evil.example@'),
    (uri: string) => uri.replace('http:', 'https:'),
    (uri: string) => uri.replace(/:\d+/, ':443'),
    (uri: string) => uri.replace('/app', '/%61pp'),
    (uri: string) => uri.replace('/app', '\\app'),
    (uri: string) => uri.replace('/app', '%2Fapp'),
    (uri: string) => uri.replace('localhost', 'loc\u0430lhost'),
    (uri: string) => `${uri}#evil`,
    (uri: string) => `${uri}?evil=1`,
    (uri: string) => ` ${uri}`,
    (uri: string) => `${uri}\t`,
    (uri: string) => `${uri}\0`,
    () => 'javascript:alert(1)',
    () => '//evil.example/app',
  ])('a redirect_uri that is nearly right is wrong: exact comparison (RFC 9700 §2.1), %#', async (change) => {
    await refusedHere({ redirect_uri: change(`${world.appOrigin}/app`) });
  });

  test('a parameter that is sent twice is refused, at no address that came twice (RFC 6749 §3.1)', async () => {
    await refusedHere({}, '&redirect_uri=https%3A%2F%2Fevil.example');
    await refusedHere({}, '&client_id=nobody');
    for (const name of ['scope', 'aud', 'state', 'response_type', 'code_challenge', 'prompt=login&prompt'])
      expect([name, await refusedAtApp({}, `&${name}=x`)]).toEqual([name, 'invalid_request']);
  });

  test('no other fault of the request opens a way to a foreign redirect_uri', async () => {
    const foreign = { redirect_uri: 'https://evil.example/cb' };
    for (const fault of [
      { response_type: 'token' },
      { scope: 'x'.repeat(3_000) },
      { prompt: 'none' },
      { aud: undefined },
      { request: 'evil' },
      { response_mode: 'form_post' },
    ])
      await refusedHere({ ...foreign, ...fault });
  });

  test('a posted request is judged as the same one in a URL, and is good once', async () => {
    const { searchParams } = new URL(authorizationRequest(world).url);
    const posted = async (change: (body: URLSearchParams) => void) => {
      const body = new URLSearchParams(searchParams);
      change(body);
      const response = await fetch(`${world.issuer}/authorize`, { method: 'POST', body, redirect: 'manual' });
      const location = response.headers.get('location') ?? '';
      expect([response.status, location.startsWith('/authorize?')]).toEqual([303, true]);
      return location;
    };
    for (const [name, value] of [
      ['redirect_uri', 'https://evil.example/cb'],
      ['client_id', 'nobody'],
    ] as const) {
      const set = await browser.send(await posted((body) => body.set(name, value)));
      const added = await browser.send(await posted((body) => body.append(name, value)));
      for (const { status, headers } of [set, added])
        expect([status, headers.get('location')]).toEqual([400, null]);
    }
    const kept = await posted(() => undefined);
    const first = await browser.send(`${kept}&redirect_uri=https%3A%2F%2Fevil.example`);
    expect(first.headers.get('location')).toMatch(/^\/interaction\//);
    expect((await browser.send(kept)).status).toBe(400);
  });
});

describe('what is asked', () => {
  test('no code_challenge; another method than S256, or none named (RFC 9700 §2.1.1)', async () => {
    expect(await refusedAtApp({ code_challenge: undefined, code_challenge_method: undefined })).toBe(
      'invalid_request',
    );
    for (const code_challenge_method of ['plain', undefined, 's256', 'S512'])
      expect(await refusedAtApp({ code_challenge_method })).toBe('invalid_request');
    for (const code_challenge of ['', 'x'.repeat(42), `${'x'.repeat(42)}+`])
      expect([code_challenge, await refusedAtApp({ code_challenge })]).toEqual([
        code_challenge,
        'invalid_request',
      ]);
  });

  test.each(['token', 'id_token', 'code id_token', 'code token', 'id_token token', 'none', 'CODE', ''])(
    'response_type %j gives no token',
    async (response_type) => {
      const error = await refusedAtApp({ response_type });
      expect(['unsupported_response_type', 'invalid_request']).toContain(error);
    },
  );

  test('a response_mode other than query is refused', async () => {
    expect(await refusedAtApp({ response_mode: 'fragment' })).toBe('invalid_request');
    for (const response_mode of ['web_message', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'x'])
      expect(await refusedAtApp({ response_mode })).toBe('unsupported_response_mode');
    const form = await browser.send(authorizationRequest(world, { response_mode: 'form_post' }).url);
    expect(form.status).toBe(400);
    expect(await form.text()).not.toContain('name="code"');
  });

  test('prompt: none without a session, none with others, unknown values (OpenID Connect Core §3.1.2.1)', async () => {
    expect(await refusedAtApp({ prompt: 'none' })).toBe('login_required');
    for (const prompt of ['none login', 'none consent', 'create', 'x'])
      expect([prompt, await refusedAtApp({ prompt })]).toEqual([prompt, 'invalid_request']);
  });

  test('aud and launch that are not known say nothing about anybody', async () => {
    for (const aud of [undefined, 'https://evil.example/fhir', `${world.fhirBase}/`])
      expect(await refusedAtApp({ aud })).toBe('invalid_request');
    for (const launch of ['x', 'ana-rivera', '1'])
      expect(await refusedAtApp({ launch, scope: 'launch patient/Patient.rs' })).toBe('invalid_request');
  });

  test('state is required (RFC 6749 §10.12), and a request object, a request URI and registration are not taken', async () => {
    expect(await refusedAtApp({ state: undefined })).toBe('invalid_request');
    expect(await refusedAtApp({ request: 'e30.e30.' })).toBe('request_not_supported');
    expect(await refusedAtApp({ request_uri: 'https://evil.example/r' })).toBe('request_uri_not_supported');
    expect(await refusedAtApp({ registration: '{"redirect_uris":["https://evil.example"]}' })).toBe(
      'registration_not_supported',
    );
  });

  test('U+0000, which no database keeps, is a fault of the request and not of ours', async () => {
    for (const name of ['state', 'nonce', 'login_hint', 'ui_locales', 'acr_values'])
      expect([name, await refusedAtApp({ [name]: 'a\0b' })]).toEqual([name, 'invalid_request']);
  });
});
