// Seals follow the order in which transactions are over, not that of ids, and nobody waits for them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { auditTasks } from '../../src/operations/audit-tasks.ts';
import { createLog } from '../../src/web/log.ts';
import { type AuditStore, createAuditStore } from '../setup/audit-store.ts';
import { connect } from '../setup/database.ts';
import { settled } from '../setup/settled.ts';
import { databases } from '../setup/world.ts';

const INSERT = `INSERT INTO audit_event (type, detail) VALUES ('person.signed_in', '{}')`;

describe('with transactions that are slow', () => {
  let audit: AuditStore;
  beforeAll(async () => {
    audit = await createAuditStore('postgresql');
  });
  afterAll(() => audit.stop());

  test('an event that commits late is sealed late, and no writer waits for it', async () => {
    const slow = await connect(audit.url ?? '');
    await slow.session.exec(`BEGIN; ${INSERT}`);
    await audit.append(4);
    expect(await audit.seal()).toEqual([]);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 0, unsealed: 4 });
    await slow.session.exec('COMMIT');
    await slow.close();
    expect(await audit.seal()).toMatchObject([{ events: 5 }]);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 5, unsealed: 0 });
  });

  test('of many who seal at once one makes each seal, while others write', async () => {
    const writing = Promise.all([audit.append(30), audit.append(30), audit.append(30)]);
    const rounds = Array.from({ length: 6 }, async () => {
      const made: number[] = [];
      for (let round = 0; round < 5; round += 1)
        made.push(...(await audit.seal(7)).map(({ number }) => number));
      return made;
    });
    const numbers = (await Promise.all(rounds)).flat();
    await writing;
    await audit.seal(7);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 95, unsealed: 0 });
  });

  test('a dump that was restored into another cluster is continued, not sealed among what was', async () => {
    await audit.tamper('UPDATE audit_event SET xid = xid + 1000000000');
    await audit.tamper('DELETE FROM audit_seal');
    const [first] = await audit.store.sql<{ xid: string }>(
      'SELECT max(xid)::text AS xid FROM audit_event',
      [],
    );
    await audit.store.sql(`INSERT INTO audit_seal SELECT 1, now(), $1::bigint, 1, 1, 1, 1, '', '', '', ''`, [
      first?.xid,
    ]);
    await expect(audit.seal()).rejects.toThrow('transactions are counted anew');
    await audit.tamper('SELECT audit_event_resume()');
    await audit.tamper('DELETE FROM audit_seal');
    await audit.append(4);
    const [last] = await audit.store.sql<{ later: boolean }>(
      'SELECT xid > $1::bigint AS later FROM audit_event ORDER BY id DESC LIMIT 1',
      [first?.xid],
    );
    expect(last).toEqual({ later: true });
    await audit.seal();
    expect(await audit.verify()).toMatchObject({ fault: null, events: 99, unsealed: 0 });
  });
});

