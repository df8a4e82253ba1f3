// No path of the code revokes or narrows without being told: what it changes is read from the code, what is told from the
// triggers of the database. Whoever adds a column that ends something lets a trigger tell it, or says here why not.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { causeOf } from '../../src/signals/reasons.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import { exceptions, isHarmless } from './untold-columns.ts';

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await createDatabase();
  connection = await connect(database.url);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

/** Every file of the program but the demo's seeds and what is generated. */
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('store/generated') && !path.startsWith('demo/'))
  .map((path) => readFileSync(`src/${path}`, 'utf8'));

/** `consent`, by the name that the Prisma client has for it: `consent`. */
const models = new Map(
  [...readFileSync('prisma/schema.prisma', 'utf8').matchAll(/^model (\w+) \{.*?@@map\("(\w+)"\)/gms)].map(
    ([, model = '', table = '']) => [`${model.charAt(0).toLowerCase()}${model.slice(1)}`, table],
  ),
);

const UPDATED = /\bUPDATE ([a-z_]+)\b(?=[\s\w]* SET\b)|\bON CONFLICT\b/g;
const UPDATED_BY_PRISMA = /\.(\w+)\s*\.(?:update\w*|upsert)\(/g;

/** The tables of which the code changes rows. */
function updatedTables(): string[] {
  const raw = sources.flatMap((text) => [...text.matchAll(UPDATED)].flatMap(([, table]) => table ?? []));
  const byPrisma = sources.flatMap((text) =>
    [...text.matchAll(UPDATED_BY_PRISMA)].flatMap(([, model = '']) => models.get(model) ?? []),
  );
  return [...new Set([...raw, ...byPrisma])].sort();
}

/** Instants, and what decides for whom and what access is given. */
const COUNTS =
  /_at$|^(owner_id|organization_id|contract_id|revision_id|affected_scopes|granted_scope|scope|purposes?|jwks|withdrawn_by)$/;

const columns = async () =>
  connection.session.query<{ table: string; column: string }>(
    `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY 1, 2`,
    [],
  );

const told = async () =>
  connection.session.query<{ table: string; column: string | null; onInsert: boolean }>(
    `SELECT c.relname AS "table", a.attname AS "column", (t.tgtype & 4) > 0 AS "onInsert"
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    LEFT JOIN LATERAL unnest(t.tgattr) AS u (number) ON true
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number
    WHERE p.proname LIKE 'signal\\_%' AND t.tgenabled <> 'D'`,
    [],
  );

test('each column that ends or narrows access and that the code can write is told by a trigger, or says why not', async () => {
  const tables = updatedTables();
  expect(tables).toEqual(
    expect.arrayContaining(['consent', 'access_token', 'oidc_payload', 'app', 'app_key']),
  );
  const covered = new Set((await told()).map(({ table, column }) => `${table}.${column}`));
  const written = (await columns())
    .filter(({ table, column }) => tables.includes(table) && COUNTS.test(column))
    .map(({ table, column }) => `${table}.${column}`);
  const untold = written.filter((name) => !covered.has(name) && !isHarmless(name));
  expect(untold).toEqual([]);
});

test('no exception is left over from what is gone', async () => {
  const [tables, all] = [updatedTables(), await columns()];
  const names = all
    .filter(({ table }) => tables.includes(table))
    .map(({ table, column }) => `${table}.${column}`);
  expect(Object.keys(exceptions).filter((name) => !names.includes(name))).toEqual([]);
});

test('rows whose insertion ends or changes something are told as well', async () => {
  const inserted = (await told()).filter(({ onInsert }) => onInsert).map(({ table }) => table);
  expect([...new Set(inserted)].sort()).toEqual([
    'app_change',
    'app_key',
    'app_restriction',
    'cut_off',
    'passkey',
    'passkey_proofing',
  ]);
});

test('each cause that a trigger names has words', () => {
  const sql = [
    '20261122152000_add_signals',
    '20261122170100_signal_assurance_levels',
    '20261122172000_limit_contracts',
    '20261122174000_add_restrictions',
  ]
    .map((name) => readFileSync(`prisma/migrations/${name}/migration.sql`, 'utf8'))
    .concat(readFileSync('src/store/assurance-levels.ts', 'utf8'))
    .join('\n');
  const causes = [
    ...sql.matchAll(
      /'((?:app|organization|contract|representation|ehr|change|key|passkey|assurance|token|session)\.\w+)'/g,
    ),
  ];
  const kinds = ['client', 'organization', 'owner', 'patient', 'purpose', 'key'].map(
    (kind) => `cut_off.${kind}`,
  );
  const ends = [
    'patient',
    'representative',
    'app',
    'sign_out',
    'replay',
    'age_rules',
    'dormancy',
    'provider',
  ].map((by) => `grant.${by}`);
  const named = [...new Set([...causes.map(([, cause = '']) => cause), ...kinds, ...ends])];
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((cause) => causeOf(cause) === causeOf('nothing that is known'))).toEqual([]);
  expect(named.filter((cause) => causeOf(cause).text === 'Access has changed.')).toEqual([]);
});
