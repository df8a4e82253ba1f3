// What a scrape says while the database does not.
import { expect, test } from '@jest/globals';
import { createMetrics } from '../../src/operations/metrics.ts';
import type { Store } from '../../src/store/database.ts';
import { parsed } from '../setup/metrics.ts';

const pool = { name: 'main', total: 10, idle: 0, waiting: 7 };

test.each<[string, Store['sql']]>([
  ['does not answer', () => new Promise<never>(() => undefined)],
  ['refuses', () => Promise.reject(new Error('the database is gone'))],
])('a database that %s costs its own figures, and the scrape says so', async (_, sql) => {
  const store = { sql, pools: () => [pool] } as unknown as Store;
  const metrics = createMetrics({ store, leads: () => false });
  const [first, second] = await Promise.all([metrics.read(), metrics.read()]);
  const heard = parsed(first);
  expect(second).toBe(first);
  expect(heard.value('postern_readings_failed_total')).toBe(1);
  expect(heard.value('postern_signing_key_age_seconds')).toBeUndefined();
  expect(heard.value('postern_outbox_messages')).toBeUndefined();
  expect(heard.value('postern_leader')).toBe(0);
  expect(heard.value('postern_pool_waiting', { pool: 'main' })).toBe(7);
  expect(heard.value('postern_pool_connections', { pool: 'main', state: 'used' })).toBe(10);
});
