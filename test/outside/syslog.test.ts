import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from '@jest/globals';
import { createSyslog, type Syslog, type SyslogMessage, syslogLine } from '../../src/outside/syslog.ts';
import { until } from '../setup/until.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
const kept = <One extends { close(): unknown }>(one: One): One => {
  open.push(one);
  return one;
};

const message = (text: string): SyslogMessage => ({
  ...{ at: new Date('2026-11-22T10:00:00.123Z'), severity: 6, type: 'token.issued', text },
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => kept(server).listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

const client = (url: string): Syslog => kept(createSyslog(url, 'postern.example.org'));

test.each([
  [
    message('{"a":1}'),
    '<110>1 2026-11-22T10:00:00.123Z postern.example.org postern - token.issued - {"a":1}',
  ],
  [
    { ...message('ü'), severity: 4 as const, type: 'a type of more than thirty-two letters' },
    '<108>1 2026-11-22T10:00:00.123Z postern.example.org postern - atypeofmorethanthirty-twoletters - ü',
  ],
])('a line has the parts of RFC 5424 §6', (said, line) => {
  expect(syslogLine('postern.example.org', said)).toBe(line);
});

test('over TCP each message is counted in octets (RFC 6587 §3.4.1)', async () => {
  let text = '';
  const port = await listening(
    createServer((socket) => {
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
    }),
  );
  const syslog = client(`tcp://127.0.0.1:${port}`);
  await syslog.send([message('ü'), message('b')]);
  await syslog.send([message('c')]);
  const line = (body: string) => syslogLine('postern.example.org', message(body));
  const framed = ['ü', 'b', 'c'].map((body) => `${Buffer.byteLength(line(body))} ${line(body)}`).join('');
  await until(() => text.length >= framed.length);
  expect(text).toBe(framed);
});

test('over UDP each message is a datagram (RFC 5426 §3.1)', async () => {
  const socket = kept(createSocket('udp4'));
  const got: string[] = [];
  socket.on('message', (datagram) => got.push(datagram.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  await client(`udp://127.0.0.1:${socket.address().port}`).send([message('a'), message('b')]);
  await until(() => got.length >= 2);
  expect(got).toEqual(['a', 'b'].map((body) => syslogLine('postern.example.org', message(body))));
});

test('what is not known to have left is an error: nobody listens, or the connection is closed; and it goes on later', async () => {
  const closing = createServer();
  const port = await listening(closing);
  const sockets: Socket[] = [];
  closing.on('connection', (socket) => sockets.push(socket));
  const syslog = client(`tcp://127.0.0.1:${port}`);
  await syslog.send([message('a')]);
  for (const socket of sockets) socket.destroy();
  // It hears of that when it does: until then what it sends may be lost, or a fault.
  await until(async () => {
    await syslog.send([message('b')]).catch(() => undefined);
    return sockets.length === 2;
  });
  await expect(client('tcp://127.0.0.1:1').send([message('a')])).rejects.toThrow();
});

test('over TLS nothing is sent to a server that cannot prove who it is (RFC 5425 §5.2)', async () => {
  let spoken = '';
  const server = createTlsServer({}, (socket) => {
    socket.on('data', (chunk) => {
      spoken += String(chunk);
    });
  });
  server.on('tlsClientError', () => undefined);
  const port = await listening(server);
  await expect(client(`tls://127.0.0.1:${port}`).send([message('a')])).rejects.toThrow();
  expect(spoken).toBe('');
});
