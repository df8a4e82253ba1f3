import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Koa from 'koa';
import { ownHost } from '../../src/web/own-host.ts';
import { requestContext, requestId } from '../../src/web/request-context.ts';

const ISSUER = 'https://auth.example.org';

let server: Server;

beforeAll(async () => {
  const app = new Koa({ proxy: true });
  app.use(requestContext);
  app.use(ownHost(ISSUER, ['/health/live']));
  app.use(async (ctx) => {
    await new Promise((resolve) => setTimeout(resolve, Number(ctx.query.wait ?? 0)));
    ctx.body = { origin: `${ctx.protocol}://${ctx.host}`, host: ctx.hostname, requestId: requestId() };
  });
  server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

/** Sends bytes, since a well-behaved client cannot send what is tested here. */
async function send(
  target: string,
  ...headers: string[]
): Promise<{ status: number; head: string; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.write(`${[`GET ${target} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

test('our own host is answered under the scheme and host of the issuer, whatever a proxy claims', async () => {
  const { status, body } = await send(
    ...['/', 'Host: auth.example.org', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: http'],
    ...['Forwarded: host=evil.example', 'X-Forwarded-For: 6.6.6.6'],
  );
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ origin: ISSUER, host: 'auth.example.org' });
});

test.each([
  ['another host', '/', 'evil.example'],
  ['another port', '/', 'auth.example.org:8443'],
  ['a suffix', '/', 'auth.example.org.evil.example'],
  ['user information (CVE-2026-27959)', '/', 'evil.example:x@auth.example.org'],
  ['upper case', '/', 'AUTH.example.org'],
  ['an absolute target (RFC 9112 §3.2.2)', 'https://evil.example/', 'auth.example.org'],
  ['a target that begins another authority', '//evil.example/', 'auth.example.org'],
])('%s is misdirected: 421', async (_, target, host) => {
  const { status, body } = await send(target, `Host: ${host}`);
  expect(status).toBe(421);
  expect(body).not.toContain('evil');
});

test('a health check may come by any name', async () => {
  expect((await send('/health/live', 'Host: 10.1.2.3:3000')).status).toBe(200);
  expect((await send('/health/live?x', 'Host: 10.1.2.3:3000')).status).toBe(421);
});

test('the request id follows its own request through the awaits, beside others', async () => {
  const ids = Array.from({ length: 8 }, (_, index) => `request-number-${index}`);
  const answers = await Promise.all(
    ids.map((id, index) => send(`/?wait=${40 - index * 5}`, 'Host: auth.example.org', `X-Request-Id: ${id}`)),
  );
  for (const [index, { head, body }] of answers.entries()) {
    expect(JSON.parse(body).requestId).toBe(ids[index]);
    expect(head).toContain(`X-Request-Id: ${ids[index]}`);
  }
  expect(requestId()).toBeUndefined();
});
