// Of several instances one leads, on either database; who leads is what the database says, not what a process remembers.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLeader, ELECTION, type Leader, type LeaderOptions } from '../../src/store/leader.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import { createTcpProxy, type TcpProxy } from '../setup/tcp-proxy.ts';
import { until } from '../setup/until.ts';

let database: TestDatabase;
let aside: Connection;
let leaders: Leader[];
let proxy: TcpProxy;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  aside = await connect(database.url);
});
afterAll(async () => {
  await aside.close();
  await database.drop();
});
beforeEach(async () => {
  leaders = [];
  proxy = await createTcpProxy(database.url);
});
afterEach(async () => {
  await Promise.all(leaders.map((leader) => leader.close()));
  await proxy.close();
});

function leaderAt(url: string, options: LeaderOptions = {}): Leader {
  const leader = createLeader({ kind: 'postgresql', url }, options);
  leaders.push(leader);
  return leader;
}

const others = () => [leaderAt(database.url), leaderAt(database.url)];
const who = (asked: readonly Leader[]) => Promise.all(asked.map((leader) => leader.leads()));

async function untilOneLeads(asked: readonly Leader[]): Promise<void> {
  await until(async () => (await who(asked)).filter(Boolean).length === 1);
}

/** How many hold the lock, as the database knows it. */
async function holders(): Promise<number> {
  const rows = await aside.session.query(
    `SELECT 1 FROM pg_locks l JOIN pg_stat_activity s USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND s.application_name = $1 AND s.datname = current_database()`,
    [ELECTION],
  );
  return rows.length;
}

test('of three that ask at once one leads, and it stays that one', async () => {
  const asked = [...others(), leaderAt(database.url)];
  const first = await who(asked);
  expect(first.filter(Boolean)).toHaveLength(1);
  for (let round = 0; round < 5; round += 1) expect(await who(asked)).toEqual(first);
  expect(await holders()).toBe(1);
});

test('who is closed gives the lead back, and does not take it again', async () => {
  const leader = leaderAt(database.url);
  expect(await leader.leads()).toBe(true);
  const next = others();
  expect(await who(next)).toEqual([false, false]);
  await leader.close();
  expect(await leader.leads()).toBe(false);
  await untilOneLeads(next);
});

test('who loses its connection leads no more, and another one does', async () => {
  const changes: boolean[] = [];
  const leader = leaderAt(proxy.url, { onChange: (leads) => changes.push(leads) });
  expect(await leader.leads()).toBe(true);
  const next = others();
  await proxy.cut();
  await untilOneLeads(next);
  expect(await leader.leads()).toBe(false);
  await proxy.restore();
  expect(await who([leader])).toEqual([false]);
  expect([changes, await holders()]).toEqual([[true, false], 1]);
});

test('a session that the server ended is noticed before the next task, and asks again', async () => {
  const leader = leaderAt(database.url);
  expect(await leader.leads()).toBe(true);
  await aside.session.query(
    'SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = $1',
    [ELECTION],
  );
  expect(await leader.leads()).toBe(false);
  await until(leader.leads);
  expect(await holders()).toBe(1);
});

test('one that has fallen silent, as a stopped process or a lost network, loses the lead and knows it', async () => {
  const leader = leaderAt(proxy.url, { beatMs: 50, silentMs: 3_000 });
  expect(await leader.leads()).toBe(true);
  const next = others();
  await sleep(4_000);
  // Its beats kept it: nobody takes the lead from who is there.
  expect(await who([leader, ...next])).toEqual([true, false, false]);
  proxy.stall();
  await untilOneLeads(next);
  expect(await leader.leads()).toBe(false);
  await proxy.restore();
});

test('without a database nobody leads; when it is back somebody does, without a restart (F3)', async () => {
  await proxy.cut();
  const leader = leaderAt(proxy.url);
  expect(await leader.leads()).toBe(false);
  await proxy.restore();
  await until(leader.leads);
});

test('databases of one server have a leader each', async () => {
  const other = await createDatabase({ migrated: false });
  const asked = [leaderAt(database.url), leaderAt(other.url)];
  expect(await who(asked)).toEqual([true, true]);
  await Promise.all(asked.map((leader) => leader.close()));
  await other.drop();
});

test('the process of an embedded database leads', async () => {
  const leader = createLeader({ kind: 'embedded', directory: 'data' });
  expect(await leader.leads()).toBe(true);
  await leader.close();
});
