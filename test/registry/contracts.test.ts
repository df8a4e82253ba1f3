import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { assignContract } from '../../src/registry/app-standing.ts';
import { renewContract } from '../../src/registry/contract-renewals.ts';
import { changeContract, createContract, findContract, listContracts } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { connect } from '../setup/connection.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
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

const terms = { reference: 'Data use agreement 7', startsAt: '2026-01-01', endsAt: '2099-12-31T23:59:59Z' };
const create = (changes: object = {}) =>
  createContract(deps, operator, { organizationId: vendor.id, ...terms, ...changes });

test('a contract is made, read by its organization, and changed, each with its event', async () => {
  const { contractId } = await create();
  const startsAt = new Date('2026-01-01T00:00:00Z');
  const kept = { reference: terms.reference, startsAt, endsAt: new Date(terms.endsAt), apps: 0 };
  expect(await findContract(deps, vendor.developer, contractId)).toMatchObject(kept);
  await changeContract(deps, operator, contractId, { endsAt: '2100-06-30' });
  const [latest] = await listContracts(deps, vendor.owner, vendor.id);
  expect(latest).toMatchObject({ ...kept, endsAt: new Date('2100-06-30T00:00:00Z') });
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: vendor.id, type: { startsWith: 'contract.' } },
    orderBy: { id: 'asc' },
  });
  expect(events).toMatchObject([
    { type: 'contract.created', accountId: 'priya-raman', detail: { contractId } },
    { type: 'contract.changed', detail: { contractId, endsAt: '2100-06-30T00:00:00.000Z' } },
  ]);
});

test('its end is the end of the access of its apps, at the next request', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser());
  expect(await world.introspect(accessToken)).toMatchObject({ active: true });
  const { endsAt } = await world.store.prisma.contract.findUniqueOrThrow({ where: { id: 'lantern-2026' } });
  const past = new Date(Date.now() - 1_000);
  await world.store.prisma.contract.update({
    where: { id: 'lantern-2026' },
    data: { startsAt: new Date(past.getTime() - 1_000) },
  });
  await changeContract(deps, operator, 'lantern-2026', { endsAt: past.toISOString() });
  expect(await world.introspect(accessToken)).toEqual({ active: false });
  await changeContract(deps, operator, 'lantern-2026', { endsAt: endsAt.toISOString() });
  expect(await world.introspect(accessToken)).toMatchObject({ active: true });
});

test('faults are told at once; its beginning stays before its end', async () => {
  const faulty = { reference: '', startsAt: 'soon', endsAt: '2026-13-01', signedBy: 'me' };
  expect(await refusedWith(create(faulty))).toEqual([
    ...['input_invalid', 'reference required', 'startsAt not_a_date', 'endsAt not_a_date'],
    'signedBy unknown_field',
  ]);
  for (const endsAt of ['2026-01-01', '2025-06-30'])
    expect(await refusedWith(create({ endsAt }))).toEqual(['input_invalid', 'endsAt date_order']);
  const { contractId } = await create();
  const late = changeContract(deps, operator, contractId, { startsAt: '2100-01-01' });
  expect(await refusedWith(late)).toEqual(['input_invalid', 'endsAt date_order']);
  expect(await refusedWith(create({ organizationId: 'none' }))).toEqual([
    ...['input_invalid', 'organizationId organization_unknown'],
  ]);
});

test('an app is put under a contract of its own organization', async () => {
  const { contractId } = await createContract(deps, operator, { organizationId: 'lantern', ...terms });
  await assignContract(deps, operator, world.clientId, { contractId });
  expect((await findContract(deps, reviewer, contractId)).apps).toBe(1);
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { type: 'contract.assigned' },
  });
  expect(event.detail).toMatchObject({ contractId, before: { contractId: 'lantern-2026' } });
  await changeContract(deps, operator, contractId, { limits: { datasets: ['Observation'] } });
  expect(
    await refusedWith(assignContract(deps, operator, world.clientId, { contractId: 'lantern-2026' })),
  ).toEqual(['input_invalid', 'contractId contract_renewal_needed']);
  const foreign = { contractId: vendor.contractId };
  expect(await refusedWith(assignContract(deps, operator, world.clientId, foreign))).toEqual([
    ...['input_invalid', 'contractId contract_unknown'],
  ]);
});

test('a renewal that needed nobody waits for an approval once it is more than is agreed, or an app is another', async () => {
  const endsAt = '2090-01-01';
  for (const [change, needed] of [
    [
      (id: string) => changeContract(deps, operator, id, { limits: { datasets: ['Patient'] } }),
      'limits_widened',
    ],
    [(_: string, appId: string) => changeApp(world, appId, { maxConsentDays: 7 }), 'apps_changed'],
  ] as const) {
    const { contractId: first } = await createContract(deps, operator, {
      ...terms,
      organizationId: 'lantern',
      endsAt,
    });
    const appId = await registerApp(world, world.clientId, { contractId: first });
    const renewed = await renewContract(deps, operator, first, { endsAt: '2095-01-01' });
    await world.store.prisma.contract.update({
      where: { id: renewed.contractId },
      data: { approvalNeeded: [] },
    });
    await change(first, appId);
    expect((await findContract(deps, operator, renewed.contractId)).approvalNeeded).toContain(needed);
  }
});

test('contracts are made by operators, and read by their organization', async () => {
  const input = { organizationId: vendor.id, ...terms };
  for (const who of [vendor.owner, reviewer])
    expect(await refusedWith(createContract(deps, who, input))).toEqual(['not_allowed']);
  expect(await refusedWith(changeContract(deps, vendor.owner, vendor.contractId, {}))).toEqual([
    'not_allowed',
  ]);
  for (const unknown of [
    () => findContract(deps, vendor.owner, 'lantern-2026'),
    () => listContracts(deps, vendor.owner, 'lantern'),
    () => findContract(deps, operator, 'none'),
    () => changeContract(deps, operator, 'none', {}),
  ])
    expect(await refusedWith(unknown())).toEqual(['record_unknown']);
});
