import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { invitationRoutes } from '../../src/patient/invitation-routes.ts';
import { patientRoutes } from '../../src/patient/routes.ts';
import { staffRoutes } from '../../src/staff/routes.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let interaction: string;
let csrf: string;

/** Every address of a patient's page that a form or script posts to. */
const ROUTES = [
  '/interaction/:uid/consent',
  '/interaction/:uid/ehr-launch',
  '/interaction/:uid/passkey',
  '/interaction/:uid/passkey/options',
  '/interaction/:uid/patient',
  '/interaction/:uid/proofing',
  '/interaction/:uid/switch',
  '/invitation/open',
  '/invitation/options',
  '/invitation/verify',
  '/my/apps/:appId/change',
  '/my/apps/:appId/patients/:patientId/change',
  '/my/apps/:appId/patients/:patientId/pause',
  '/my/apps/:appId/patients/:patientId/resume',
  '/my/apps/:appId/patients/:patientId/stop',
  '/my/apps/:appId/pause',
  '/my/apps/:appId/resume',
  '/my/apps/:appId/stop',
  '/my/notices/addresses',
  '/my/notices/addresses/:id/confirm',
  '/my/notices/addresses/:id/remove',
  '/my/notices/kinds',
  '/my/passkey',
  '/my/passkey/options',
  '/my/patients/:patientId/report',
  '/my/people/:id/end',
  '/my/recovery',
  '/my/report',
  '/my/security/add/options',
  '/my/security/add/skip',
  '/my/security/add/verify',
  '/my/security/passkeys/:handle/name',
  '/my/security/passkeys/:handle/remove',
  '/my/security/sign-out-everywhere',
  '/my/sign-out',
  '/my/verify',
  '/my/verify/options',
  '/recovery',
  '/recovery/help',
  '/recovery/options',
  '/recovery/proof',
  '/recovery/verify',
  '/staff/passkey',
  '/staff/passkey/first',
  '/staff/passkey/first/options',
  '/staff/passkey/options',
  '/staff/sign-out',
  '/staff/verify',
];

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = await world.patientBrowser();
  await ana.authorize(authorizationRequest(world).url);
  const page = await ana.open(authorizationRequest(world).url);
  interaction = new URL(page.url).pathname;
  csrf = csrfIn(page.html);
});
afterAll(() => world.stop());

const addressOf = (route: string) =>
  route.replace('/interaction/:uid', interaction).replace(':appId', world.clientId);

interface Sent {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: TestBrowser['cookies'];
}

/** Ana's browser sends a form to the address, with what is left or added. */
function post(route: string, { token = csrf, headers = {}, cookies = ana.cookies }: Sent): Promise<Response> {
  const sender = new TestBrowser(world.issuer);
  sender.cookies = cookies;
  return sender.send(addressOf(route), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: world.issuer,
      ...headers,
    },
    body: new URLSearchParams({ csrf: token, decision: 'share', duration: '30', code: 'x' }),
  });
}

test('the list above has every address before and of the patient’s pages, and before those of staff, that changes something', async () => {
  const deps = { relyingParty: {}, proofing: {} } as never;
  const routers = [...patientRoutes(deps), invitationRoutes(deps, {} as never), staffRoutes({} as never)];
  const layers = routers.flatMap(({ stack }) => stack);
  const changing = layers.filter(({ methods }) =>
    methods.some((method) => !['GET', 'HEAD'].includes(method)),
  );
  expect(changing.map(({ path }) => String(path)).sort()).toEqual([...ROUTES].sort());
});

