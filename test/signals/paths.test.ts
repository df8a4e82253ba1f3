// No path of the code revokes or narrows without being told: what it changes is read from the code, what is told from the
// triggers of the database. Whoever adds a column that ends something lets a trigger tell it, or says here why not.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { causeOf } from '../../src/signals/reasons.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';

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

const NO_PATIENT_DATA = 'opens no record at a resource server';
const SAYS_WHEN = 'says when, ends nothing';
const ONLY_ONCE = 'what may be used once was used: what came of it goes on';
const NEVER = 'a trigger refuses the change';

const exceptions: Readonly<Record<string, string>> = {
  'api_token.revoked_at': NO_PATIENT_DATA,
  'contract.organization_id': 'is written once',
  'initial_access_token.organization_id': NO_PATIENT_DATA,
  'initial_access_token.owner_id': NO_PATIENT_DATA,
  'review.revision_id': 'is written once',
  'api_token.expires_at': NO_PATIENT_DATA,
  'initial_access_token.revoked_at': NO_PATIENT_DATA,
  'initial_access_token.expires_at': NO_PATIENT_DATA,
  'staff_session.ended_at': NO_PATIENT_DATA,
  'staff_session.expires_at': NO_PATIENT_DATA,
  'person_role.ended_at': NO_PATIENT_DATA,
  'invitation.superseded_at': NO_PATIENT_DATA,
  'invitation.expires_at': NO_PATIENT_DATA,
  'invitation.consumed_at': ONLY_ONCE,
  'launch_context.consumed_at': ONLY_ONCE,
  'oidc_payload.consumed_at': ONLY_ONCE,
  'launch_context.expires_at': 'ends with time: nobody writes it',
  'oidc_payload.expires_at':
    'a session that is saved again only ever lives longer; of a grant the consent tells it',
  'token_terms.expires_at': 'how long it is kept',
  'token_terms.scope': 'is written once',
  'token_terms.purpose': 'is written once',
  'access_token.expires_at': 'ends with time: introspection told it with the token',
  'consent.expires_at': NEVER,
  'consent.decided_at': NEVER,
  'consent.organization_id': NEVER,
  'consent.granted_scope': 'is written once',
  'consent.purpose': 'is written once',
  'consent.withdrawn_by': 'is written with withdrawn_at',
  'representation.scope': 'is written once',
  'person.left_at': 'now: a cut-off of the owner tells it; on a later day it ends with time',
  'person.organization_id': 'is written once',
  'app.reviewed_at': 'is only ever given',
  'app.attestation_due_at': 'is only ever put off; then it ends with time',
  'organization.admitted_at': 'is only ever given',
  'organization.merged_at': 'its apps were moved one by one, or offboarded',
  'resource_server.suspended_at': 'the receiver itself: its questions are refused, its stream waits',
  'resource_server.jwks': 'a credential of the receiver, not of who is told about',
  'resource_server.organization_id': SAYS_WHEN,
  'resource_server.owner_id': SAYS_WHEN,
  'resource_server_secret.revoked_at': 'a credential of the receiver, not of who is told about',
  'resource_server_secret.ends_at': 'a credential of the receiver, not of who is told about',
  'ehr.jwks': 'what an EHR deposits launches with: opens no record by itself',
  'ehr.organization_id': SAYS_WHEN,
  'ehr.owner_id': SAYS_WHEN,
  'consent.revision_id': 'is written once',
  'account_session.ended_at': 'what its end ends is told with the payload of the session',
  'account_session.expires_at': 'ends with time',
  'account_session.signed_in_at': 'is only ever put off',
  'passkey_proofing.bound_at': 'is only ever given',
  'proofing_attempt.called_back_at': ONLY_ONCE,
  'proofing_attempt.expires_at': NO_PATIENT_DATA,
  'proofing_attempt.proofed_at': NO_PATIENT_DATA,
  'proofing_attempt.taken_at': ONLY_ONCE,
};

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

/** When a record was made, seen or tried; and tables that hold nothing of access (of a recovery its passkey tells). */
const isHarmless = (name: string) =>
  name in exceptions ||
  /\.(created|recorded|issued|granted|submitted|starts|last_used|seen|verified|opened|next_try|sent|failed|warned|acked|occurred|verification_asked|signed|sealed|proposed|accepted|declined|completed|closed)_at$/.test(
    name,
  ) ||
  /^(signal_|outbox_message|audit_|revocation_clock|decision_|refresh_answer|patient\.|ehr_user|app_change\.cleared|domain_proof|logo|patient_address|patient_demographics|recovery)/.test(
    name,
  );

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
    'cut_off',
    'passkey',
    'passkey_proofing',
  ]);
});

test('each cause that a trigger names has words', () => {
  const sql = [
    ...['prisma/migrations/20261122152000_add_signals/migration.sql'],
    ...[
      'prisma/migrations/20261122170100_signal_assurance_levels/migration.sql',
      'src/store/assurance-levels.ts',
    ],
  ]
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
  const causes = [
    ...sql.matchAll(
      /'((?:app|organization|contract|representation|ehr|change|key|passkey|assurance|token|session)\.\w+)'/g,
    ),
  ];
  const kinds = ['client', 'organization', 'owner', 'patient', 'purpose', 'key'].map(
    (kind) => `cut_off.${kind}`,
  );
  const ends = ['patient', 'representative', 'app', 'sign_out', 'replay', 'age_rules', 'provider'].map(
    (by) => `grant.${by}`,
  );
  const named = [...new Set([...causes.map(([, cause = '']) => cause), ...kinds, ...ends])];
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((cause) => causeOf(cause) === causeOf('nothing that is known'))).toEqual([]);
  expect(named.filter((cause) => causeOf(cause).text === 'Access has changed.')).toEqual([]);
});
