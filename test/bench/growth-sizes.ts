// What a row of each kind takes on disk, its indexes included, after VACUUM.
import { slotAt } from '../../src/store/access-token-key.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { KINDS, PATIENTS, ROWS } from './growth-rows.ts';

export interface Size {
  readonly bytes: number;
  readonly ofIndexes: number;
}

/** In a database of its own, with the registry of seed-registry.ts. */
export async function rowSizes(session: SqlSession): Promise<ReadonlyMap<string, Size>> {
  await session.exec(PATIENTS);
  const sizes = new Map<string, Size>();
  for (const { name, table, insert } of KINDS) {
    // Of kinds that share a table each takes what it adds.
    const before = await sizeOf(session, table);
    await session.exec(insert);
    const after = await sizeOf(session, table);
    sizes.set(name, {
      bytes: (after.bytes - before.bytes) / ROWS,
      ofIndexes: (after.ofIndexes - before.ofIndexes) / ROWS,
    });
  }
  return sizes;
}

/** Where the tokens of that hour stand. */
export const tokenTable = (issuedAt: Date) => `partition.access_token_${slotAt(issuedAt.getTime())}`;

export async function sizeOf(session: SqlSession, table: string): Promise<Size> {
  await session.exec(`VACUUM ANALYZE ${table}`);
  const [row] = await session.query<{ bytes: number; indexes: number }>(
    `SELECT sum(pg_total_relation_size(relid))::float8 AS bytes, sum(pg_indexes_size(relid))::float8 AS indexes
     FROM (SELECT $1::regclass AS relid UNION SELECT relid FROM pg_partition_tree($1::regclass)) AS parts`,
    [table],
  );
  return { bytes: row?.bytes ?? 0, ofIndexes: row?.indexes ?? 0 };
}

export function sizeTable(sizes: ReadonlyMap<string, Size>): string {
  const rows = [...sizes].map(([kind, { bytes, ofIndexes }]) => {
    const figures = [bytes, ofIndexes].map((figure) => figure.toFixed(0).padStart(10));
    return `${kind.padEnd(52)}${figures.join('')}`;
  });
  return [`${'row'.padEnd(52)}     bytes   indexes`, ...rows].join('\n');
}
