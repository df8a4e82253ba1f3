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
import { listRefusals } from '../../src/registry/refusals.ts';
import { listReviews } from '../../src/registry/reviews.ts';
import { openStore, type Store } from '../../src/store/database.ts';
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
  const tables = await aside.session.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'partition'::regnamespace) AND reltuples >= $1",
    [SIZE.apps],
  );
  big = tables.map(({ relname }) => relname);
  store = await openStore(
    { kind: 'postgresql', url: database.url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const { issuer, operatorName, registry } = readConfig({});
  const fetch = () => Promise.reject(new Error('lists fetch nothing'));
  deps = {
    store,
    settings: { issuer, operatorName, ...registry },
    fetch: fetch as never,
    sealKey: '',
    sign: fetch as never,
  };
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

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  const text = Array.isArray(value) ? `{${value.map((one) => `"${one}"`).join(',')}}` : String(value);
  return `'${text.replaceAll("'", "''")}'`;
};

/**
 * The plan that a server has for a statement which it has prepared and used some times: PostgreSQL then takes one plan
 * for all values, where it thinks that it is no worse.
 */
async function planOf({ text, values }: Asked): Promise<readonly { readonly Plan: Node }[]> {
  const execute = `EXECUTE listed${values.length === 0 ? '' : `(${values.map(literal).join(', ')})`}`;
  await aside.session.exec(`PREPARE listed AS ${text}`);
  for (let times = 0; times < USES; times += 1) await aside.session.exec(execute);
  const [row] = await aside.session.query<{ 'QUERY PLAN': { Plan: Node }[] }>(
    `EXPLAIN (FORMAT JSON) ${execute}`,
    [],
  );
  await aside.session.exec('DEALLOCATE listed');
  return row?.['QUERY PLAN'] ?? [];
}

const USES = 6;

/** The big tables that the statements of a list read from one end to the other. */
async function readWhole(list: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await list();
  const selects = asked.filter(
    ({ text }) => /^\s*(SELECT|WITH)\b/i.test(text) && !COUNTED_OVER_ALL.test(text),
  );
  expect(selects.length).toBeGreaterThan(0);
  const tables: string[] = [];
  for (const one of selects) tables.push(...(await planOf(one)).flatMap(({ Plan }) => scanned(Plan)));
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
  ['refusals of an app', (query) => listRefusals(deps, commandLine, 'app-8', { ...query, limit: 1 })],
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

test.each(lists)('%s: the first page and the next are found by index', async (_name, list) => {
  let next: string | null = null;
  const first = async () => {
    ({ next } = await list({}));
  };
  expect(await readWhole(first)).toEqual([]);
  const after = next ?? undefined;
  if (after !== undefined) expect(await readWhole(() => list({ after }))).toEqual([]);
});

test('platforms are found by index; what they open is counted over all of their apps', async () => {
  const filter = { kind: 'platform', text: 'Vendor 0838' };
  expect(await readWhole(() => listInventory(deps, commandLine, { filter }))).toEqual([]);
});

test('everything is counted', async () => {
  const counts = await countInventory(deps, commandLine);
  const of = (kind: string) => counts.find((count) => count.kind === kind);
  expect(of('app')).toMatchObject({ paths: SIZE.apps });
  expect(of('ehr')).toMatchObject({ paths: SIZE.ehrs, findings: { owner_left: 5 } });
  expect(of('resource_server')).toMatchObject({ paths: SIZE.servers });
  expect(of('platform')).toMatchObject({ paths: SIZE.processors });
  expect(of('app')?.findings.owner_missing).toBe(SIZE.apps / 50);
});
