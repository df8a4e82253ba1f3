import { createServer, type RequestListener, type Server } from 'node:http';
import { StartError } from '../errors.ts';

/** Slow or endless requests are ended: headers within 10 s, the whole request within 30 s. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384 } as const;

/** Longer than load balancers keep an idle connection (60 s as a rule): none closes under a request on its way. */
const KEEP_ALIVE_MS = 75_000;

export async function listen(answer: RequestListener, port: number, host?: string): Promise<Server> {
  const server = createServer({ ...LIMITS, keepAliveTimeout: KEEP_ALIVE_MS }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'another program is using it' : (cause.code ?? 'unknown reason');
      reject(
        new StartError(`Port ${port} cannot be opened: ${why}. Stop that program or choose another port.`),
      );
    });
    server.listen(port, host, resolve);
  });
  return server;
}

/** Takes no new connection, lets running requests finish, and cuts what is left after the time is up. */
export async function stopServers(servers: readonly Server[], patienceMs: number): Promise<void> {
  const closing = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  // A connection that has its answer would be kept for the next request of its client.
  const idle = setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, 50);
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, patienceMs);
  await Promise.all(closing);
  clearInterval(idle);
  clearTimeout(cut);
}
