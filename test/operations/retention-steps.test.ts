// The steps of the clean-up: small, and harmless when they are cut short; what has not ended stays.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SLOTS } from '../../src/store/access-token-key.ts';
import type { Store } from '../../src/store/database.ts';
import { emptySlot, hasLiveToken } from '../../src/store/retention.ts';
import { createDatabase, type TestDatabase } from '../setup/database.ts';
import { databases } from '../setup/world.ts';
import {
  countOf,
  filledSlots,
  hoursAgo,
  idsOf,
  insertTerms,
  insertTokens,
  openAt,
  retain,
} from './retention-rows.ts';

describe.each(databases)('on %s', (kind) => {
  let store: Store;
  let directory: string;
  let database: TestDatabase | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-retention-'));
    database = kind === 'postgresql' ? await createDatabase() : undefined;
    store = await openAt(
      database ? { kind: 'postgresql', url: database.url } : { kind: 'embedded', directory },
    );
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
    await rm(directory, { recursive: true });
  });

  test('a step removes 100 rows at most; a stop is heard before the next one, and a restart goes on', async () => {
    await insertTerms(store, 250);
    let steps = 0;
    const counted: Store = {
      ...store,
      sql: (text, parameters) => {
        if (text.includes('token_terms')) steps += 1;
        return store.sql(text, parameters);
      },
    };
    const afterOne = {
      ...{ cut: new AbortController().signal },
      get asked() {
        return steps > 0;
      },
    };
    await retain(counted, afterOne);
    expect(await countOf(store, 'token_terms')).toBe(150);
    await retain(store);
    expect(await countOf(store, 'token_terms')).toBe(0);
  });

  test('each table keeps what has not ended, and for a while what has', async () => {
    const ago = (interval: string) => `now() - interval '${interval}'`;
    await store.sql(`INSERT INTO organization (id, legal_name) VALUES ('org', 'Org')`, []);
    await store.sql(
      `INSERT INTO person (id, organization_id, name, email, user_handle) VALUES ('dana', 'org', 'Dana', 'd@e.f', 'u')`,
      [],
    );
    await store.sql(
      `INSERT INTO staff_session (id, person_id, verified_at, expires_at, ended_at) VALUES
       ('gone', 'dana', now(), ${ago('2 days')}, NULL), ('ended', 'dana', now(), ${ago('1 hour')}, now()),
       ('live', 'dana', now(), now() + interval '1 hour', NULL)`,
      [],
    );
    await store.sql(
      `INSERT INTO outbox_message (id, channel, destination, content, sent_at, failed_at, created_at) VALUES
       ('gone, sent', 'mail', 'd@e.f', '{}', ${ago('31 days')}, NULL, ${ago('31 days')}),
       ('gone, given up', 'mail', 'd@e.f', '{}', NULL, ${ago('31 days')}, ${ago('32 days')}),
       ('sent', 'mail', 'd@e.f', '{}', ${ago('29 days')}, NULL, ${ago('32 days')}),
       ('waiting', 'mail', 'd@e.f', '{}', NULL, NULL, ${ago('90 days')})`,
      [],
    );
    for (const [id, end] of [
      ['gone', ago('1 second')],
      ['live', 'now() + interval $$1 minute$$'],
    ]) {
      await store.sql(
        `INSERT INTO passkey_challenge (id, ceremony, browser_hash, expires_at) VALUES ('${id}', 'c', 'h', ${end})`,
        [],
      );
      await store.sql(
        `INSERT INTO refresh_answer (id, grant_id, client_mark, sealed_answer, expires_at) VALUES ('${id}', 'g', 'm', '', ${end})`,
        [],
      );
    }
    // The hours of three, two and one hour ago, and this one.
    const hour = `date_trunc('hour', now()) - n * interval '1 hour'`;
    for (const row of [
      `access_budget_use SELECT ${hour}, 'app', 1, 1`,
      `access_budget_patient SELECT ${hour}, 'app', gen_random_uuid()`,
    ])
      await store.sql(`INSERT INTO ${row} FROM generate_series(0, 3) n`, []);
    await retain(store);
    expect(await countOf(store, 'access_budget_use')).toBe(2);
    expect(await countOf(store, 'access_budget_patient')).toBe(2);
    expect(await idsOf(store, 'staff_session')).toEqual(['ended', 'live']);
    expect(await idsOf(store, 'outbox_message')).toEqual(['sent', 'waiting']);
    expect(await idsOf(store, 'passkey_challenge')).toEqual(['live']);
    expect(await idsOf(store, 'refresh_answer')).toEqual(['live']);
  });

  test('many rows that stay, of one instant, do not keep those behind them', async () => {
    await store.sql(`INSERT INTO app (id, organization_id) VALUES ('app', 'org')`, []);
    await store.sql(
      `INSERT INTO consent (id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope,
         granted_scope, choices, launch_context, locale, decided_at, expires_at)
       VALUES ('c', 'a', 'app', 'org', 'g', 'x', 'p', 's', 's', '{}', '{}', 'en', now(), now() + interval '1 day')`,
      [],
    );
    const insert = (model: string, count: number, ended: string) =>
      store.sql(
        `INSERT INTO oidc_payload (model, id, payload, grant_id, expires_at)
         SELECT $1, n, '{}', 'g', date_trunc('day', now()) - $3::interval FROM generate_series(1, $2) n`,
        [model, count, ended],
      );
    await insert('RefreshToken', 210, '3 days');
    await insert('AuthorizationCode', 1, '2 days');
    await retain(store);
    const left = await store.sql('SELECT model, count(*)::int FROM oidc_payload GROUP BY model', []);
    expect(left).toEqual([{ model: 'RefreshToken', count: 210 }]);
  });

  test('a partition is looked at to its end, in steps, or until a stop is asked for: then it stays', async () => {
    const [slot = -1] = hoursAgo([3]);
    const insert = (count: number, end: string) =>
      store.sql(
        `INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
         SELECT gen_random_uuid(), gen_random_uuid(), now(), ${end}, 1, $1 FROM generate_series(1, $2::int)`,
        [slot, count],
      );
    await insert(12_000, `now() - interval '1 second'`);
    expect(await hasLiveToken(store, slot)).toBe(false);
    expect(await hasLiveToken(store, slot, { asked: true })).toBe(true);
    await insert(1, `now() + interval '1 hour'`);
    const [last] = await store.sql<{ block: number }>(
      `SELECT (max(ctid)::text::point)[0]::int AS block FROM access_token WHERE slot = $1`,
      [slot],
    );
    expect(last?.block).toBeGreaterThan(128);
    expect(await hasLiveToken(store, slot)).toBe(true);
  });

  test('only partitions whose hours are three and four hours past are emptied', async () => {
    await insertTokens(store);
    for (let slot = 0; slot < SLOTS; slot += 1) expect(await emptySlot(store, slot)).toBe(true);
    expect(await filledSlots(store)).toEqual(hoursAgo([0, 1, 2, 5, 6, 7]));
  });
});
