// What the database says of itself, for whoever looks after it.
import type { Store } from './database.ts';

export interface DatabaseFacts {
  readonly version: string;
  readonly now: Date;
  readonly isolation: string;
  readonly unfinishedMigrations: readonly string[];
  readonly migrations: number;
  readonly signingKeys: number;
  /** Of the oldest that signs, in days. */
  readonly signingKeyDays: number | null;
  /** Gave up on, in the last day. */
  readonly failedMessages: number;
  /** Streams of signals that are behind, or were stopped. */
  readonly troubledStreams: number;
}

const FACTS = `
  SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
    current_setting('default_transaction_isolation') AS isolation,
    ARRAY(SELECT migration_name::text FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL)
      AS "unfinishedMigrations",
    (SELECT count(*)::int FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS migrations,
    (SELECT count(*)::int FROM signing_key WHERE retired_at IS NULL) AS "signingKeys",
    (SELECT floor(extract(epoch FROM now() - min(created_at)) / 86400)::int FROM signing_key WHERE retired_at IS NULL)
      AS "signingKeyDays",
    (SELECT count(*)::int FROM outbox_message WHERE failed_at > now() - interval '1 day') AS "failedMessages",
    (SELECT count(*)::int FROM signal_stream WHERE failures > 3 OR status <> 'enabled') AS "troubledStreams"`;

export async function readDatabaseFacts(store: Store): Promise<DatabaseFacts> {
  const [row] = await store.sql<DatabaseFacts>(FACTS, []);
  if (row === undefined) throw new Error('a statement of facts answers with one row');
  return row;
}
