// All that a database holds, as text: what a thief of a backup would search.
import type { Store } from '../../src/store/database.ts';

export async function dumpTables(store: Store): Promise<string> {
  const tables = await store.sql<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    [],
  );
  const rows = [];
  for (const { name } of tables) {
    const found = await store.sql<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${name} t`, []);
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows.join('\n');
}
