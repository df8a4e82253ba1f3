// The stock provider as a contender, in a process of its own.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runAsChild } from './child-process.ts';
import { mapAdapter, pgAdapter, prismaAdapter } from './stock-adapters.ts';
import { createStock, type StockEntry, stockClients } from './stock-provider.ts';

export type StockSettings =
  | { readonly kind: 'memory'; readonly entries: readonly StockEntry[] }
  | { readonly kind: 'prisma' | 'pg'; readonly url: string };

runAsChild(async (settings: StockSettings) => {
  let answer: RequestListener | undefined;
  const server = createServer((request, response) => answer?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://localhost:${port}`;
  // In memory its clients are static, as stock is fastest; over a database they are in it, with all the rest.
  const provider =
    settings.kind === 'memory'
      ? createStock(issuer, mapAdapter(settings.entries), stockClients)
      : createStock(issuer, (settings.kind === 'prisma' ? prismaAdapter : pgAdapter)(settings.url), []);
  answer = provider.callback() as RequestListener;
  return { port };
});
