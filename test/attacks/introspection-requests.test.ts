import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, refusalOf } from '../setup/connection.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let token: string;
let own: Record<string, string>;

beforeAll(async () => {
  world = await createWorld('postgresql');
  token = (await connect(world, await world.patientBrowser())).accessToken;
  own = { authorization: basic(world.resourceServer.id, world.resourceServer.secret) };
});
afterAll(() => world.stop());

const url = () => `${world.issuer}/introspect`;
const form = 'application/x-www-form-urlencoded';
const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(url(), { method: 'POST', headers: { ...own, ...headers }, body });

test('other methods give nothing: a token in a URL would be kept in logs (RFC 7662 §4)', async () => {
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
    const response = await fetch(`${url()}?token=${token}`, { method, headers: own });
    expect([404, 405]).toContain(response.status);
    expect(await response.text()).not.toContain('active');
  }
});

test('another body than a form is refused', async () => {
  const json = JSON.stringify({ token: token });
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', `${form}x`])
    expect(await refusalOf(await send(json, { 'content-type': type }))).toEqual([400, 'invalid_request']);
});

test('no token, two tokens or a nested one are refused (RFC 6749 §3.2)', async () => {
  for (const body of [
    '',
    'x=y',
    `token=${token}&token=x`,
    `token=${token}&token=${token}`,
    `token[]=${token}`,
    `token[a]=${token}`,
    `token[__proto__]=${token}`,
  ])
    expect([body, await refusalOf(await send(body, { 'content-type': form }))]).toEqual([
      body,
      [400, 'invalid_request'],
    ]);
});

test('a body that is huge, broken or in an unknown coding is the fault of who sent it', async () => {
  const headers = { 'content-type': form };
  expect(await refusalOf(await send(`token=${'x'.repeat(200_000)}`, headers))).toEqual([
    400,
    'invalid_request',
  ]);
  for (const coding of ['gzip', 'br', 'deflate', 'evil'])
    expect((await send('token=x', { ...headers, 'content-encoding': coding })).status).toBe(400);
  for (const charset of ['utf-16', 'klingon', '"'])
    expect((await send('token=x', { 'content-type': `${form}; charset=${charset}` })).status).toBeLessThan(
      500,
    );
  const bytes = Uint8Array.from({ length: 400 }, (_, at) => (at * 37) % 256);
  expect((await send(bytes, headers)).status).toBeLessThan(500);
  expect((await send('%'.repeat(500), headers)).status).toBeLessThan(500);
  expect(
    (await send(Array.from({ length: 5_000 }, (_, n) => `a${n}=1`).join('&'), headers)).status,
  ).toBeLessThan(500);
});
