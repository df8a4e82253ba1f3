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
  const orig = store.sql.bind(store);
  const timed = { ...store, sql: async (t: string, v: readonly unknown[]) => {
    const b = performance.now(); const r = await orig(t, v as never); const ms = performance.now() - b;
    const plan = await orig(`EXPLAIN (ANALYZE, FORMAT TEXT) ${t}`, v as never) as { 'QUERY PLAN': string }[];
    out.push(`--- ${ms.toFixed(1)} ms ${t.slice(0, 120).replace(/\s+/g, ' ')} rows ${(r as []).length}\n` + plan.map((p) => p['QUERY PLAN']).join('\n'));
    return r; } } as never;
  for (const kind of ['app','ehr','resource_server','platform','subprocessor','person'] as const) {
    const page = await readPaths(timed, { kind }, null, 51);
    if (kind === 'app') { await useOfApps(timed, page.rows.map((r) => r.id)); await readPaths(timed, { kind }, page.next, 51); await readPaths(timed, { kind, organizationId: 'org-5' }, null, 51); await readPaths(timed, { kind, ownerId: 'person-5' }, null, 51); await readPaths(timed, {kind, purpose: 'HRESCH'}, null, 51);}
    if (kind === 'platform') await useOfProcessors(timed, page.rows.map((r) => r.id), { hosting: true });
    if (kind === 'person') await liveApiTokens(timed, page.rows.map((r) => r.id));
  }
  for (const size of [200, 500, 1000]) {
    const b = performance.now(); let place = null as never; let n = 0; const f = new Map<string, number>();
    do { const p = await readPaths(store, {}, place, size); n += p.rows.length; for (const r of p.rows) for (const x of findingsOf(r)) f.set(x, (f.get(x) ?? 0) + 1); place = p.next as never; } while (place !== null);
    out.push(`walk ${size}: ${n} rows ${(performance.now() - b).toFixed(0)} ms ${JSON.stringify([...f])}`);
  }
  (await import('node:fs')).writeFileSync('/tmp/plans.txt', out.join('\n'));
  await store.close(); await db.drop();
}, 120000);
