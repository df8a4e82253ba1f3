import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { findAppFor } from '../../src/registry/app-records.ts';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const inSandbox = async (changes = {}) => ({
  environment: 'sandbox',
  revision: await revisionFor(world, 'sandbox', changes),
});
const inProduction = async (changes = {}) => ({
  environment: 'production',
  backupOwnerId: vendor.ownerId,
  revision: await revisionFor(world, 'production'),
  ...changes,
});

describe('who answers for it', () => {
  test.each([
    ['a person of another organization', { ownerId: 'dana-whitfield' }, ['ownerId person_unknown']],
    ['a person who is not there', { ownerId: 'nobody' }, ['ownerId person_unknown']],
    ['a name that the database cannot hold', { ownerId: 'a\0b' }, ['ownerId text_unprintable']],
  ])('%s does not', async (_, changes, faults) => {
    const command = createApp(deps, vendor.developer, await inProduction(changes));
    expect(await refusedWith(command)).toEqual(['input_invalid', ...faults]);
  });

  test('the backup is somebody else', async () => {
    const command = createApp(
      deps,
      vendor.developer,
      await inProduction({ backupOwnerId: vendor.developerId }),
    );
    expect(await refusedWith(command)).toEqual(['input_invalid', 'backupOwnerId person_twice']);
  });

  test('someone who left does not', async () => {
    const { owner, developerId } = await registerVendor(world);
    await world.store.prisma.person.update({ where: { id: developerId }, data: { leftAt: new Date() } });
    const command = createApp(deps, owner, { ...(await inSandbox()), ownerId: developerId });
    expect(await refusedWith(command)).toEqual(['input_invalid', 'ownerId person_unknown']);
  });

  test('the operator says for whom and who', async () => {
    const command = createApp(deps, commandLine, await inSandbox());
    expect(await refusedWith(command)).toEqual([
      ...['input_invalid', 'organizationId required', 'ownerId required'],
    ]);
    const said = { ...(await inSandbox()), organizationId: vendor.id, ownerId: vendor.ownerId };
    const { appId } = await createApp(deps, commandLine, said);
    expect(await findAppFor(deps, vendor.owner, appId)).toMatchObject({
      registeredThrough: 'cli',
      ownerId: vendor.ownerId,
    });
  });
});

describe('who may', () => {
  test.each([
    ['a reviewer', actor('operators', ['reviewer']), 'not_allowed'],
    ['a security officer', actor('operators', ['security_officer']), 'not_allowed'],
    ['someone without a role', actor(null, []), 'record_unknown'],
  ])('not %s', async (_, who, reason) => {
    const command = createApp(deps, who, { ...(await inSandbox()), organizationId: vendor.id });
    expect(await refusedWith(command)).toEqual([reason]);
  });

  test('nobody for another organization, whether it is there or not', async () => {
    for (const organizationId of ['lantern', 'nowhere']) {
      const command = createApp(deps, vendor.owner, { ...(await inSandbox()), organizationId });
      expect(await refusedWith(command)).toEqual(['record_unknown']);
    }
  });

  test('nobody for an organization that is suspended, offboarded or merging', async () => {
    const marks = [{ suspendedAt: new Date() }, { offboardedAt: new Date() }, { mergedIntoId: vendor.id }];
    for (const data of marks) {
      const { id, owner } = await registerVendor(world);
      await world.store.prisma.organization.update({ where: { id }, data });
      expect(await refusedWith(createApp(deps, owner, await inSandbox()))).toEqual(['state_conflict']);
    }
  });
});
