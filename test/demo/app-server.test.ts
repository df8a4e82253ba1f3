import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDemoApp, demoAppScope } from '../../src/demo/app-server.ts';
import { type Listening, listen } from './listen.ts';

const assetsDirectory = new URL('../../views/demo/assets/', import.meta.url);
let app: Listening;

beforeAll(async () => {
  const server = createDemoApp({
    fhirBase: 'http://fhir.example:3001/fhir',
    issuer: 'http://as.example:3000',
    clientId: 'lantern-health',
    issuerName: 'Net "<b>work</b>',
  });
  app = await listen(server.callback());
});
afterAll(() => app.close());

const pages = ['/', '/launch', '/app', '/no-such-page'];
const get = async (path: string) => {
  const response = await fetch(app.url + path);
  return { response, html: await response.text() };
};
const matches = (html: string, pattern: RegExp) => [...html.matchAll(pattern)].map((match) => match[1] ?? '');

test.each(pages)(
  '%s allows scripts of its own origin only, and calls to the FHIR server and the issuer',
  async (path) => {
    const { response } = await get(path);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        'connect-src http://fhir.example:3001 http://as.example:3000; ' +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
  },
);

test.each(pages)('%s has no inline script, style or handler', async (path) => {
  const { html } = await get(path);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/i);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
});

test.each(pages)(
  '%s is well-formed: every element closed in order, no id twice, one h1, a language',
  async (path) => {
    const { html } = await get(path);
    const voids = new Set(['meta', 'link', 'img', '!doctype']);
    const open: string[] = [];
    for (const [, closing, tag = ''] of html.matchAll(/<(\/?)(!?[a-z][a-z0-9]*)(?:"[^"]*"|[^">])*>/gi)) {
      if (closing) expect(open.pop()).toBe(tag);
      else if (!voids.has(tag.toLowerCase())) open.push(tag);
    }
    expect(open).toEqual([]);
    const ids = matches(html, /\sid="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    expect(matches(html, /<(h1)[\s>]/g)).toHaveLength(1);
    expect(html).toContain('<html lang="en">');
  },
);

test('the name of the network is escaped wherever it stands', async () => {
  for (const path of pages) {
    const { html } = await get(path);
    expect(html).not.toContain('<b>work</b>');
    expect(html).toContain('data-network="Net &quot;&lt;b&gt;work&lt;/b&gt;"');
  }
});

test('the settings of the client reach its script as data', async () => {
  const { html } = await get('/launch');
  expect(html).toContain('data-fhir-base="http://fhir.example:3001/fhir"');
  expect(html).toContain('data-client-id="lantern-health"');
  expect(html).toContain(`data-scope="${demoAppScope}"`);
});

test('the page of results has a live region and each part that its script fills', async () => {
  const { html } = await get('/app');
  expect(html).toContain('id="status" role="status"');
  expect(html).toMatch(/id="error"[^>]*role="alert"/);
  const script = ['app.js', 'results.js']
    .map((name) => readFileSync(new URL(name, assetsDirectory), 'utf8'))
    .join('');
  const wanted = new Set([...matches(script, /part\('([^']+)'\)/g), 'born', 'stop', 'results']);
  const present = new Set(matches(html, /\sid="([^"]+)"/g));
  expect([...wanted].filter((id) => !present.has(id))).toEqual([]);
});

test('an unknown page is 404 and leads back to the start', async () => {
  const { response, html } = await get('/no-such-page');
  expect(response.status).toBe(404);
  expect(html).toContain('href="/"');
});

test('every asset that a page or script names is served with its type, fhirclient among them', async () => {
  const named = new Set(['fhir-client.js']);
  for (const path of pages)
    for (const name of matches((await get(path)).html, /"\/assets\/([^"]+)"/g)) named.add(name);
  for (const name of readdirSync(assetsDirectory)) named.add(name);
  for (const name of named) {
    const { response, html } = await get(`/assets/${name}`);
    expect([name, response.status]).toEqual([name, 200]);
    const type = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' }[
      name.split('.').pop() ?? ''
    ];
    expect(response.headers.get('content-type')).toMatch(new RegExp(`^${type?.replace('+', '\\+')}`));
    expect(html.length).toBeGreaterThan(100);
  }
});

test.each([
  '/assets/..%2Flayout.eta',
  '/assets/%2e%2e/home.eta',
  '/assets/../../package.json',
  '/assets/__proto__',
])('no path leads out of the assets: %s', async (path) => {
  expect((await get(path)).response.status).toBe(404);
});

test('the client asks for PKCE S256 as required, and the served library can do it (SMART App Launch 2.2)', async () => {
  expect((await get('/assets/launch.js')).html).toContain("pkceMode: 'required'");
  expect((await get('/assets/fhir-client.js')).html).toContain('code_challenge_method=S256');
});
