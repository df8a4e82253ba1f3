import { afterEach, expect, test } from '@jest/globals';
import { allowFormAction } from '../../src/web/security-headers.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
afterEach(() => site.close());

const open = async (issuer: string, redirectUri?: string) => {
  site = await openSite(issuer, (ctx, { pages }) => {
    if (redirectUri) allowFormAction(ctx, redirectUri);
    pages.renderPage(ctx, 'home', { myAppsUrl: '/my' });
  });
  return site;
};

test('a page allows nothing but its own style, images and scripts by nonce, and no frame', async () => {
  const { headers, body } = await (await open('http://localhost:3000')).get('/');
  const policy = String(headers['content-security-policy']).split('; ');
  const nonce = /'nonce-([A-Za-z0-9+/]{22}==)'/.exec(policy.join())?.[1];
  expect(policy).toEqual([
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]);
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
    'content-language': 'en',
  });
  expect(headers['permissions-policy']).toContain('publickey-credentials-get=(self)');
  expect(body).not.toContain("'nonce-");
});

test('each answer has a nonce of its own', async () => {
  await open('http://localhost:3000');
  const policies = await Promise.all(
    [1, 2, 3].map(async () => (await site.get('/')).headers['content-security-policy']),
  );
  expect(new Set(policies).size).toBe(3);
});

test('strict transport security is told over https only (RFC 6797 §7.2)', async () => {
  expect(
    (await (await open('http://localhost:3000')).get('/')).headers['strict-transport-security'],
  ).toBeUndefined();
  site.close();
  expect(
    (await (await open('https://auth.example')).get('/')).headers['strict-transport-security'],
  ).toContain('max-age=');
});

test.each([
  ['https://app.example:8443/callback?x=1', 'https://app.example:8443'],
  ['http://127.0.0.1:3002/app', 'http://127.0.0.1:3002'],
  ['com.example.app:/callback', 'com.example.app:'],
])('a form may end at %s when the page allows it', async (redirectUri, source) => {
  const { headers } = await (await open('http://localhost:3000', redirectUri)).get('/');
  expect(headers['content-security-policy']).toContain(`form-action 'self' ${source}; base-uri`);
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'https://a;script-src *.example/', 'https://a,b/'])(
  'a form never ends at %s, and the directive cannot be broken',
  async (redirectUri) => {
    const { status, headers } = await (await open('http://localhost:3000', redirectUri)).get('/');
    expect(status).toBe(500);
    expect(headers['content-security-policy']).toContain("form-action 'self'; base-uri");
  },
);
