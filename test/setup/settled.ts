// What is settled waits for every transaction of the cluster, which other tests share.
import type { Store } from '../../src/store/database.ts';
import { until } from './until.ts';

const OTHERS = `
  SELECT 1 FROM pg_stat_activity
  WHERE datname IS DISTINCT FROM current_database()
    AND backend_xid::text::bigint <= (SELECT max(xid) FROM audit_event)`;

/** When no transaction of another database is older than the last event. */
export async function settled(store: Store): Promise<void> {
  await until(
    async () => (await store.sql(OTHERS, [])).length === 0,
    () => 'a transaction of another database does not end',
  );
}
