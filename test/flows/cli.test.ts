import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestBrowser } from '../setup/browser.ts';
import { runPostern } from '../setup/command-line.ts';
import { connect } from '../setup/connection.ts';
import { createDatabase } from '../setup/database.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';

let world: ProcessWorld;

beforeAll(async () => {
  world = await createProcessWorld('postgresql');
});
afterAll(() => world.stop());

const postern = (...args: readonly string[]) => runPostern(world.environment, ...args);
const done = async (...args: readonly string[]): Promise<string> => {
  const ran = await postern(...args);
  // The driver warns of how Prisma reads relations within a transaction.
  const said = ran.stderr.replace(/^\(node:\d+\) DeprecationWarning: .*\n\(Use `node .*\n/m, '');
  expect([ran.code, said]).toEqual([0, '']);
  return ran.stdout;
};
const listed = async (...args: readonly string[]) =>
  JSON.parse(await done(...args, '--json')) as Record<string, unknown>[];
const events = async (type: string) =>
  (await world.store.prisma.auditEvent.findMany({ where: { type }, orderBy: { id: 'asc' } })).at(-1);

describe('who operates a new server', () => {
  test('is invited on the command line, and signs in to the console with a passkey', async () => {
    const database = await createDatabase();
    const environment = {
      ...world.environment,
      DATABASE_URL: database.url,
      POSTERN_OPERATOR: 'Valley Health Network',
    };
    const args = ['invite-operator', '--name', 'Olu Adeyemi', '--email', 'olu@valley.example'];
    const first = await runPostern(environment, ...args);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(/^Organization: \S+ \(Valley Health Network\)$/m);
    expect(first.stdout).toContain(`${world.issuer}/invitation#`);

    const second = await runPostern(environment, ...args.with(4, 'ann@valley.example'));
    expect([second.code, second.stdout.includes('Organization:')]).toEqual([0, false]);
    const again = await runPostern(environment, ...args);
    expect([again.code, again.stderr.split('\n').length]).toEqual([1, 3]);
    expect(again.stderr).toContain('email');

    const people = JSON.parse((await runPostern(environment, 'person', 'list', '--json')).stdout);
    expect(people).toHaveLength(2);
    expect(people[0]).toMatchObject({ organizationName: 'Valley Health Network', roles: ['operator'] });
    await database.drop();
  });

  test('opens the console of the running server with that link', async () => {
    const said = await done('invite-operator', '--name', 'Olu Adeyemi', '--email', 'olu@network.example');
    const link = /\S+\/invitation#\S+/.exec(said)?.[0] ?? '';
    const browser = new TestBrowser(world.issuer);
    expect((await browser.enrol(link)).ok).toBe(true);
    expect((await browser.open('/admin')).response.status).toBe(200);
    expect(await events('person.invited')).toMatchObject({ accountId: null, detail: { via: 'cli' } });
  });
});

test('an organization is added, admitted and listed; its people are invited and leave', async () => {
  const add = ['organization', 'add', '--kind', 'vendor', '--country', 'US'];
  const id = (
    await done(...add, '--name', 'Quayside Apps LLC', '--contact', 'privacy, Pat Doe, pat@quayside.example')
  ).trim();
  expect(await listed('organization', 'list', '--name', 'quayside')).toMatchObject([
    { id, admittedAt: null },
  ]);
  await done('organization', 'admit', id, '--reason', 'A test');
  expect(await listed('organization', 'list', '--state', 'admitted', '--name', 'quayside')).toHaveLength(1);
  const twice = await postern('organization', 'admit', id, '--reason', 'A test');
  expect(twice).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^postern: .+\n$/) });

  const person = [
    'person',
    'invite',
    '--organization',
    id,
    '--name',
    'Rae Kim',
    '--email',
    'rae@quayside.example',
  ];
  await done(...person, '--role', 'owner', '--role', 'developer');
  const [rae] = await listed('person', 'list', '--organization', id);
  expect(rae).toMatchObject({ name: 'Rae Kim', roles: ['owner', 'developer'], passkeys: 0 });
  expect(await done('person', 'list', '--role', 'owner')).toMatch(
    /^ID +NAME +ORGANIZATION .*\n[\s\S]*Rae Kim +Quayside Apps LLC/,
  );
  await done('person', 'leave', String(rae?.id), '--reason', 'A test');
  expect(await listed('person', 'list', '--organization', id)).toEqual([]);
  expect(await listed('person', 'list', '--organization', id, '--left')).toHaveLength(1);
});

