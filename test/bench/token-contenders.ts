// Who issues tokens in the bench of that name, each in a process of its own, all under one issuer.
import type { BenchOptions } from './bench.ts';
import type { BenchPostgres } from './postgres.ts';
import { startPostern, startScript } from './process-start.ts';
import { type AssertionKey, createAssertionKey } from './token-assertions.ts';
import { seedTokenBench } from './token-seed.ts';
import type { TokenStockSettings } from './token-stock-server.ts';

const SECRET = 'a secret of the benches, which is long enough';

export interface TokenContender {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Of the database, where it does a part of the work. */
  readonly databaseMicros: (() => number | undefined) | undefined;
}

export interface TokenContenders {
  readonly all: readonly TokenContender[];
  readonly key: AssertionKey;
  readonly issuer: string;
  /** The database of ours. */
  readonly url: string;
  /** Of the patients of ours. */
  readonly invitations: readonly string[];
  /** Ends ours, so that its profile is written. */
  stopOurs(): Promise<void>;
}

export const NAMES = { ours: 'ours', memory: 'stock, in memory', pg: 'stock, pg' } as const;

export async function startTokenContenders(
  postgres: BenchPostgres,
  patients: number,
  { profileDirectory }: BenchOptions,
): Promise<TokenContenders> {
  const key = createAssertionKey();
  const url = await postgres.createDatabase();
  const invitations = await seedTokenBench(url, key.publicJwk, patients);
  const ours = await startPostern({ databaseUrl: url, secret: SECRET, profileDirectory });
  const { issuer } = ours;
  const stock = async (name: string, databaseUrl: string | undefined) => {
    const settings: TokenStockSettings = { url: databaseUrl, issuer, publicJwk: key.publicJwk };
    const { pid, ready } = await startScript<{ port: number }>('./token-stock-server.ts', settings);
    const databaseMicros = databaseUrl === undefined ? undefined : postgres.cpuMicros;
    return { name, pid, port: ready.port, databaseMicros };
  };
  return {
    all: [
      { name: NAMES.ours, pid: ours.pid, port: ours.port, databaseMicros: postgres.cpuMicros },
      await stock(NAMES.memory, undefined),
      await stock(NAMES.pg, await postgres.createDatabase()),
    ],
    ...{ key, issuer, url, invitations },
    stopOurs: ours.stop,
  };
}
