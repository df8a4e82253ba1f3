import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { csrfToken } from '../../src/web/csrf.ts';
import { type Answer, cookieOf, openSite, type Site, secret } from './site.ts';

const issuer = 'http://localhost:3000';
let site: Site;
let cookie: string;
let token: string;

const serve = (at: string) =>
  openSite(at, (ctx, { forms }) => {
    if (ctx.method === 'GET') ctx.body = forms.token(ctx);
    else {
      forms.assertForm(ctx);
      ctx.body = 'accepted';
    }
  });

beforeAll(async () => {
  site = await serve(issuer);
  const page = await site.get('/');
  [cookie, token] = [cookieOf(page), page.body];
});
afterAll(() => site.close());

const send = (body: string, headers: Record<string, string> = {}) =>
  site.post('/', body, { cookie, ...headers });

test('our own form in the same browser is accepted, by field or by header', async () => {
  expect((await send(`csrf=${token}`, { origin: issuer, 'sec-fetch-site': 'same-origin' })).body).toBe(
    'accepted',
  );
  expect((await send('', { 'x-csrf-token': token })).body).toBe('accepted');
});

test('Origin: null is ours only when the browser says that the request is from the same origin (Fetch, "Origin" header)', async () => {
  expect((await send(`csrf=${token}`, { origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  expect((await send(`csrf=${token}`, { origin: 'null' })).status).toBe(403);
  expect((await send(`csrf=${token}`, { origin: 'null', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
});

test('a form without the browser’s cookie is answered with 400', async () => {
  expect((await site.post('/', `csrf=${token}`)).status).toBe(400);
  expect((await site.post('/', `csrf=${token}`, { cookie: 'postern-browser=short' })).status).toBe(400);
});

test.each([
  ['no token', {}, ''],
  ['a wrong token', {}, 'csrf=AAAA'],
  ['the token twice', {}, 'csrf=TOKEN&csrf=TOKEN'],
  ['a foreign Origin', { origin: 'https://evil.example' }, 'csrf=TOKEN'],
  ['an Origin on another port', { origin: 'http://localhost:3001' }, 'csrf=TOKEN'],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }, 'csrf=TOKEN'],
])('a form with the cookie but %s is answered with 403', async (_, headers, body) => {
  expect((await send(body.replaceAll('TOKEN', token), headers as Record<string, string>)).status).toBe(403);
});

test('the token of one browser is refused in another', async () => {
  const other = cookieOf(await site.get('/'));
  expect(other).not.toBe(cookie);
  expect((await site.post('/', `csrf=${token}`, { cookie: other })).status).toBe(403);
});

test('the token depends on the secret and on the browser, and tells neither', () => {
  const id = cookie.split('=')[1] ?? '';
  expect(csrfToken(secret, id)).toBe(token);
  expect(csrfToken(`${secret}!`, id)).not.toBe(token);
  expect(token).not.toContain(id);
});

test('the browser’s cookie is HttpOnly, Lax and of the whole site; over https it is Secure with the prefix __Host-', async () => {
  const setCookie = (answer: Answer) => answer.headers['set-cookie']?.[0] ?? '';
  expect(setCookie(await site.get('/'))).toMatch(
    /^postern-browser=[\w-]{43}; path=\/; samesite=lax; httponly$/,
  );
  const secure = await serve('https://auth.example');
  expect(setCookie(await secure.get('/'))).toMatch(
    /^__Host-postern-browser=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/,
  );
  secure.close();
  expect((await site.get('/', { cookie })).headers['set-cookie']).toBeUndefined();
});
