// A client's own server for its JWK Set: what it answers is the test's, how often it was asked is counted.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';

export interface KeyServer {
  readonly url: string;
  keys: readonly JWK[];
  /** Publishes every member of the keys, and not only those of their public halves. */
  whole: boolean;
  headers: Readonly<Record<string, string>>;
  status: number;
  /** Requests so far. */
  fetches: number;
  stop(): Promise<void>;
}

const publicHalf = ({ kty, kid, alg, crv, x, y, n, e }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, kid, alg, crv, x, y, n, e }));

export async function createKeyServer(keys: readonly JWK[]): Promise<KeyServer> {
  const server = createServer((_request, response) => {
    state.fetches += 1;
    response.writeHead(state.status, { 'content-type': 'application/json', ...state.headers });
    response.end(JSON.stringify({ keys: state.whole ? state.keys : state.keys.map(publicHalf) }));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const state: KeyServer = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/jwks.json`,
    keys,
    whole: false,
    headers: {},
    status: 200,
    fetches: 0,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
