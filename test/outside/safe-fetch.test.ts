import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createSafeFetch, type Fetched } from '../../src/outside/safe-fetch.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    (server as { closeAllConnections?: () => void }).closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener) => listening(createHttpServer(listener));

const json = (body: string, headers = {}): RequestListener => {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
};

const faultOf = (fetched: Fetched) => ('fault' in fetched ? fetched.fault : fetched.answer.status);

describe('a refused address gets no connection and no byte', () => {
  const strict = createSafeFetch({ allowLoopback: false });

  test.each([
    ['https://127.0.0.1:{port}/', 'address_refused'],
    ['https://localhost:{port}/', 'address_refused'],
    ['https://2130706433:{port}/', 'address_refused'],
    ['https://0x7f000001:{port}/', 'address_refused'],
    ['https://0177.0.0.1:{port}/', 'address_refused'],
    ['https://127.1:{port}/', 'address_refused'],
    ['https://１２７.0.0.1:{port}/', 'address_refused'],
    ['https://[::1]:{port}/', 'address_refused'],
    ['https://[::ffff:127.0.0.1]:{port}/', 'address_refused'],
    ['https://[::ffff:7f00:1]:{port}/', 'address_refused'],
    ['https://0.0.0.0:{port}/', 'address_refused'],
    ['https://169.254.169.254/latest/meta-data/', 'address_refused'],
    ['http://127.0.0.1:{port}/', 'url_refused'],
    ['http://example.org/', 'url_refused'],
    ['https://user:secret@example.org/', 'url_refused'],
    ['file:///etc/passwd', 'url_refused'],
    ['data:application/json,{}', 'url_refused'],
    ['gopher://127.0.0.1:{port}/', 'url_refused'],
    ['//127.0.0.1:{port}/', 'url_refused'],
    ['', 'url_refused'],
  ])('%s', async (url, fault) => {
    const connected = jest.fn();
    const port = await listening(createServer(connected));
    expect(await strict(url.replace('{port}', String(port)))).toEqual({ fault });
    expect(connected).not.toHaveBeenCalled();
  });

  test('a name of which one address is not public is refused, whatever the others are', async () => {
    const connected = jest.fn();
    const port = await listening(createServer(connected));
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '8.8.8.8', family: 4 },
    ];
    for (const order of [resolve, async () => (await resolve()).reverse()]) {
      const fetched = await createSafeFetch({ allowLoopback: false, resolve: order })(
        `https://a.example:${port}/`,
      );
      expect(fetched).toEqual({ fault: 'address_refused' });
    }
    expect(connected).not.toHaveBeenCalled();
  });

  test('http stays on loopback, and private addresses stay refused, also where loopback is allowed', async () => {
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }];
    const loose = createSafeFetch({ allowLoopback: true, resolve });
    expect(await loose('http://8.8.8.8/')).toEqual({ fault: 'address_refused' });
    expect(await loose('https://intranet.example/')).toEqual({ fault: 'address_refused' });
    expect(await loose('https://192.168.0.1/')).toEqual({ fault: 'address_refused' });
  });
});

