// Who leaves on a day hands over, or those who must name another owner are told: 30 and 7 days before, once each.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readArgs } from '../../src/operations/command.ts';
import { personCommands } from '../../src/operations/commands-people.ts';
import { seeToLeavings } from '../../src/operations/leavings.ts';
import { endPerson } from '../../src/registry/people.ts';
import { actorOfScimToken, createScimToken } from '../../src/registry/scim-tokens.ts';
import { createLog } from '../../src/web/log.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 86_400_000;

let world: World;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const warned = async () => {
  const where = { channel: 'mail', content: { path: ['type'], equals: 'owner.leaving' } } as const;
  const mails = await world.store.prisma.outboxMessage.findMany({ where });
  return mails.filter(({ destination }) => destination === `owner@${vendor.id}.example`).length;
};
const round = () => seeToLeavings({ store: world.store, log: createLog('silent') });

test('a handover holds from the announcement on; what nobody takes over loses its standing on the day', async () => {
  const { prisma } = world.store;
  const deps = registryDeps(world);
  const [named, left] = [await approvedApp(world, deps, vendor), await approvedApp(world, deps, vendor)];
  await prisma.app.update({ where: { id: named.appId }, data: { backupOwnerId: null } });
  await prisma.app.update({ where: { id: left.appId }, data: { backupOwnerId: null } });
  const at = new Date(Date.now() + 40 * DAY_MS);
  const handed = (ownerId: string) => ({ at: at.toISOString(), handover: [{ appId: named.appId, ownerId }] });
  const leave = (input: object) =>
    endPerson(deps, vendor.owner, vendor.ownerId, { reason: 'a test', ...input });
  const stranger = await registerVendor(world);
  expect(await refusedWith(leave(handed(stranger.ownerId)))).toEqual([
    ...['input_invalid', 'handover.0.ownerId person_unknown'],
  ]);
  expect(await refusedWith(leave(handed(vendor.ownerId)))).toEqual([
    ...['input_invalid', 'handover.0.ownerId person_unknown'],
  ]);

  await leave({ ...handed(vendor.developerId), reason: 'another post' });

  const owners = ({ ownerId, backupOwnerId }: { ownerId: string | null; backupOwnerId: string | null }) => [
    ...[ownerId, backupOwnerId],
  ];
  const app = (id: string) => prisma.app.findUniqueOrThrow({ where: { id } });
  expect(owners(await app(named.appId))).toEqual([vendor.developerId, vendor.ownerId]);
  expect(owners(await app(left.appId))).toEqual([vendor.ownerId, null]);
  const event = await prisma.auditEvent.findFirstOrThrow({
    where: { type: 'person.left', organizationId: vendor.id },
  });
  expect(event.detail).toMatchObject({
    ...{ before: { leftAt: null }, after: { leftAt: at.toISOString() }, reason: 'another post' },
    apps: [left.appId],
  });
  expect(await warned()).toBe(1);

  await round();
  expect(await warned()).toBe(1);
  for (const days of [11, 23]) {
    world.clock.advance(days * DAY_MS);
    await Promise.all([round(), round()]);
    await round();
  }
  expect(await warned()).toBe(3);
  expect(await prisma.personRole.count({ where: { personId: vendor.ownerId, endedAt: null } })).toBe(1);

  const { token } = await createScimToken(deps, vendor.owner, vendor.id, { name: 'directory' });
  // Of two who leave that day, the end of one fails.
  await endPerson(deps, stranger.owner, stranger.developerId, { at: at.toISOString(), reason: 'a test' });
  await prisma.$executeRawUnsafe(`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.person_id = '${stranger.developerId}' THEN RAISE EXCEPTION 'a fault of the test'; END IF;
    RETURN NEW; END $$`);
  await prisma.$executeRawUnsafe(
    'CREATE TRIGGER fails BEFORE UPDATE ON person_role FOR EACH ROW EXECUTE FUNCTION fails()',
  );
  world.clock.advance(7 * DAY_MS);
  await Promise.all([round(), round()]);
  expect(await prisma.personRole.count({ where: { personId: vendor.ownerId, endedAt: null } })).toBe(0);
  expect(await actorOfScimToken(deps, token)).toBeUndefined();
  expect(await warned()).toBe(3);
  const ends = () => prisma.auditEvent.findMany({ where: { type: 'person.access_ended' } });
  const ended = { roles: 1, sessions: 0, apiTokens: 0, scimTokens: 1, bindings: 0 };
  expect((await ends()).map(({ detail }) => detail)).toEqual([
    { personId: vendor.ownerId, at: at.toISOString(), ended },
  ]);
  await prisma.$executeRawUnsafe('DROP TRIGGER fails ON person_role');
  await round();
  expect(await prisma.personRole.count({ where: { personId: stranger.developerId, endedAt: null } })).toBe(0);
  expect(await ends()).toHaveLength(2);
});

test('on the command line, too, an app is handed over by its name and hers; half a pair is no pair', async () => {
  const of = await registerVendor(world);
  const deps = registryDeps(world);
  const { appId } = await approvedApp(world, deps, of);
  const command = personCommands.find(({ words }) => words === 'person leave');
  const lines: string[] = [];
  const output = {
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    write: async () => undefined,
  };
  const leave = async (...args: string[]) => {
    const read = command && readArgs(command, [of.ownerId, '--reason', 'a test', '--json', ...args]);
    return read && command?.run(deps as never, read, output);
  };
  for (const wrong of [appId, `${appId}=`, `=${of.developerId}`, `${appId}=a=b`])
    await expect(leave('--hand-over', wrong)).rejects.toThrow('--hand-over is <app>=<person>');
  expect(await leave('--hand-over', `${appId}=${of.developerId}`)).toBe(0);
  const handover = [{ appId, ownerId: of.developerId }];
  expect(JSON.parse(lines.pop() ?? '')).toEqual({ personId: of.ownerId, handover });
  const app = await world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
  expect(app.ownerId).toBe(of.developerId);
});
