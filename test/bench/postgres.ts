// A throwaway PostgreSQL cluster for one run, which keeps what it acknowledges: benches do not measure on a promise.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postmaster, stopCluster } from '../setup/cluster.mjs';
import { type ClusterSettings, clusterUrl, createDatabase } from '../setup/database.ts';
import { cpuMicrosOfFamily } from './cpu-time.ts';

export interface BenchPostgres {
  /** The URL of a fresh database with Postern's tables. */
  createDatabase(): Promise<string>;
  /** Of the server and all its backends. */
  cpuMicros(): number | undefined;
  stop(): void;
}

const HONEST: ClusterSettings = {
  settings: ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on', 'shared_buffers=256MB'].concat([
    'min_wal_size=256MB',
    'max_wal_size=2GB',
    'checkpoint_timeout=15min',
  ]),
  walSegmentMegabytes: 16,
};

/** Also where test/setup keeps what it starts: createDatabase and createProcessWorld use this cluster. */
export async function startPostgres(own: readonly string[] = []): Promise<BenchPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  process.env.TEST_POSTGRES_DIRECTORY = directory;
  const stop = () => stopCluster(directory);
  process.once('exit', stop);
  await clusterUrl({ ...HONEST, settings: [...(HONEST.settings ?? []), ...own] });
  const pid = postmaster(directory)?.pid ?? 0;
  return {
    createDatabase: async () => (await createDatabase()).url,
    cpuMicros: () => cpuMicrosOfFamily(pid),
    stop: () => {
      process.off('exit', stop);
      stop();
    },
  };
}
