import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listEvents } from '../../src/registry/audit-log.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  appId = (await approvedApp(world, deps, vendor)).appId;
});
afterAll(() => world.stop());

const typesOf = (rows: readonly { readonly type: string }[]) => rows.map(({ type }) => type);

test('the newest first, page by page, without a gap', async () => {
  const whole = await listEvents(deps, operator, { appId });
  expect(typesOf(whole.rows)).toEqual([
    ...['app.approved', 'review.decided', 'revision.submitted', 'app.registered'],
  ]);
  const first = await listEvents(deps, operator, { appId }, { limit: 3 });
  const second = await listEvents(deps, operator, { appId }, { limit: 3, after: first.next ?? '' });
  expect([...first.rows, ...second.rows]).toEqual(whole.rows);
  expect(second.next).toBeNull();
  expect(whole.rows.find(({ type }) => type === 'app.approved')).toMatchObject({ personName: 'Priya Raman' });
});

test('an organization has the events of its apps and its own', async () => {
  const { rows } = await listEvents(deps, reviewer, { organizationId: vendor.id });
  expect(typesOf(rows)).toContain('app.approved');
});

test('nothing tells of a patient: no sign-in, consent or token of hers', async () => {
  const patient = await world.patientBrowser();
  await patient.authorize(authorizationRequest(world).url);
  const { rows } = await listEvents(deps, operator, { appId: world.clientId }, { limit: 200 });
  const kept = await world.store.prisma.auditEvent.findMany({ where: { appId: world.clientId } });
  expect(typesOf(kept)).toContain('consent.granted');
  expect(
    typesOf(rows).filter((type) => /^(consent|patient|passkey|token\.issued|launch)/.test(type)),
  ).toEqual([]);
  const { patientId } = kept.find(({ type }) => type === 'consent.granted') ?? {};
  expect(patientId).toEqual(expect.any(String));
  expect(JSON.stringify(rows)).not.toContain(patientId);
});

test('for those who oversee; of no record there are no events; a place of another list is refused', async () => {
  expect(await refusedWith(listEvents(deps, vendor.owner, { appId }))).toEqual(['not_allowed']);
  expect(await refusedWith(listEvents(deps, actor('lantern', ['developer']), { appId }))).toEqual([
    'not_allowed',
  ]);
  expect(await refusedWith(listEvents(deps, securityOfficer, { appId: 'unknown' }))).toEqual([
    'record_unknown',
  ]);
  expect(await refusedWith(listEvents(deps, operator, { organizationId: 'unknown' }))).toEqual([
    'record_unknown',
  ]);
  for (const after of ['nonsense', Buffer.from('["2026-01-01","x"]').toString('base64url')])
    expect(await refusedWith(listEvents(deps, operator, { appId }, { after }))).toEqual([
      ...['input_invalid', 'after cursor_unreadable'],
    ]);
});
