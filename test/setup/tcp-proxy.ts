// A network between Postern and its database that a test can cut, stall, slow down or point at another server.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  /** The same connection URL, through the proxy. */
  readonly url: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts new connections and never answers; what is open falls silent. */
  stall(): void;
  /** What is open falls silent for good, without a goodbye; new connections work: the other side is another machine now. */
  forsake(): void;
  /** Each answer of the database arrives so much later, on open connections too. */
  delay(ms: number): void;
  /** Ends every connection; new ones reach this server, as with an address that moves at a failover. */
  pointAt(target: string): void;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function createTcpProxy(target: string): Promise<TcpProxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const pairs = new Map<Socket, { readonly far: Socket; readonly answers: Transform }>();
  let stalled = false;
  let delayMs = 0;

  const late = () =>
    new Transform({
      transform(chunk, _encoding, pass) {
        if (delayMs === 0) pass(null, chunk);
        else setTimeout(pass, delayMs, null, chunk);
      },
    });
  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    hold(near);
    if (stalled) return;
    const far = hold(dial(Number(port), hostname));
    const answers = late();
    pairs.set(near, { far, answers });
    near.pipe(far).pipe(answers).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => {
      pairs.delete(near);
      near.destroy();
    });
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const silence = () => {
    for (const [near, { far, answers }] of pairs) {
      near.unpipe(far);
      answers.unpipe(near);
    }
  };
  const own = await listen(0);
  const url = new URL(target);
  url.host = `127.0.0.1:${own}`;
  return {
    url: url.href,
    cut,
    stall() {
      stalled = true;
      silence();
    },
    forsake: silence,
    delay(ms) {
      delayMs = ms;
    },
    pointAt(other) {
      ({ hostname, port } = new URL(other));
      for (const socket of sockets) socket.destroy();
    },
    async restore() {
      stalled = false;
      delayMs = 0;
      await cut();
      await listen(own);
    },
    close: cut,
  };
}
