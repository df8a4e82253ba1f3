import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { DEMO_DEVELOPER, DEMO_OPERATOR, DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import { RegistryRefusal } from '../../src/registry/refusal.ts';
import { requireActor, requireFresh, requireRole } from '../../src/staff/guard.ts';
import { renderStaff } from '../../src/staff/render.ts';
import { staffState } from '../../src/staff/state.ts';
import { PageError } from '../../src/web/page-error.ts';
import { seeOther } from '../../src/web/see-other.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { type AreaSite, openAreaSite, type Page } from './area-site.ts';

const plain =
  "<% layout('staff-layout', { title: 'Plain' }) %>\n<h1>Plain</h1>\n<p><%= it.view.text %></p>\n";
const show = (ctx: Context) => {
  const { name, roles, via } = requireActor(ctx);
  renderStaff(ctx, 'plain', { text: `${name} as ${roles.join(' and ')} in ${via}` });
};
const refuse = (error: Error) => () => {
  throw error;
};
let saved = 0;
const save = (ctx: Context) => {
  staffState(ctx).deps.forms.assertForm(ctx);
  requireFresh(ctx, 5, '/developer/keys');
  saved += 1;
  seeOther(ctx, '/developer/keys?done=sample-saved');
};

const pages: readonly Page[] = [
  ['get', '/developer', show],
  ['get', '/developer/keys', show],
  ['get', '/developer/keys/:id', show],
  ['post', '/developer/save', save],
  ['get', '/developer/owners', (ctx) => requireRole(requireActor(ctx), ['owner']) ?? show(ctx)],
  ['get', '/developer/serious', (ctx) => requireFresh(ctx, 5) ?? show(ctx)],
  ['get', '/developer/unknown', refuse(new RegistryRefusal('record_unknown'))],
  ['get', '/developer/conflict', refuse(new RegistryRefusal('state_conflict'))],
  ['get', '/developer/duties', refuse(new RegistryRefusal('segregation_of_duties'))],
  ['get', '/developer/not-allowed', refuse(new RegistryRefusal('not_allowed'))],
  ['get', '/developer/invalid', refuse(new RegistryRefusal('input_invalid'))],
  ['get', '/developer/gone', refuse(new PageError(404, 'not-found'))],
  ['get', '/developer/broken', refuse(new Error('a fault of ours'))],
  ['get', '/admin', show],
];

let site: AreaSite;
let dana: TestBrowser;
let miguel: TestBrowser;
let priya: TestBrowser;
beforeAll(async () => {
  site = await openAreaSite(pages, { 'plain.eta': plain });
  dana = await site.signedIn(DEMO_OWNER);
  miguel = await site.signedIn(DEMO_DEVELOPER);
  priya = await site.signedIn(DEMO_OPERATOR);
});
afterAll(() => site.stop());

const location = (response: Response) => response.headers.get('location');

test('a page without a session leads to the sign-in, and from there back to it', async () => {
  const stranger = new TestBrowser(site.issuer);
  const asked = await stranger.send('/developer/keys/4?after=x');
  expect([asked.status, location(asked)]).toEqual([
    303,
    '/staff/sign-in?next=%2Fdeveloper%2Fkeys%2F4%3Fafter%3Dx',
  ]);
  const verifyUrl = /data-verify-url="([^"]+)"/.exec((await stranger.open('/developer/keys')).html)?.[1];
  expect(verifyUrl).toBe('/staff/passkey?next=%2Fdeveloper%2Fkeys');
});

test('a form without a session leads to the sign-in, and from there to the first page of its area', async () => {
  const stranger = new TestBrowser(site.issuer);
  const sent = await stranger.form('/developer/save', []);
  expect([sent.status, location(sent)]).toEqual([303, '/staff/sign-in?next=%2Fdeveloper']);
});

test('a script without a session is told so', async () => {
  const response = await new TestBrowser(site.issuer).json('/developer/save', {}, 'x');
  expect([response.status, await response.json()]).toEqual([
    401,
    { error: expect.stringContaining('Sign in again'), retry: false },
  ]);
});

test('a page knows who asks, with which roles, and from where', async () => {
  expect((await dana.open('/developer')).html).toContain('Dana Whitfield as owner and developer in portal');
  expect((await priya.open('/admin')).html).toContain('Priya Raman as reviewer and operator in console');
});

