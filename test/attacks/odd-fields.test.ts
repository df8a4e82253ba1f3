import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type Router from '@koa/router';
import { invitationRoutes } from '../../src/patient/invitation-routes.ts';
import { patientRoutes } from '../../src/patient/routes.ts';
import { trustRoutes } from '../../src/trust/routes.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { isNoFaultOfOurs } from './no-fault.ts';

let world: World;
let ana: TestBrowser;
let interaction: string;
let csrf: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = await world.patientBrowser();
  await ana.authorize(authorizationRequest(world).url);
  const page = await ana.open(authorizationRequest(world).url);
  interaction = new URL(page.url).pathname;
  csrf = csrfIn(page.html);
});
afterAll(() => world.stop());

const deps = { relyingParty: {}, proofing: {} } as never;
const routers: readonly Router[] = [
  ...[...patientRoutes(deps), invitationRoutes(deps, {} as never), trustRoutes({ providers: [] } as never)],
];
const routesOf = (method: string) =>
  routers
    .flatMap(({ stack }) => stack)
    .filter(({ methods }) => methods.includes(method))
    .map(({ path }) => String(path));
/** What ends her session comes last. */
const endsLast = (path: string) => Number(path === '/my/sign-out' || path.endsWith('sign-out-everywhere'));
const posts = routesOf('POST').sort((a, b) => endsLast(a) - endsLast(b));
const reads = routesOf('GET');

const SEGMENTS = ['a%00b', '%ED%A0%80', '%', '9'.repeat(30), 'x'.repeat(5_000)];
const NAMES = [
  ...['address', 'code', 'kind', 'choice', 'duration', 'decision', 'basis', 'step', 'approval', 'offer'],
  ...['record', 'name', 'id', 'rawId', 'response', 'csrf'],
];
const FIELDS: readonly unknown[] = [
  ...['a\0b', '\ud800', 'x'.repeat(3_000), [], null, 1e300],
  ...[{ toString: 1, valueOf: 1 }, [{ toString: 1, valueOf: 1 }]],
];
/** Answers that go on, so that the other fields are looked at. */
const KNOWN = [{}, { decision: 'share', step: 'review' }, { decision: 'continue' }];
const asksMore = (path: string) => /consent|patient|ehr-launch|change/.test(path);
const QUERIES = ['app', 'event', 'month', 'after', 'zone', 'format', 'next', 'state', 'code', 'iss', 'lang'];

const filled = (route: string, value?: string) =>
  value === undefined
    ? route.replace('/interaction/:uid', interaction).replace(':appId', world.clientId).replace(/:\w+/g, 'x')
    : route.replace(/:\w+/g, value);

/** Her browser, whatever an answer does to its cookies. */
function sender(): TestBrowser {
  const browser = new TestBrowser(world.issuer);
  browser.cookies = ana.cookies;
  return browser;
}

const withSegments = (routes: readonly string[]) =>
  routes.filter((route) => route.includes(':')).flatMap((route) => SEGMENTS.map((odd) => filled(route, odd)));

test('an odd name in the path of any page of patients', async () => {
  expect(reads.length).toBeGreaterThan(30);
  for (const path of withSegments(reads)) await isNoFaultOfOurs(await sender().send(path));
  for (const path of withSegments(posts)) await isNoFaultOfOurs(await sender().json(path, {}, csrf));
  const { status } = await sender().send('/proofing/%00/passkey');
  expect(status).toBe(404);
});

test('an odd word, or two, in the query', async () => {
  const odd = ['a%00b', '%ED%A0%80', 'x'.repeat(900), '%&NAME=x', '&NAME[a]=b'];
  for (const route of reads)
    for (const value of odd) {
      const query = QUERIES.map((name) => `${name}=${value.replace('NAME', name)}`)
        .join('&')
        .slice(0, 12_000);
      await isNoFaultOfOurs(await sender().send(`${filled(route)}?${query}`));
    }
});

test.each(posts)('odd fields in what is sent to %s', async (route) => {
  const path = filled(route);
  for (const value of FIELDS) {
    const all = Object.fromEntries(NAMES.map((name) => [name, value]));
    for (const known of asksMore(route) ? KNOWN : KNOWN.slice(0, 1)) {
      const body = { ...all, ...known, csrf };
      await isNoFaultOfOurs(await sender().json(path, body, csrf));
    }
  }
  await isNoFaultOfOurs(await sender().json(path, [], csrf));
  const twice = NAMES.flatMap((name): [string, string][] => [
    [name, '\0'],
    [name, 'x'.repeat(1_000)],
  ]);
  await isNoFaultOfOurs(await sender().form(`${path}?csrf=${csrf}`, [['csrf', csrf], ...twice.slice(0, -2)]));
});
