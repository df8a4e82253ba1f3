// The picture of an app: sent by itself, checked, named by the form, and shown where the app is.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { picture } from '../setup/picture.ts';
import { csrfOf, staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, register, send } from './portal.ts';

type Body = NonNullable<RequestInit['body']>;

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

async function upload(body: Body, headers: Readonly<Record<string, string>> = {}) {
  const answer = await dana.send('/developer/logos', {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'image/png', accept: 'application/json', origin: dana.origin },
      ...{ 'x-csrf-token': await csrfOf(dana), ...headers },
    },
    body,
  });
  return { status: answer.status, told: (await answer.json()) as Record<string, string> };
}

test('a logo is kept, shown in the list, on the app and in the preview, and removed by a button', async () => {
  const { status, told } = await upload(picture());
  expect([status, told]).toEqual([201, { logoId: told.logoId, url: `/logos/${told.logoId}` }]);
  const served = await dana.send(told.url ?? '');
  expect(served.headers.get('content-type')).toBe('image/png');
  const fields = { ...harbor(world), logoId: told.logoId ?? '' };
  const id = await register(dana, fields);
  for (const page of ['/developer', `/developer/apps/${id}`, `/developer/apps/${id}/edit`])
    expect((await dana.open(page)).html).toContain(`src="${told.url}"`);
  const preview = await send(dana, '/developer/apps/new', '/developer/preview', fields);
  expect(await preview.text()).toContain(`src="${told.url}"`);
  const edit = `/developer/apps/${id}/edit`;
  const removed = await (await send(dana, edit, edit, { ...fields, action: 'remove-logo' })).text();
  expect(removed).toContain('name="logoId" value=""');
  // Nothing is saved: the app has it still, above the form.
  expect(removed.split(told.url ?? '')).toHaveLength(2);
});

describe('what is refused, in a word that the page shows', () => {
  test.each<[string, () => Body, Record<string, string>, number, RegExp]>([
    ['an SVG in disguise', () => '<svg xmlns="http://www.w3.org/2000/svg"/>', {}, 422, /PNG file\. SVG/],
    ['another type', () => picture(), { 'content-type': 'image/svg+xml' }, 415, /PNG file\. SVG/],
    ['a damaged file', () => picture().subarray(0, 80), {}, 422, /damaged/],
    ['one that is too small', () => picture(32), {}, 422, /64 to 1,024/],
    ['one that says it is too large', () => Buffer.alloc(256 * 1_024 + 1), {}, 413, /256 KB/],
    ['nothing', () => '', {}, 422, /PNG file/],
    ['a form of another page', () => picture(), { origin: 'https://elsewhere.example' }, 403, /./],
    ['no token', () => picture(), { 'x-csrf-token': 'x' }, 403, /./],
  ])('%s', async (_, body, headers, status, text) => {
    const before = await world.store.prisma.logo.count();
    const refused = await upload(body(), headers);
    expect([refused.status, refused.told.error]).toEqual([status, expect.stringMatching(text)]);
    expect(await world.store.prisma.logo.count()).toBe(before);
  });

  test('one without an announced length is read to 256 KB and no further', async () => {
    const cookie = dana.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { 'content-type': 'image/png', accept: 'application/json', cookie };
    const csrf = { 'x-csrf-token': await csrfOf(dana), origin: dana.origin };
    const sending = request(`${world.issuer}/developer/logos`, {
      ...{ method: 'POST', headers: { ...headers, ...csrf, 'transfer-encoding': 'chunked' } },
    });
    const more = setInterval(() => sending.write(Buffer.alloc(64 * 1_024)), 1);
    // Whoever goes on sending may find the connection closed before the answer is read.
    const end = await new Promise((resolve) => {
      sending.on('response', ({ statusCode }) => resolve(statusCode));
      sending.on('error', () => resolve('closed'));
    });
    clearInterval(more);
    sending.destroy();
    expect([413, 'closed']).toContain(end);
  });

  test('a picture that is not kept here, at its field', async () => {
    const page = '/developer/apps/new';
    const unknown = { ...harbor(world), logoId: 'f'.repeat(64), action: 'save' };
    const answer = await send(dana, page, page, unknown);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(
      /href="#field-logoId"[\s\S]*id="field-logoId"[\s\S]*There is no such picture/,
    );
  });

  test('what a form names as a logo is never an address of the page', async () => {
    const page = '/developer/apps/new';
    const { html } = await dana.open(page);
    const fields: [string, string][] = [
      ['csrf', csrfIn(html)],
      ['logoId', '../my"><img src=x>'],
    ];
    const shown = await (await dana.form(page, [...fields, ['action', 'preview']])).text();
    expect(shown).not.toMatch(/src="\/logos|<img src=x/);
  });
});
