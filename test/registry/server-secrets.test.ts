import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { addServerSecret, endServerSecret, listServerSecrets } from '../../src/registry/server-secrets.ts';
import { introspectAs, type ResourceServer, registerResourceServer } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { addInstance, type Instances } from '../setup/second-instance.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let instances: Instances;
let deps: RegistryDeps;
let server: ResourceServer;
const developer = actor('lantern', ['developer'], 'dana-whitfield');
const DAY_MS = 86_400_000;

beforeAll(async () => {
  world = await createWorld('postgresql');
  instances = await addInstance(world);
  deps = registryDeps(world);
});
afterAll(async () => {
  await instances.stop();
  await world.stop();
});
beforeEach(async () => {
  server = await registerResourceServer(world);
  const { prisma } = world.store;
  await prisma.resourceServer.update({ where: { id: server.id }, data: { organizationId: 'lantern' } });
});

/** Whether the server may ask about tokens with this secret. */
const accepts = async (secret: string) => (await introspectAs(world, { id: server.id, secret }, 'x')).status;

test('a secret has 256 bits, is shown once, ends after the days of the settings, and leaves its event', async () => {
  const { secret, ...shown } = await addServerSecret(deps, developer, server.id);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(shown.endsAt.getTime()).toBe(shown.createdAt.getTime() + 90 * DAY_MS);
  expect(shown).toMatchObject({ createdBy: 'dana-whitfield', revokedAt: null, resourceServerId: server.id });
  expect((await listServerSecrets(deps, developer, server.id))[0]).toEqual(shown);
  expect(JSON.stringify(shown)).not.toContain('argon2');
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { resourceServerId: server.id, type: 'server_secret.added' },
  });
  expect(event).toMatchObject({ organizationId: 'lantern', accountId: 'dana-whitfield' });
  expect(event.detail).toEqual({ secretId: shown.id, endsAt: shown.endsAt.toISOString(), via: 'portal' });
});

describe('two are live at once', () => {
  test('each is accepted while one replaces the other; the old one ends with its overlap', async () => {
    const { secret } = await addServerSecret(deps, developer, server.id);
    expect([await accepts(server.secret), await accepts(secret), await accepts('wrong')]).toEqual([
      200, 200, 401,
    ]);
    expect(await refusedWith(addServerSecret(deps, developer, server.id))).toEqual([
      ...['input_invalid', 'secret credentials_full'],
    ]);
    const [, old] = await listServerSecrets(deps, developer, server.id);
    await endServerSecret(deps, developer, server.id, old?.id ?? '', { when: 3, reason: 'a test' });
    world.clock.advance(3 * DAY_MS - 60_000);
    expect([await accepts(server.secret), await accepts(secret)]).toEqual([200, 200]);
    world.clock.advance(60_000);
    expect([await accepts(server.secret), await accepts(secret)]).toEqual([401, 200]);
    await addServerSecret(deps, developer, server.id);
  });

  test('of five that are added in parallel beside one, one is', async () => {
    const adding = Array.from({ length: 5 }, () => addServerSecret(deps, developer, server.id));
    const outcomes = await Promise.allSettled(adding);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('the end of a secret', () => {
  test('that is now is true at the next question, on every instance', async () => {
    const { id, secret } = await addServerSecret(deps, developer, server.id);
    const ask = async (instance: 0 | 1) => {
      const headers = { authorization: basic(server.id, secret) };
      return (await instances.post(instance, '/introspect', { token: 'x' }, headers)).status;
    };
    expect([await ask(0), await ask(1)]).toEqual([200, 200]);
    await endServerSecret(deps, developer, server.id, id, { when: 'now', reason: 'a test' });
    expect([await ask(0), await ask(1)]).toEqual([401, 401]);
    const where = { resourceServerId: server.id, type: 'server_secret.ended' };
    expect(await world.store.prisma.auditEvent.count({ where })).toBe(1);
    expect(
      await refusedWith(endServerSecret(deps, developer, server.id, id, { when: 'now', reason: 'a test' })),
    ).toEqual(['state_conflict']);
  });

  test('never moves to later, nor by a day more than the settings allow', async () => {
    const { id } = await addServerSecret(deps, developer, server.id);
    const { endsAt } = await endServerSecret(deps, developer, server.id, id, { when: 1, reason: 'a test' });
    expect(
      (await endServerSecret(deps, developer, server.id, id, { when: 7, reason: 'a test' })).endsAt,
    ).toEqual(endsAt);
    for (const days of [0, 8, 2.5])
      expect(
        await refusedWith(endServerSecret(deps, developer, server.id, id, { when: days, reason: 'a test' })),
      ).toEqual([...['input_invalid', 'overlapDays out_of_range']]);
  });

  test("another server's secret is no record", async () => {
    const other = await registerResourceServer(world);
    const { id } = await addServerSecret(deps, commandLine, other.id);
    for (const secretId of [id, 'unknown', 'a\0b'])
      expect(
        await refusedWith(
          endServerSecret(deps, commandLine, server.id, secretId, { when: 'now', reason: 'a test' }),
        ),
      ).toEqual(['record_unknown']);
  });
});

describe('who may', () => {
  const commands = [
    (who: typeof developer, id: string) => listServerSecrets(deps, who, id),
    (who: typeof developer, id: string) => addServerSecret(deps, who, id),
    (who: typeof developer, id: string) =>
      endServerSecret(deps, who, id, 'x', { when: 'now', reason: 'a test' }),
  ];

  test("another organization's server and one that does not exist are the same to her", async () => {
    for (const [who, id] of [
      [actor('another', ['owner', 'developer']), server.id],
      [developer, world.resourceServer.id],
      [developer, 'no-such-server'],
      [developer, 'a\0b'],
    ] as const) {
      for (const command of commands) expect(await refusedWith(command(who, id))).toEqual(['record_unknown']);
    }
  });

  test('a reviewer sees that there are secrets and changes none', async () => {
    const [list, ...changes] = commands;
    const reviewer = actor('operator', ['reviewer']);
    expect(await list?.(reviewer, server.id)).toHaveLength(1);
    for (const change of changes)
      expect(await refusedWith(change(reviewer, server.id))).toEqual(['not_allowed']);
  });
});