describe.each(ROUTES)('POST %s', (route) => {
  test.each<[string, number, () => Sent]>([
    [
      'without the cookie of the browser',
      400,
      () => ({ cookies: ana.cookies.filter(({ name }) => name !== 'postern-browser') }),
    ],
    ['from another origin', 403, () => ({ headers: { origin: 'https://evil.example' } })],
    ['from another port of the same host', 403, () => ({ headers: { origin: world.appOrigin } })],
    ['from a page without an origin', 403, () => ({ headers: { origin: 'null' } })],
    ['with the token of another browser', 403, () => ({ token: 'x'.repeat(43) })],
    ['without a token', 403, () => ({ token: '' })],
  ])('%s is refused', async (_name, status, sent) => {
    const response = await post(route, sent());
    expect(response.status).toBe(status);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.getSetCookie().join()).not.toMatch(/session/);
  });
});

test('after all of these she is still signed in, still shares, and her request still waits', async () => {
  const { html } = await ana.open('/my');
  expect(html).toContain('You are signed in as Ana Rivera.');
  expect(html).toContain('Stop sharing with Lantern Health');
  const page = await ana.open(interaction);
  expect((await ana.decide(page)).status).toBe(303);
});

test('a body of the wrong kind, size or shape is refused as a fault of its sender', async () => {
  const page = await ana.open(authorizationRequest(world).url);
  const token = csrfIn(page.html);
  const url = `${new URL(page.url).pathname}/consent`;
  const send = (type: string, body: string) =>
    ana.send(url, {
      method: 'POST',
      headers: { 'content-type': type, origin: world.issuer, 'x-csrf-token': token },
      body,
    });
  for (const [type, body, status] of [
    ['application/json', '{', 400],
    ['application/json', 'null', 400],
    ['application/json', '[]', 400],
    ['application/json', '{"__proto__":{"decision":"share"}}', 400],
    ['application/json', `{"decision":"share","duration":"30","choice":[{"a":1}],"csrf":"${token}"}`, 400],
    ['application/json', `"${'x'.repeat(70_000)}"`, 413],
    ['application/x-www-form-urlencoded', 'decision[a]=share', 400],
    ['application/x-www-form-urlencoded', 'decision=share&duration=30&choice[a][b]=c', 400],
    ['application/x-www-form-urlencoded', 'decision=share&duration=30&choice=patient/*.cruds', 400],
    ['application/x-www-form-urlencoded', `x=${'x'.repeat(70_000)}`, 413],
    ['text/plain', 'decision=share', 400],
    ['application/xml', '<a/>', 400],
    ['multipart/form-data; boundary=x', '--x--', 400],
  ] as const) {
    const response = await send(type, body);
    expect([type, body.slice(0, 80), response.status]).toEqual([type, body.slice(0, 80), status]);
    expect(await response.text()).not.toMatch(/SyntaxError|TypeError|\bat .+:\d+/);
  }
});

test('no page can be framed, and none is kept in a cache', async () => {
  const signedOut = new TestBrowser(world.issuer);
  const pages: Response[] = [];
  for (const path of [
    '/',
    '/invitation',
    '/enrolled',
    '/my',
    '/nothing',
    '/authorize?client_id=x',
    '/interaction/x',
  ])
    pages.push((await signedOut.open(path)).response);
  const consent = await ana.open(authorizationRequest(world).url);
  pages.push(consent.response, await ana.decide(consent, { choices: [] }));
  for (const path of ['/my', `/my/apps/${world.clientId}/stop`]) pages.push((await ana.open(path)).response);
  const token: [string, string] = ['csrf', csrfIn((await ana.open('/my')).html)];
  pages.push(
    await ana.form(`/my/apps/${world.clientId}/stop`, [token]),
    await ana.form('/my/sign-out', [token]),
  );
  for (const { url, status, headers } of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    expect([url, status, headers.get('x-frame-options')]).toEqual([url, status, 'DENY']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/=]+'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  }
  expect(pages.map(({ status }) => status)).toEqual([
    200, 200, 200, 200, 404, 400, 400, 200, 422, 200, 200, 200, 200,
  ]);
  for (const path of ['/', '/launch', '/app', '/nothing']) {
    const { headers } = await fetch(`${world.appOrigin}${path}`);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }
});