describe('the connection goes where the address was judged', () => {
  test('the name is looked up once and not again for the connection: rebinding it changes nothing', async () => {
    let lookups = 0;
    const resolve = async () => {
      lookups += 1;
      return [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    let host: string | undefined;
    const port = await serve((request, response) => {
      host = request.headers.host;
      json('{}')(request, response);
    });
    const fetched = await createSafeFetch({ allowLoopback: true, resolve })(
      `http://rebinding.example:${port}/`,
    );
    expect(faultOf(fetched)).toBe(200);
    expect([lookups, host]).toEqual([1, `rebinding.example:${port}`]);
  });

  test('TLS names the host, not the address (RFC 6066 §3), and a certificate that nobody vouches for ends it', async () => {
    const hello = new Promise<Buffer>((resolve) => {
      void listening(
        createServer((socket: Socket) =>
          socket.once('data', (data) => {
            resolve(data);
            socket.destroy();
          }),
        ),
      ).then((port) => {
        const resolveHere = async () => [{ address: '127.0.0.1', family: 4 }];
        const fetch = createSafeFetch({ allowLoopback: true, resolve: resolveHere });
        outcome = fetch(`https://keys.clinic.example:${port}/`);
      });
    });
    let outcome: Promise<Fetched> | undefined;
    expect((await hello).includes('keys.clinic.example')).toBe(true);
    expect(await outcome).toEqual({ fault: 'connection_failed' });
  });
});

describe('what comes back is small, prompt, JSON and from there', () => {
  const fetchIt = createSafeFetch({ allowLoopback: true });

  test('the answer has status, headers and text; the request asks for JSON and says who asks', async () => {
    let asked: Record<string, unknown> = {};
    const port = await serve((request, response) => {
      asked = request.headers;
      json('{"keys":[]}', { 'cache-control': 'max-age=5' })(request, response);
    });
    const fetched = await fetchIt(`http://localhost:${port}/jwks.json`);
    expect(fetched).toMatchObject({
      answer: { status: 200, headers: { 'cache-control': 'max-age=5' }, text: '{"keys":[]}' },
    });
    expect(asked).toMatchObject({ accept: 'application/json', 'user-agent': 'Postern' });
    expect(asked).not.toHaveProperty('cookie');
  });

  test('a redirect is not followed', async () => {
    const target = jest.fn();
    const other = await serve(target);
    const port = await serve((_request, response) => {
      response
        .writeHead(302, { location: `http://localhost:${other}/`, 'content-type': 'application/json' })
        .end();
    });
    expect(await fetchIt(`http://localhost:${port}/`)).toEqual({ fault: 'redirected' });
    expect(target).not.toHaveBeenCalled();
  });

  test.each([
    ['says that it is larger', json('x'.repeat(65_537), { 'content-length': 65_537 })],
    [
      'does not say how large it is',
      ((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(16_384)));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      }) as RequestListener,
    ],
  ])('an answer of more than 64 KiB ends when it %s', async (_how, listener) => {
    const port = await serve(listener);
    expect(await fetchIt(`http://localhost:${port}/`)).toEqual({ fault: 'too_large' });
  });

  test('64 KiB are taken', async () => {
    const port = await serve(json('x'.repeat(65_536)));
    expect(faultOf(await fetchIt(`http://localhost:${port}/`))).toBe(200);
  });

  test.each([
    ['text/html', false],
    ['application/jsonp', false],
    ['text/json', false],
    ['application/json; charset=utf-8', true],
    ['application/jwk-set+json', true],
    ['APPLICATION/JSON', true],
  ])('of type %s it is JSON: %s', async (type, isJson) => {
    const port = await serve(json('{}', { 'content-type': type }));
    expect(faultOf(await fetchIt(`http://localhost:${port}/`))).toBe(isJson ? 200 : 'not_json');
  });

  test('nothing is unpacked', async () => {
    const port = await serve(json('{}', { 'content-encoding': 'gzip' }));
    expect(await fetchIt(`http://localhost:${port}/`)).toEqual({ fault: 'not_json' });
  });

  test('an answer that breaks off is none', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"keys":[');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await fetchIt(`http://localhost:${port}/`)).toEqual({ fault: 'connection_failed' });
  });

  test('nobody listening, or no such host, is a fault and no crash', async () => {
    const port = await serve(json('{}'));
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(await fetchIt(`http://127.0.0.1:${port}/`)).toEqual({ fault: 'connection_failed' });
    const nowhere = createSafeFetch({
      allowLoopback: true,
      resolve: () => Promise.reject(new Error('ENOTFOUND')),
    });
    expect(await nowhere('https://nowhere.example/')).toEqual({ fault: 'host_unknown' });
  });

  test('a form is posted, and where only the status counts the type does not', async () => {
    let got = '';
    const port = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => {
        got += `${request.method} ${request.headers['content-type']} ${chunk}`;
        response.writeHead(204).end();
      });
    });
    const sent = { method: 'POST', body: 'logout_token=ä', expect: 'any' } as const;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(faultOf(await fetchIt(`http://localhost:${port}/`, { ...sent, headers }))).toBe(204);
    expect(got).toBe('POST application/x-www-form-urlencoded logout_token=ä');
  });
});

describe('nobody is waited for without end', () => {
  const never = () => undefined;

  test.each([
    ['no answer begins', never],
    [
      'the answer trickles',
      ((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 200);
        response.on('close', () => clearInterval(timer));
      }) as RequestListener,
    ],
  ])('when %s', async (_what, listener) => {
    const port = await serve(listener);
    const fetched = await createSafeFetch({ allowLoopback: true })(`http://localhost:${port}/`);
    expect(fetched).toEqual({ fault: 'timed_out' });
  });

  test('when the name is never resolved', async () => {
    const stuck = createSafeFetch({ allowLoopback: false, resolve: () => new Promise(never) });
    expect(await stuck('https://slow.example/')).toEqual({ fault: 'timed_out' });
  });
});
