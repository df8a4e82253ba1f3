// The stock provider over its adapters, and the ideal handler, as they answer introspection requests.
import { say } from './bench.ts';
import { farDatabase } from './far-database.ts';
import type { IdealSettings } from './ideal-server.ts';
import {
  AUTHORIZATION,
  CONNECTIONS,
  FAR,
  FAR_CONNECTIONS,
  FAR_MS,
  type IntrospectionContender,
  TOKENS,
} from './introspection-asked.ts';
import type { BenchPostgres } from './postgres.ts';
import { startScript } from './process-start.ts';
import { storeEntries } from './stock-adapters.ts';
import { stockClients, stockTokens } from './stock-provider.ts';
import type { StockSettings } from './stock-server.ts';

export async function startStock(postgres: BenchPostgres): Promise<IntrospectionContender[]> {
  say(`issuing ${TOKENS} tokens of the stock provider`);
  const { tokens, entries } = await stockTokens(TOKENS);
  const clients = stockClients.map((payload) => ({
    model: 'Client',
    id: payload.client_id,
    payload,
    expiresIn: 0,
  }));
  const url = await postgres.createDatabase();
  await storeEntries(url, [...entries, ...clients]);
  const start = async (name: string, settings: StockSettings) => {
    const { pid, ready } = await startScript<{ port: number }>('./stock-server.ts', settings);
    const onDatabase = settings.kind !== 'memory';
    const about = { name, pid, tokens, onDatabase, connections: CONNECTIONS, warmupAnswers: 0 };
    return { ...about, port: ready.port, path: '/token/introspection' };
  };
  const far = await start(FAR.stockAt32, { kind: 'pg', url: await farDatabase(url, FAR_MS) });
  const ideal: IdealSettings = { authorization: AUTHORIZATION, tokens };
  const { pid, ready } = await startScript<{ port: number }>('./ideal-server.ts', ideal);
  return [
    await start('stock, in memory', { kind: 'memory', entries }),
    await start('stock, Prisma', { kind: 'prisma', url }),
    await start('stock, pg', { kind: 'pg', url }),
    { ...far, name: FAR.stock, connections: FAR_CONNECTIONS },
    far,
    {
      ...{ name: 'ideal handler', pid, tokens, connections: CONNECTIONS, warmupAnswers: 0 },
      port: ready.port,
      path: '/introspect',
      onDatabase: false,
    },
  ];
}
