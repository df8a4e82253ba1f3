import { test } from '@jest/globals';
import { createDatabase } from '../setup/database.ts';
import { fillDatabase } from '../setup/many-records.ts';
import { openStore } from '../../src/store/database.ts';
import { readPaths } from '../../src/store/inventory.ts';
import { findingsOf } from '../../src/policy/findings.ts';
import { useOfApps, useOfProcessors, liveApiTokens } from '../../src/store/path-use.ts';

test('try', async () => {
  const db = await createDatabase();
  console.log('fill', await fillDatabase(db.url));
  const store = await openStore({ kind: 'postgresql', url: db.url }, { migrations: 'prisma/migrations', report: () => undefined });
  const out: string[] = [];
  for (const i of ['access_record (resource_server_id, minute)','access_token (client_id, expires_at)','person (name, id)','revision_subprocessor (organization_id, service, revision_id)','launch_context (ehr_id, created_at)']) await store.sql('CREATE INDEX ON ' + i, []);
  for (const t of ['access_record','access_token','person','revision_subprocessor','launch_context']) await store.sql('VACUUM ANALYZE ' + t, []);
  const orig = store.sql.bind(store);
  const timed = { ...store, sql: async (t: string, v: readonly unknown[]) => {
    const b = performance.now(); const r = await orig(t, v as never); const ms = performance.now() - b;
    const plan = await orig(`EXPLAIN (ANALYZE, FORMAT TEXT) ${t}`, v as never) as { 'QUERY PLAN': string }[];
    out.push(`--- ${ms.toFixed(1)} ms ${t.slice(0, 120).replace(/\s+/g, ' ')} rows ${(r as []).length}\n` + plan.map((p) => p['QUERY PLAN']).join('\n'));
    return r; } } as never;
  await readPaths(timed, {kind: 'app'}, null, 1000); await readPaths(timed, {kind: 'app'}, null, 5000); await readPaths(timed, {kind: 'person'}, null, 5000);
  for (const size of [200, 500, 1000]) {
    const b = performance.now(); let place = null as never; let n = 0; const f = new Map<string, number>();
    do { const bb = performance.now(); const p = await readPaths(store, {}, place, size); n += p.rows.length; if (size === 1000) out.push(`${p.rows[0]?.kind} ${p.rows.length} ${(performance.now() - bb).toFixed(0)} ms`); for (const r of p.rows) for (const x of findingsOf(r)) f.set(x, (f.get(x) ?? 0) + 1); place = p.next as never; } while (place !== null);
    out.push(`walk ${size}: ${n} rows ${(performance.now() - b).toFixed(0)} ms ${JSON.stringify([...f])}`);
  }
  (await import('node:fs')).writeFileSync('/tmp/plans.txt', out.join('\n'));
  await store.close(); await db.drop();
}, 120000);
