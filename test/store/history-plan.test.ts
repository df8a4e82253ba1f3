// How PostgreSQL reads the pages of one patient with 100,000 events and as many minutes of use: a bounded part, by index.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { openStore, type Store } from '../../src/store/database.ts';
import { readHistory } from '../../src/store/history.ts';
import { appsOfPatient, firstConsentAt, partyNames } from '../../src/store/party-names.ts';
import { lastUses, recentUses } from '../../src/store/recent-use.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';

const SIZE = 100_000;
const GRANTS = 300;

interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

let database: TestDatabase;
let store: Store;
let aside: Connection;
const asked: Asked[] = [];
const { query } = pg.Client.prototype;

// Of the patient `p`: uses and decisions of ten apps over a year; every tenth event is one that no page shows.
const FILL = `
  INSERT INTO organization (id, legal_name, name_skeleton) VALUES ('o', 'Vendor', 'vendor');
  INSERT INTO app (id, organization_id) SELECT 'app-' || n, 'o' FROM generate_series(0, 10) n;
  INSERT INTO patient (id, user_handle, name) SELECT 'p' || n, 'h' || n, 'Patient' FROM generate_series(0, 1) n;
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope,
    granted_scope, choices, launch_context, locale, decided_at, expires_at)
  SELECT 'c' || n, 'p0', 'p0', 'app-' || n % 10, 'o', 'g' || n, 'https://fhir.example', 'PATRQT', 'patient/*.rs',
    'patient/*.rs', '{}', '{}', 'en', now() - interval '1 year', now() + interval '1 year'
  FROM generate_series(1, ${GRANTS}) n;
  ALTER TABLE audit_event DISABLE TRIGGER audit_event_names_contract;
  INSERT INTO audit_event (recorded_at, type, app_id, account_id, patient_id, grant_id, resource_server_id, resource,
    purpose, detail)
  SELECT now() - n * interval '1 year' / ${SIZE}, CASE WHEN n % 10 = 0 THEN 'token.issued' ELSE 'decision.permitted' END,
    'app-' || n % 10, 'p0', 'p' || CASE WHEN n % 5 = 0 THEN 1 ELSE 0 END, 'g' || 1 + n % ${GRANTS}, 's',
    'Observation?patient', 'PATRQT', '{"interaction": "search", "resources": 20}'
  FROM generate_series(1, ${SIZE} + ${SIZE / 4}) n;
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  SELECT gen_random_uuid(), 's', date_trunc('minute', now() - n * interval '1 year' / ${SIZE}), 'app-' || n % 10, 'p0',
    'g' || 1 + n % ${GRANTS}, 'PATRQT'
  FROM generate_series(1, ${SIZE}) n;
  ANALYZE`;

beforeAll(async () => {
  database = await createDatabase();
  aside = await connect(database.url);
  await aside.session.exec(FILL);
  const tables = await aside.session.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(audit_event|access_record)' AND reltuples > 0",
    [],
  );
  big = tables.map(({ relname }) => relname);
  store = await openStore(
    { kind: 'postgresql', url: database.url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  pg.Client.prototype.query = function record(this: pg.Client, ...given: unknown[]) {
    const [first] = given as [Partial<Asked> | undefined];
    if (typeof first?.text === 'string') asked.push({ text: first.text, values: first.values ?? [] });
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as never;
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await store?.close();
  await aside.close();
  await database.drop();
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Node[];
}

/** With rows: months to come have none. */
let big: readonly string[];

const scanned = (node: Node): string[] => [
  ...(node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []),
  ...(node.Plans ?? []).flatMap(scanned),
];

/** Blocks that each statement of the reading touched, and the large tables that it read from end to end. */
async function costOf(read: () => Promise<unknown>) {
  asked.length = 0;
  await read();
  const costs: { blocks: number; scanned: string[] }[] = [];
  for (const { text, values } of [...asked]) {
    type Row = { readonly 'QUERY PLAN': readonly [{ readonly Plan: Node }] };
    const [row] = await aside.session.query<Row>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    if (row === undefined) throw new Error('no plan');
    const [{ Plan: plan }] = row['QUERY PLAN'];
    const blocks = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    const large = scanned(plan).filter((name) => big.includes(name));
    costs.push({ blocks, scanned: large });
  }
  return costs;
}

const history = (query: object = {}, after?: string) =>
  readHistory(store, { patientId: 'p0', ...query }, after, 50);

test.each<[string, () => Promise<unknown>]>([
  ['the first page of a history', () => history()],
  ['what one app did', () => history({ appId: 'app-3' })],
  ['what an app did that never did anything', () => history({ appId: 'app-10' })],
  ['what somebody decided who decided nothing', () => history({ decidedBy: 'nobody' })],
  [
    'a month',
    () =>
      history({ from: new Date(Date.now() - 90 * 86_400_000), to: new Date(Date.now() - 60 * 86_400_000) }),
  ],
  [
    'the cards',
    async () => {
      const grants = Array.from({ length: 20 }, (_, n) => `g${n + 1}`);
      await Promise.all([lastUses(store, grants), recentUses(store, grants, ['p0'])]);
    },
  ],
  ['the choices of a history', () => Promise.all([appsOfPatient(store, 'p0'), firstConsentAt(store, 'p0')])],
])('%s: by index, and at most so much', async (_, read) => {
  const costs = await costOf(read);
  expect(costs.length).toBeGreaterThan(0);
  expect(costs.flatMap(({ scanned: tables }) => tables)).toEqual([]);
  for (const { blocks } of costs) expect(blocks).toBeLessThan(6_000);
});

test('a page far down costs as much as the first', async () => {
  let after: string | undefined;
  for (let pages = 0; pages < 20; pages += 1) after = (await history({}, after))?.next ?? undefined;
  const [far, first] = [await costOf(() => history({}, after)), await costOf(() => history())];
  const sum = (costs: typeof far) => costs.reduce((all, { blocks }) => all + blocks, 0);
  expect(after).toBeDefined();
  expect(sum(far)).toBeLessThan(sum(first) * 3 + 1_000);
});

test('pages one after another tell each row once, the newest first', async () => {
  const seen: string[] = [];
  let last = Number.POSITIVE_INFINITY;
  let after: string | undefined;
  for (let pages = 0; pages < 30; pages += 1) {
    const page = await readHistory(store, { patientId: 'p0', appId: 'app-3' }, after, 50);
    for (const { kind, id, at } of page?.rows ?? []) {
      expect(at.getTime()).toBeLessThanOrEqual(last);
      last = at.getTime();
      seen.push(`${kind} ${id}`);
    }
    if (page?.next == null) break;
    after = page.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(500);
  expect((await partyNames(store, [])).apps.size).toBe(0);
});
