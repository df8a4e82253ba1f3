// How often something was tried in this hour, counted by the database: of many at once, on many instances, each one counts.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

const COUNT = `
INSERT INTO try_count AS tried (hour, subject, count) VALUES (date_trunc('hour', ${sqlNow(1)}), $2, 1)
ON CONFLICT (hour, subject) DO UPDATE SET count = tried.count + 1
RETURNING count`;

/** Counts this try, too. */
export async function countTry(store: Store, subject: string): Promise<number> {
  const [row] = await store.sql<{ count: number }>(COUNT, [store.clock.offsetMs, subject]);
  // Fail closed: a count that cannot be read is over every limit.
  return row?.count ?? Number.POSITIVE_INFINITY;
}