describe.each(databases)('the months of the audit, on %s', (kind) => {
  let audit: AuditStore;
  const said: { readonly level: number; readonly month?: string; readonly seal?: number }[] = [];
  const run = async (name: string) => {
    const config = readConfig({ POSTERN_ISSUER: 'https://postern.test', POSTERN_DATA_DIR: '/nowhere' });
    const log = createLog('silent');
    log.info = ((about: object) => said.push({ level: 30, ...about })) as never;
    log.error = ((about: object) => said.push({ level: 50, ...about })) as never;
    const secret = 'a secret of the tests, which is long enough';
    const task = auditTasks({ config, secret, store: audit.store, log }).find((one) => one.name === name);
    await task?.run({ asked: false, cut: new AbortController().signal });
    return said.splice(0);
  };
  const old = (years: number, months = 0) =>
    `date_trunc('month', now()) - interval '${years} years ${months} months'`;
  const put = (at: string) =>
    audit.store.sql(
      `INSERT INTO audit_event (recorded_at, type, detail) SELECT ${at} + n * interval '1 hour', 'person.signed_in', '{}'
      FROM generate_series(1, 3) AS n`,
      [],
    );
  const rows = async (of: string) =>
    (await audit.store.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${of}`, []))[0]?.count;

  beforeAll(async () => {
    audit = await createAuditStore(kind);
  });
  afterAll(() => audit.stop());

  test('an event of a month without a partition is kept, and moves to it when it is made', async () => {
    await put(old(8));
    await put(old(7, 1));
    await put(old(6, 11));
    await put(`now() + interval '1 year'`);
    expect(await rows('partition.audit_event_default')).toBe(12);
    await audit.seal();
    for (const at of [old(8), old(7, 1), old(6, 11), `now() + interval '1 year'`])
      await audit.store.sql(`SELECT audit_event_add_month(${at})`, []);
    expect(await rows('partition.audit_event_default')).toBe(0);
    expect(await rows('audit_event')).toBe(12);
    expect(await audit.verify()).toMatchObject({ fault: null, events: 12 });
  });

  test('every partition refuses changes', async () => {
    const partitions = await audit.store.sql<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_event'::regclass`,
      [],
    );
    expect(partitions.length).toBeGreaterThan(8);
    for (const { name } of partitions)
      for (const sql of [`DELETE FROM ${name}`, `UPDATE ${name} SET reason = ''`, `TRUNCATE ${name}`])
        await expect(audit.store.sql(sql, [])).rejects.toThrow('append-only');
  });

  test('a month whose seals are broken stays; whole, it is dropped and the chain stays whole (retention)', async () => {
    await audit.tamper(`UPDATE audit_event SET reason = 'x' WHERE id = (SELECT min(id) FROM audit_event)`);
    expect((await run('audit months')).map(({ level }) => level)).toEqual([50, 50]);
    expect(await rows('audit_event')).toBe(12);
    await audit.tamper(`UPDATE audit_event SET reason = NULL WHERE id = (SELECT min(id) FROM audit_event)`);
    expect((await run('audit months')).map(({ level }) => level)).toEqual([30, 30]);
    const told = await audit.store.prisma.auditEvent.findMany({ where: { type: 'audit.month_dropped' } });
    expect(told.map(({ detail }) => detail)).toEqual([
      { month: expect.stringMatching(/^\d{4}-\d{2}$/), seals: [1, 1] },
      { month: expect.stringMatching(/^\d{4}-\d{2}$/), seals: [1, 1] },
    ]);
    expect(await rows('audit_event')).toBe(8);
    await settled(audit.store);
    await run('audit seals');
    expect(await audit.verify()).toMatchObject({ fault: null, events: 8, dropped: 6, unsealed: 0 });
  });

  test('an event of a month that was kept for too short a time is missing, whoever dropped it', async () => {
    await expect(audit.store.sql(`SELECT audit_event_drop_month(${old(6, 11)})`, [])).rejects.toThrow(
      'kept for seven years',
    );
    const name = (
      await audit.store.sql<{ name: string }>(`SELECT audit_event_month(${old(6, 11)}) AS name`, [])
    )[0]?.name;
    await audit.tamper(`DROP TABLE partition.${name}`);
    expect((await audit.verify()).fault).toMatchObject({ fault: 'missing', seal: 1 });
  });

  test('who sealed knows how long the chain was', async () => {
    await audit.append(4);
    const config = readConfig({ POSTERN_ISSUER: 'https://postern.test', POSTERN_DATA_DIR: '/nowhere' });
    const log = createLog('silent');
    log.error = ((about: object) => said.push({ level: 50, ...about })) as never;
    const secret = 'a secret of the tests, which is long enough';
    const [task] = auditTasks({ config, secret, store: audit.store, log });
    const stopping = { asked: false, cut: new AbortController().signal };
    await task?.run(stopping);
    const [end] = await audit.store.sql<{ number: number }>(
      'SELECT max(number)::int AS number FROM audit_seal',
      [],
    );
    await audit.tamper(`DELETE FROM audit_seal WHERE number = ${end?.number}`);
    await task?.run(stopping);
    expect(said).toEqual([{ level: 50, seal: end?.number }]);
  });
});
