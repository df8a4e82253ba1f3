// A hundred resource servers on one port, which hear signals and note when.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';

export interface Receivers {
  urlOf(n: number): string;
  /** When receiver `n` heard of an app first, in milliseconds since the epoch; undefined: it did not. */
  heardAt(n: number, appId: string): number | undefined;
  /** How many came, those again that came before included. */
  readonly pushes: () => number;
  stop(): void;
}

interface Told {
  readonly sub_id?: { readonly application?: { readonly id?: string } };
}

export async function startReceivers(): Promise<Receivers> {
  const heard = new Map<string, number>();
  let pushes = 0;
  const server = createServer(async (request, response) => {
    const at = Date.now();
    const token = (await request.setEncoding('utf8').toArray()).join('');
    const appId = (decodeJwt(token) as Told).sub_id?.application?.id ?? '';
    const name = `${request.url} ${appId}`;
    if (!heard.has(name)) heard.set(name, at);
    pushes += 1;
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (n) => `http://127.0.0.1:${port}/${n}`,
    heardAt: (n, appId) => heard.get(`/${n} ${appId}`),
    pushes: () => pushes,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
