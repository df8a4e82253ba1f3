// Two processes on one PostgreSQL: one of them does what nobody asks for, and when it is gone the other one does.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { announce } from '../../src/registry/notices.ts';
import { createDatabase, type TestDatabase } from '../setup/database.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { until } from '../setup/until.ts';
import { countOf, insertTerms } from './retention-rows.ts';

let database: TestDatabase;
let processes: readonly ProcessWorld[];

beforeAll(async () => {
  database = await createDatabase();
  const start = () => createProcessWorld('postgresql', { POSTERN_DEMO: 'false' }, database);
  processes = await Promise.all([start(), start()]);
  const dana = { id: 'dana', name: 'Dana', email: 'dana@lantern.example', userHandle: 'dana' };
  const role = { create: { id: 'role', role: 'owner', grantedBy: 'cli' } };
  await first().store.prisma.organization.create({
    data: { id: 'org', legalName: 'Lantern', people: { create: { ...dana, roles: role } } },
  });
});
afterAll(async () => {
  await Promise.all(processes.map((world) => world.stop()));
  await database.drop();
});

const [first, second] = [() => processes[0] as ProcessWorld, () => processes[1] as ProcessWorld];

/** Without a mail server a process writes the mails that it sends to its own directory. */
async function sentBy(world: ProcessWorld): Promise<number> {
  const directory = join(world.environment.POSTERN_DATA_DIR ?? '', 'outbox');
  return (await readdir(directory).catch(() => [])).length;
}

async function send(count: number): Promise<void> {
  const { prisma } = first().store;
  await prisma.$transaction(async (tx) => {
    for (let told = 0; told < count; told += 1) {
      await announce(tx, { type: 'person.invited', organizationId: 'org', values: { person: 'Ben' } });
    }
  });
  await until(async () => (await prisma.outboxMessage.count({ where: { sentAt: null } })) === 0);
}

test('one of the two sends all; killed or stopped, it is followed by the other one', async () => {
  await send(20);
  const shares = [await sentBy(first()), await sentBy(second())];
  expect([...shares].sort()).toEqual([0, 20]);
  const [leader, follower] = shares[0] === 20 ? [first(), second()] : [second(), first()];
  leader.server().child.kill('SIGKILL');
  await leader.server().ended;
  await send(5);
  expect(await sentBy(follower)).toBe(5);
  await leader.restart('SIGKILL');
  expect(await follower.server().kill('SIGTERM')).toEqual({ code: 0, signal: null });
  await send(5);
  expect(await sentBy(leader)).toBe(25);
});

test('what has ended is removed by itself', async () => {
  const { store } = first();
  await insertTerms(store, 250);
  await until(async () => (await countOf(store, 'token_terms')) === 0);
});
