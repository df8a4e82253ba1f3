// The clean-up on PostgreSQL beside others: in nobody's way, and twice at once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { SLOTS } from '../../src/store/access-token-key.ts';
import type { Store } from '../../src/store/database.ts';
import { EPHEMERAL } from '../../src/store/retention.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import {
  countOf,
  filledSlots,
  hoursAgo,
  insertTerms,
  insertTokens,
  openAt,
  retain,
} from './retention-rows.ts';

let database: TestDatabase;
let store: Store;
let other: Connection;
const { query } = pg.Client.prototype;

beforeAll(async () => {
  database = await createDatabase();
  store = await openAt({ kind: 'postgresql', url: database.url });
  other = await connect(database.url);
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await other.close();
  await store.close();
  await database.drop();
});

test('a partition that somebody reads is left for the next round', async () => {
  await insertTokens(store);
  await other.session.exec('BEGIN; SELECT count(*) FROM access_token');
  await retain(store);
  expect(await filledSlots(store)).toHaveLength(SLOTS);
  await other.session.exec('COMMIT');
  await retain(store);
  expect(await filledSlots(store)).toEqual(hoursAgo([0, 1, 2, 5, 6, 7]));
});

test('a row that somebody holds is passed over, and goes later', async () => {
  await insertTerms(store, 5);
  await other.session.exec('BEGIN; SELECT FROM token_terms ORDER BY id LIMIT 1 FOR UPDATE');
  await retain(store);
  expect(await countOf(store, 'token_terms')).toBe(1);
  await other.session.exec('COMMIT');
  await retain(store);
  expect(await countOf(store, 'token_terms')).toBe(0);
});

test('two at once, as a frozen leader and its successor, do no harm', async () => {
  await insertTerms(store, 600);
  await insertTokens(store);
  await Promise.all([retain(store), retain(store), retain(store)]);
  expect(await countOf(store, 'token_terms')).toBe(0);
});

const STREAM = '00000000-0000-4000-8000-000000000000';

/** In each table 5,000 that stay. */
const MANY = `
  INSERT INTO organization (id, legal_name) VALUES ('org', 'Org');
  INSERT INTO person (id, organization_id, name, email, user_handle) VALUES ('dana', 'org', 'Dana', 'd@e.f', 'u');
  INSERT INTO resource_server (id, name) VALUES ('server', 'Server');
  INSERT INTO patient (id, user_handle, name) VALUES ('ana', 'h', 'Ana');
  INSERT INTO signal_stream (id, resource_server_id, method) VALUES ('${STREAM}', 'server', 'poll');
  ${[
    "token_terms SELECT gen_random_uuid(), 'k', 'c', n, n, n, n, n, 'a', 's', 'p', '{}', '{}', now()",
    "oidc_payload (model, id, payload, expires_at) SELECT 'Session', n, '{}', now()",
    "refresh_answer SELECT n, 'g', 'm', '', now() + interval '1 day'",
    "passkey_challenge SELECT n, 'c', 'h', 's', now() + interval '1 day'",
    "staff_session (id, person_id, verified_at, expires_at) SELECT n, 'dana', now(), now()",
    "staff_departure (state_hash, browser_hash, provider_id, nonce, code_verifier, next, expires_at) SELECT n, 'b', 'p', 'n', 'c', '/', now()",
    "outbox_message (id, channel, destination, content, sent_at) SELECT n, 'mail', 'd', '{}', now()",
    "account_session (uid, account_id, signed_in_at, seen_at, expires_at) SELECT n, 'a', now(), now(), now()",
    "proofing_attempt (id, browser_hash, reason, level, next, expires_at) SELECT n, 'b', 'enrol', 'IAL2', '/my', now()",
    "recovery (id, browser_hash, expires_at) SELECT n, 'b', now()",
    'try_count SELECT now(), n, 1',
    "patient_notice (id, patient_id, type, values) SELECT n, 'ana', 't', '{}'",
    'access_budget_use SELECT now(), n, 1, 1',
    'access_budget_patient SELECT now(), n, gen_random_uuid()',
    "traffic_hour (app_id, resource_server_id, hour) SELECT n, '', now()",
    "traffic_patient SELECT now(), n, '', gen_random_uuid()",
    "signal_event (type, cause, occurred_at) SELECT 'session-revoked', 'token.revoked', now()",
    `signal_delivery (stream_id, event_id, sequence, created_at) SELECT '${STREAM}', gen_random_uuid(), n, now()`,
  ]
    .map((row) => `INSERT INTO ${row} FROM generate_series(1, 5000) n`)
    .join(';')}`;

const literal = (value: unknown) => `'${value instanceof Date ? value.toISOString() : value}'`;

test('what has ended is found by an index', async () => {
  const asked = new Map<string, unknown[]>();
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [{ text = '', values = [] }] = given as [{ text?: string; values?: unknown[] }];
    if (text.includes('AS MATERIALIZED')) asked.set(text, values);
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as typeof query;
  await retain(store);
  pg.Client.prototype.query = query;
  await other.session.exec(`${MANY}; ANALYZE`);
  const plans: string[] = [];
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await other.session.exec(`SET plan_cache_mode = ${mode}`);
    for (const [text, values] of asked) {
      await other.session.exec(`PREPARE step AS ${text}`);
      const lines = await other.session.query<Record<string, string>>(
        `EXPLAIN EXECUTE step(${values.map(literal).join(', ')})`,
        [],
      );
      await other.session.exec('DEALLOCATE step');
      const seen = lines.map((line) => line['QUERY PLAN'] ?? '').join('\n');
      plans.push(/CTE seen\n([\s\S]*?)\n\s*CTE spent/.exec(seen)?.[1] ?? seen);
    }
  }
  expect(plans).toHaveLength(2 * EPHEMERAL.length);
  for (const plan of plans) expect(plan).toMatch(/^[^\n]*Limit[\s\S]*Index (Only )?Scan using/);
});
