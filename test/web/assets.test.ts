import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAssets } from '../../src/web/assets.ts';
import { openSite, type Site, views } from './site.ts';

const assets = createAssets(views);
let site: Site;
beforeAll(async () => {
  site = await openSite('http://localhost:3000', () => {});
});
afterAll(() => site.close());

test.each([...readdirSync(`${views}/assets`), 'simplewebauthn-browser.js'])(
  '%s is served with its type; for a year at the address of its content, never stale at the plain one',
  async (name) => {
    const hashed = await site.get(assets.url(name));
    expect(hashed.status).toBe(200);
    expect(hashed.headers['content-type']).toMatch(
      /^(text\/(css|javascript); charset=utf-8|image\/svg\+xml)$/,
    );
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers['x-content-type-options']).toBe('nosniff');
    const plain = await site.get(`/assets/${name}`);
    expect(plain.headers['cache-control']).toBe('no-cache');
    const again = await site.get(`/assets/${name}`, { 'if-none-match': String(plain.headers.etag) });
    expect(again).toMatchObject({ status: 304, body: '' });
  },
);

test.each([
  '/assets/../layout.eta',
  '/assets/..%2flayout.eta',
  '/assets/%2e%2e/messages/en.json',
  '/assets/',
  '/assets/__proto__',
  '/assets//etc/passwd',
])('%s reaches no file', async (path) => {
  expect((await site.get(path)).status).toBe(404);
});

test('a page cannot name an asset that is not there', () => {
  expect(() => assets.url('nothing.js')).toThrow('nothing.js');
});
