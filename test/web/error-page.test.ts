import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PageError } from '../../src/web/page-error.ts';
import { htmlFaults } from './html-faults.ts';
import { openSite, type Site } from './site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite('http://localhost:3000', (ctx) => {
    if (ctx.path === '/refused') throw new PageError(403, 'forbidden');
    if (ctx.path === '/passkey') throw new PageError(400, 'passkey-refused');
    if (ctx.path === '/broken') throw new Error('Ana Rivera has HIV, secret=hunter2');
    if (ctx.path === '/upstream') throw Object.assign(new Error('hunter2'), { status: 404 });
    if (ctx.path === '/large') ctx.throw(413, 'hunter2');
  });
});
afterAll(() => site.close());

test('a person reads what happened, what to do next and a number to give when asking for help', async () => {
  const { status, headers, body } = await site.get('/refused', { 'x-request-id': 'request-0001' });
  expect(status).toBe(403);
  expect(headers['cache-control']).toBe('no-store');
  for (const part of ['You cannot open this', 'Check that you are signed in', 'request-0001'])
    expect(body).toContain(part);
  expect(htmlFaults(body)).toEqual([]);
});

test('an unforeseen failure is reported, and nothing of it reaches the page', async () => {
  const { status, body } = await site.get('/broken');
  expect(status).toBe(500);
  expect(body).toContain('Something went wrong on our side');
  expect(body).not.toMatch(/hunter2|HIV|Error|at .*\.ts/);
  expect(String(site.reported.at(-1))).toContain('hunter2');
});

test('a status that a failure of another service carries is not ours', async () => {
  expect((await site.get('/upstream')).status).toBe(500);
});

test('the text of an HTTP error is not shown', async () => {
  const { status, body } = await site.get('/large');
  expect(status).toBe(413);
  expect(body).not.toContain('hunter2');
});

test('where no page is, the other language is offered and the start is near: that of patients, or that of staff', async () => {
  const missing = (await site.get('/nothing?a=1')).body;
  expect(missing).toContain('<a href="?lang=es" lang="es" hreflang="es">Español</a>');
  expect(missing).toContain('<a class="button" href="/">');
  expect((await site.get('/refused')).body).not.toContain('hreflang');
  for (const path of ['/admin/nothing', '/developer/nothing', '/staff/nothing'])
    expect((await site.get(path)).body).toContain('<a class="button" href="/staff">');
  expect((await site.get('/administration')).body).toContain('<a class="button" href="/">');
});

test('the address that was asked for is not reflected', async () => {
  const { status, body } = await site.get('/%3Cscript%3Ealert(1)?x=hunter2');
  expect(status).toBe(404);
  expect(body).not.toMatch(/hunter2|alert/);
});

test('a script gets words and whether trying again can help', async () => {
  const json = { accept: 'application/json', 'accept-language': 'es' };
  expect(JSON.parse((await site.get('/passkey', json)).body)).toEqual({
    error: 'No pudimos confirmar que era usted. Inténtelo de nuevo o use otro dispositivo.',
    retry: true,
  });
  expect(JSON.parse((await site.get('/refused', json)).body).retry).toBe(false);
});
