// How PostgreSQL reads the lists of a network of 1,000 organizations and 5,000 apps: by index, never table by table.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { PATH_KINDS } from '../../src/policy/findings.ts';
import { commandLine } from '../../src/policy/permissions.ts';
import { listApps } from '../../src/registry/app-records.ts';
import { timelineOf } from '../../src/registry/app-timeline.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { countInventory, listInventory } from '../../src/registry/inventory.ts';
import { listOrganizations } from '../../src/registry/organizations.ts';
import { listPeople } from '../../src/registry/person-records.ts';
import { listReviews } from '../../src/registry/reviews.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { listRefusals } from '../../src/store/refusals.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import { fillDatabase, SIZE } from '../setup/many-records.ts';

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

let database: TestDatabase;
let store: Store;
let aside: Connection;
let deps: RegistryDeps;
let big: readonly string[];

const asked: Asked[] = [];
const { query } = pg.Client.prototype;

beforeAll(async () => {
  database = await createDatabase();
  await fillDatabase(database.url);
  aside = await connect(database.url);
  if (!process.env.BARE) {
  // TEMP
  for (const i of ['access_record (resource_server_id, minute)','access_token (client_id, expires_at)','person (name, id)','revision_subprocessor (organization_id, service, revision_id)','launch_context (ehr_id, created_at)']) await aside.session.exec('CREATE INDEX ON ' + i);
  for (const t of ['access_record','access_token','person','revision_subprocessor','launch_context']) await aside.session.exec('VACUUM ANALYZE ' + t);
  }
  const tables = await aside.session.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1",
    [SIZE.apps],
  );
  big = tables.map(({ relname }) => relname);
  store = await openStore(
    { kind: 'postgresql', url: database.url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const { issuer, operatorName, registry } = readConfig({});
  const fetch = () => Promise.reject(new Error('lists fetch nothing'));
  deps = { store, settings: { issuer, operatorName, ...registry }, fetch: fetch as never, sealKey: '' };
  pg.Client.prototype.query = function record(this: pg.Client, ...given: unknown[]) {
    const [first] = given as [Partial<Asked> | undefined];
    if (typeof first?.text === 'string') asked.push({ text: first.text, values: first.values ?? [] });
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as never;
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await store.close();
  await aside.close();
  await database.drop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Node[];
}

const scanned = (node: Node): string[] => [
  ...(node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []),
  ...(node.Plans ?? []).flatMap(scanned),
];

/** What a processor's apps open together is counted over all of their consents: then reading them in a row is best. */
const COUNTED_OVER_ALL = /^\s*WITH used\b/;

/** The big tables that the statements of a list read from one end to the other. */
async function readWhole(list: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await list();
  const selects = asked.filter(
    ({ text }) => /^\s*(SELECT|WITH)\b/i.test(text) && !COUNTED_OVER_ALL.test(text),
  );
  expect(selects.length).toBeGreaterThan(0);
  const tables: string[] = [];
  for (const { text, values } of selects) {
    const [row] = await aside.session.query<{ 'QUERY PLAN': readonly { Plan: Node }[] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    tables.push(...(row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => scanned(Plan)));
  }
  return tables.filter((table) => big.includes(table));
}

type Listed = (query: { after?: string | undefined }) => Promise<{ readonly next: string | null }>;
const lists: readonly (readonly [string, Listed])[] = [
  ['organizations', (query) => listOrganizations(deps, commandLine, query)],
  ['people', (query) => listPeople(deps, commandLine, query)],
  [
    'people of an organization',
    (query) => listPeople(deps, commandLine, { ...query, limit: 2, filter: { organizationId: 'org-7' } }),
  ],
  ['apps', (query) => listApps(deps, commandLine, query)],
  [
    'apps of an organization',
    (query) => listApps(deps, commandLine, { ...query, limit: 2, filter: { organizationId: 'org-7' } }),
  ],
  ['open reviews', (query) => listReviews(deps, commandLine, query)],
  ['closed reviews', (query) => listReviews(deps, commandLine, { ...query, filter: { state: 'closed' } })],
  [
    'reviews of an app',
    (query) =>
      listReviews(deps, commandLine, { ...query, limit: 1, filter: { appId: 'app-7', state: 'closed' } }),
  ],
  ['refusals of an app', (query) => listRefusals(store, 'app-8', { ...query, limit: 1 })],
  ['timeline of an app', (query) => timelineOf(deps, commandLine, 'app-8', query)],
  ['inventory', (query) => listInventory(deps, commandLine, query)],
  ...PATH_KINDS.filter((kind) => !['platform', 'subprocessor'].includes(kind)).map(
    (kind): readonly [string, Listed] => [
      `inventory: ${kind}`,
      (query) => listInventory(deps, commandLine, { ...query, limit: 20, filter: { kind } }),
    ],
  ),
  [
    'inventory of an organization',
    (query) =>
      listInventory(deps, commandLine, { ...query, limit: 5, filter: { organizationId: 'org-207' } }),
  ],
  [
    'inventory of an owner',
    (query) => listInventory(deps, commandLine, { ...query, limit: 2, filter: { ownerId: 'person-7' } }),
  ],
];


import { writeFileSync } from 'node:fs';
import { exportInventory } from '../../src/registry/inventory-export.ts';
test('measure', async () => {
  const out: string[] = [];
  const time = async (name: string, run: () => Promise<unknown>, n = 9) => {
    const ms: number[] = [];
    for (let i = 0; i < n; i += 1) { const b = performance.now(); await run(); ms.push(performance.now() - b); }
    ms.sort((x, y) => x - y);
    out.push(`| ${name} | ${(ms[Math.floor(n / 2)] ?? 0).toFixed(1)} | ${(ms.at(-1) ?? 0).toFixed(1)} |`);
  };
  for (const [name, list] of lists) {
    let next: string | null = null;
    await time(name, async () => { next = (await list({})).next; });
    let after: string | null = next; for (let i = 0; i < 12 && after !== null; i += 1) { next = after; after = (await list({ after })).next; }
    if (next !== null) await time(`${name}, a later page`, () => list({ after: next as string }));
  }
  await time('apps in review', () => listApps(deps, commandLine, { filter: { state: 'in_review' } }));
  await time('apps by part of name', () => listApps(deps, commandLine, { filter: { name: '00123' } }));
  await time('inventory platform', () => listInventory(deps, commandLine, { filter: { kind: 'platform' } }));
  await time('inventory subprocessor', () => listInventory(deps, commandLine, { filter: { kind: 'subprocessor' } }));
  await time('inventory by part of a name', () => listInventory(deps, commandLine, { filter: { text: '00123' } }));
  await time('inventory by purpose', () => listInventory(deps, commandLine, { filter: { purpose: 'HRESCH' } }));
  await time('inventory by finding owner_missing', () => listInventory(deps, commandLine, { filter: { finding: 'owner_missing' } }));
  await time('inventory by finding that nothing has', () => listInventory(deps, commandLine, { filter: { finding: 'change_unapproved' } }), 5);
  await time('counts', () => countInventory(deps, commandLine), 5);
  await time('export csv', async () => { let n = 0; for await (const p of await exportInventory(deps, commandLine, { format: 'csv' })) n += p.length; out.push(String(n)); }, 3);
  for (const kind of ['app', 'resource_server', 'platform'] as const) {
  asked.length = 0; await listInventory(deps, commandLine, { filter: { kind } });
  for (const { text, values } of asked.slice()) {
    if (!/^\s*(SELECT|WITH)/.test(text)) continue;
    const rows = await aside.session.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS OFF) ${text}`, values);
    out.push(text, ...rows.map((r) => r['QUERY PLAN']), '');
  } }
  writeFileSync('/tmp/measured' + (process.env.BARE ? '-bare' : '') + '.txt', out.join('\n'));
}, 120_000);