test('an app is suspended, resumed and offboarded: true at the next request of the running server', async () => {
  const patient = await world.patientBrowser();
  let { accessToken } = await connect(world, patient);
  const active = async () => (await world.introspect(accessToken)).active;
  expect(await active()).toBe(true);
  await done('app', 'suspend', world.clientId, '--reason', 'Complaints');
  expect(await active()).toBe(false);
  expect(await events('app.suspended')).toMatchObject({
    accountId: null,
    detail: { reason: 'Complaints', via: 'cli' },
  });
  expect(await done('app', 'show', world.clientId)).toMatch(/^may act: +no: client_suspended$/m);
  expect(await listed('app', 'list', '--state', 'suspended')).toMatchObject([{ id: world.clientId }]);
  await done('app', 'resume', world.clientId, '--reason', 'Settled');
  expect(await active()).toBe(false);
  expect(await done('app', 'show', world.clientId)).toMatch(/^may act: +yes$/m);

  ({ accessToken } = await connect(world, patient));
  await done('app', 'offboard', world.clientId, '--reason', 'Over', '--yes');
  expect(await active()).toBe(false);
  expect((await postern('app', 'resume', world.clientId, '--reason', 'No')).code).toBe(1);
});

test('access is cut off when it is meant, and what was is listed', async () => {
  const cutOff = ['access', 'cut-off', 'client', world.backendId, '--reason', 'Lost laptop'];
  expect(await postern(...cutOff)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(await postern(...cutOff.with(3, 'nobody'), '--yes')).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('\n  - subjectId: ') },
  });
  expect(await done(...cutOff, '--tokens-only', '--yes')).toMatch(/^Cut off at .+Z\.\n$/);
  const [last, before] = await listed('access', 'list');
  expect(last).toMatchObject({ kind: 'client', subjectId: world.backendId, endsGrants: false });
  expect([last, before].map((one) => one?.cause)).toEqual(['access.cut_off', 'app.offboarded']);
});

test('keys are listed without what they prove with, and end at once or after an overlap', async () => {
  const keys = await listed('key', 'list', world.backendId);
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(Object.keys(key)).not.toContain('secretHash');
  const [first, second] = keys.map(({ id }) => String(id)) as [string, string];
  await done('key', 'end', world.backendId, first, '--reason', 'A test');
  await done('key', 'end', world.backendId, second, '--overlap-days', '3', '--reason', 'A test');
  const ended = await world.store.prisma.appKey.findMany({ where: { appId: world.backendId } });
  expect(ended.find(({ id }) => id === first)?.revokedAt).toBeInstanceOf(Date);
  const left = ended.find(({ id }) => id === second);
  expect(left?.revokedAt).toBeNull();
  expect(Math.round(((left?.endsAt.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(3);
  const tooLong = await postern(
    'key',
    'end',
    world.backendId,
    second,
    '--overlap-days',
    '31',
    '--reason',
    'A test',
  );
  expect(tooLong).toMatchObject({ code: 1, stderr: expect.stringContaining('\n  - overlapDays: ') });
  expect((await postern('key', 'end', world.backendId, first, '--reason', 'A test')).code).toBe(1);
});

test('reviews are listed', async () => {
  const waiting = await world.store.prisma.review.findMany({ where: { closedAt: null } });
  expect((await listed('review', 'list')).map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
  expect(await done('review', 'list', '--closed')).toMatch(/^ID +APP +REVISION/);
});

describe('the inventory', () => {
  test('is written as CSV, or as JSON, and that it was taken is recorded', async () => {
    const csv = await done('inventory', '--kind', 'ehr');
    expect(csv.split('\r\n')[0]).toMatch(/^kind,id,name,environment,state,/);
    const { paths } = JSON.parse(
      await done('inventory', '--format', 'json', '--kind', 'person', '--text', 'raman'),
    );
    expect(paths).toMatchObject([{ kind: 'person', name: 'Priya Raman' }]);
    const detail = { format: 'json', filter: { kind: 'person', text: 'raman' }, via: 'cli' };
    expect(await events('inventory.exported')).toMatchObject({ accountId: null, detail });
  });
});