test('a role is true from the next request on, and gone at the next', async () => {
  const { personRole } = site.store.prisma;
  const id = 'miguel-reviews';
  expect((await miguel.open('/admin')).response.status).toBe(403);
  await personRole.create({ data: { id, personId: DEMO_DEVELOPER, role: 'reviewer', grantedBy: 'test' } });
  expect((await miguel.open('/admin')).html).toContain('Miguel Santos as developer and reviewer in console');
  await personRole.update({ where: { id }, data: { endedAt: new Date() } });
  expect((await miguel.open('/admin')).response.status).toBe(403);
  const tomorrow = new Date(Date.now() + 86_400_000);
  await personRole.update({ where: { id }, data: { endedAt: null, grantedAt: tomorrow } });
  expect((await miguel.open('/admin')).response.status).toBe(403);
  await personRole.delete({ where: { id } });
});

test('a developer who opens the console, and an operator who opens the portal, read why not', async () => {
  for (const [browser, path] of [
    [dana, '/admin'],
    [priya, '/developer/keys'],
    [miguel, '/developer/owners'],
  ] as const) {
    const { response, html } = await browser.open(path);
    expect(response.status).toBe(403);
    expect(html).toContain('<h1>Your role does not open this</h1>');
  }
});

test.each([
  ['unknown', 404, 'There is no such record'],
  ['gone', 404, 'There is no such record'],
  ['conflict', 409, 'The record has changed meanwhile'],
  ['duties', 403, 'Someone else must decide this'],
  ['not-allowed', 403, 'You may not do this'],
  ['invalid', 400, 'We could not use what was sent'],
])('a refusal of the registry is a page of the shell: %s', async (path, status, title) => {
  const { response, html } = await dana.open(`/developer/${path}`);
  expect(response.status).toBe(status);
  expect(html).toContain(`<h1>${title}</h1>`);
  expect(html).toContain('action="/staff/sign-out"');
});

test('a refusal for a script is JSON with the same words', async () => {
  const response = await dana.send('/developer/conflict', { headers: { accept: 'application/json' } });
  expect([response.status, await response.json()]).toEqual([
    409,
    { error: expect.stringContaining('Someone else was faster'), retry: false },
  ]);
});

test('what nobody foresaw is reported and tells nothing of itself', async () => {
  const { response, html } = await dana.open('/developer/broken');
  expect(response.status).toBe(500);
  expect(html).not.toContain('a fault of ours');
  expect(site.reported).toContainEqual(new Error('a fault of ours'));
});

test('a serious page asks for the passkey again after its minutes, and lets in after it', async () => {
  dana = await site.signedIn(DEMO_OWNER);
  expect((await dana.send('/developer/serious')).status).toBe(200);
  site.clock.advance(5 * 60_000 + 1_000);
  const stale = await dana.open('/developer/serious?x=1');
  expect(stale.url).toBe(`${site.issuer}/staff/verify?next=%2Fdeveloper%2Fserious%3Fx%3D1`);
  expect(stale.html).toContain('<h1>Show your passkey again</h1>');
  const verified = await dana.signIn(stale);
  expect(await verified.json()).toEqual({ next: '/developer/serious?x=1' });
  expect((await dana.send('/developer/serious')).status).toBe(200);
});

test('a form that comes too late for its minutes changes nothing, and leads back to its page', async () => {
  dana = await site.signedIn(DEMO_OWNER);
  const send = async () =>
    dana.form('/developer/save', [['csrf', csrfIn((await dana.open('/developer/keys')).html)]]);
  saved = 0;
  expect(location(await send())).toBe('/developer/keys?done=sample-saved');
  site.clock.advance(6 * 60_000);
  expect(location(await send())).toBe('/staff/verify?next=%2Fdeveloper%2Fkeys');
  expect(saved).toBe(1);
});

test('what was done is said once, in words of a fixed list', async () => {
  expect((await dana.open('/developer/keys?done=sample-saved')).html).toContain('>It was saved.</p>');
  for (const done of ['nothing', '<script>', 'constructor', 'sample-saved&done=sample-saved'])
    expect((await dana.open(`/developer/keys?done=${done}`)).html).not.toContain('notice good');
});

test('the navigation marks where one is, and offers what the roles open', async () => {
  const links = (html: string) =>
    [...html.matchAll(/<li><a href="([^"]+)"( aria-current="true")?>/g)].map(([, href, current]) =>
      current === undefined ? href : `[${href}]`,
    );
  expect(links((await miguel.open('/developer/keys/4')).html)).toEqual(['/developer', '[/developer/keys]']);
  expect(links((await dana.open('/developer')).html)).toEqual([
    ...['[/developer]', '/developer/keys', '/developer/people'],
  ]);
  const role = { id: 'dana-operates', personId: DEMO_OWNER, role: 'operator', grantedBy: 'test' };
  await site.store.prisma.personRole.create({ data: role });
  expect(links((await dana.open('/admin')).html)).toEqual([
    ...['/developer', '[/admin]', '[/admin]', '/admin/people'],
  ]);
});
