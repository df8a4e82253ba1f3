// Rows that have ended, in numbers, and the clean-up of them by hand: one round of its tasks, as after a start.
import { retention } from '../../src/operations/retention.ts';
import type { Stopping } from '../../src/operations/timers.ts';
import { SLOTS, slotAt } from '../../src/store/access-token-key.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { createLog } from '../../src/web/log.ts';

const log = createLog('silent');
const untilDone: Stopping = { asked: false, cut: new AbortController().signal };

export async function retain(store: Store, stopping = untilDone): Promise<void> {
  for (const task of retention({ store, log })) await task.run(stopping);
}

export const openAt = (where: Parameters<typeof openStore>[0]) =>
  openStore(where, { migrations: 'prisma/migrations', report: () => undefined });

export async function idsOf(store: Store, table: string): Promise<string[]> {
  return (await store.sql<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`, [])).map(({ id }) => id);
}

export async function countOf(store: Store, table: string): Promise<number | undefined> {
  return (await store.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`, []))[0]?.count;
}

export async function insertTerms(store: Store, count: number, ended = '2 days'): Promise<void> {
  await store.sql(
    `INSERT INTO token_terms (id, kind, client_id, audience, scope, purpose, extra, payload, expires_at)
     SELECT gen_random_uuid(), 'ClientCredentials', 'app', 'https://fhir.example', 's', 'p', '{}', '{}',
       now() - $2::interval + n * interval '1 millisecond'
     FROM generate_series(1, $1) n`,
    [count, ended],
  );
}

/** A token in each partition, which ended hours ago. */
export async function insertTokens(store: Store): Promise<void> {
  await store.sql(
    `INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
     SELECT gen_random_uuid(), gen_random_uuid(), now() - interval '9 hours', now() - interval '8 hours', 1, n
     FROM generate_series(0, ${SLOTS - 1}) n`,
    [],
  );
}

export async function filledSlots(store: Store): Promise<number[]> {
  const rows = await store.sql<{ slot: number }>('SELECT DISTINCT slot FROM access_token ORDER BY slot', []);
  return rows.map(({ slot }) => slot);
}

export function hoursAgo(hours: readonly number[]): number[] {
  const present = slotAt(Date.now());
  return hours.map((past) => (present - past + SLOTS) % SLOTS).sort();
}
