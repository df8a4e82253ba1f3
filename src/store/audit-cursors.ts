import { BEGINNING, type Place } from './audit-seals.ts';
import type { Store } from './database.ts';

/** How far events were forwarded to someone; from the beginning, if they never were. */
export async function readCursor(store: Store, name: string): Promise<Place> {
  const found = 'SELECT xid::text AS xid, event_id::text AS id FROM audit_cursor WHERE name = $1';
  const [place] = await store.sql<Place>(found, [name]);
  return place ?? BEGINNING;
}

/** Never back: another process may have been there. */
export async function moveCursor(store: Store, name: string, { xid, id }: Place): Promise<void> {
  const move = `
    INSERT INTO audit_cursor AS c (name, xid, event_id, moved_at) VALUES ($1, $2::bigint, $3::bigint, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET xid = EXCLUDED.xid, event_id = EXCLUDED.event_id, moved_at = EXCLUDED.moved_at
    WHERE (c.xid, c.event_id) < (EXCLUDED.xid, EXCLUDED.event_id)`;
  await store.sql(move, [name, xid, id]);
}
