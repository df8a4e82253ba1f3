// Contracts at every door: what is agreed binds what was approved, and a renewal takes over at its instant.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { watchContracts } from '../../src/operations/contract-tasks.ts';
import { approveRenewal, renewContract } from '../../src/registry/contract-renewals.ts';
import { changeContract, findContract, listContractTerms } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { createLog } from '../../src/web/log.ts';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { decide, decisionsIn, readOf } from '../setup/decisions.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, otherReviewer, reviewer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

const CONTRACT = 'lantern-2026';
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

let world: World;
let deps: RegistryDeps;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

/** As the database could: the registry widens nothing that has begun. */
const agree = (limits: object | null) =>
  world.store.prisma.$executeRawUnsafe(
    'UPDATE contract SET limits = $1::jsonb',
    limits === null ? null : JSON.stringify(limits),
  );
const NONE = { datasets: null, operations: null, patientsPerHour: null, resourcesPerHour: null, hours: null };
const scopeOf = async (token: string) => String((await world.introspect(token)).scope ?? '');
const lastReason = async () => (await decisionsIn(world)).at(-1)?.reason;
const scopeIn = async (response: Response) => ((await response.json()) as { scope?: string }).scope ?? '';

test('limits narrow tokens of before at the next request, refreshes and new grants, and give back what they took', async () => {
  const { accessToken, refreshToken } = await connect(world, patient);
  const whole = await scopeOf(accessToken);
  expect(whole).toContain('patient/Patient');
  expect((await decide(world, readOf(accessToken))).decision).toBe(true);
  await changeContract(deps, operator, CONTRACT, { limits: { datasets: ['Observation'] } });

  const narrowed = await scopeOf(accessToken);
  expect(narrowed).toMatch(/patient\/Observation/);
  expect(narrowed).not.toMatch(/patient\/(?!Observation)/);
  expect((await decide(world, readOf(accessToken))).decision).toBe(false);
  expect(await lastReason()).toBe('scope_insufficient');
  const refreshed = await refresh(world, refreshToken);
  const renewed = (await refreshed.json()) as Record<string, string>;
  expect(renewed.scope).not.toMatch(/patient\/(?!Observation)/);
  const asked = await connect(world, patient, { prompt: 'consent' });
  expect(await scopeOf(asked.accessToken)).not.toMatch(/patient\/(?!Observation)/);

  await agree(null);
  expect(await scopeOf(accessToken)).toBe(whole);
  expect(await scopeIn(await refresh(world, renewed.refresh_token ?? ''))).toContain('patient/Patient');
});

test('where nothing is left every door says so', async () => {
  const { accessToken, refreshToken } = await connect(world, patient);
  await agree({ ...NONE, datasets: ['Coverage'] });
  expect(await world.introspect(accessToken)).toEqual({ active: false });
  expect((await decide(world, readOf(accessToken))).decision).toBe(false);
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_scope']);
  expect(await refusalOf(await backendToken(world))).toEqual([400, 'invalid_scope']);
  const request = authorizationRequest(world, { prompt: 'none', scope: 'launch/patient patient/Patient.rs' });
  const unattended = await patient.send(request.url);
  expect(errorIn(new URL(unattended.headers.get('location') ?? ''))).toBe('invalid_scope');
  for (const type of ['authorization.refused', 'introspection.refused', 'token.refused'])
    expect([type, (await reasonsOf(world, type)).at(-1)]).toEqual([type, 'contract_limits']);
  await agree(null);
  expect((await refresh(world, refreshToken)).status).toBe(200);
});

test('decisions keep to the hours, the operations and the volume that are agreed', async () => {
  const { accessToken } = await connect(world, patient);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const today = (new Date().getUTCDay() + 6) % 7;
  const another = [days[(today + 3) % 7]];
  const window = (chosen: unknown) => ({
    ...{ ...NONE, hours: { timeZone: 'UTC', windows: [{ days: chosen, from: '00:00', to: '00:00' }] } },
  });
  const decided = async () => (await decide(world, readOf(accessToken))).decision;
  await agree(window(another));
  expect([await decided(), await lastReason()]).toEqual([false, 'contract_hours']);
  await agree(window(days));
  expect(await decided()).toBe(true);
  await agree({ ...NONE, operations: ['search', 'export'] });
  expect([await decided(), await lastReason()]).toEqual([false, 'contract_operation']);

  const { resources } = await world.store.prisma.accessBudgetUse.findFirstOrThrow({
    where: { appId: world.clientId },
    orderBy: { hour: 'desc' },
  });
  await agree({ ...NONE, resourcesPerHour: Number(resources) + 2 });
  expect([await decided(), await decided(), await decided()]).toEqual([true, true, false]);
  expect(await lastReason()).toBe('budget_resources');
  await agree({ ...NONE, patientsPerHour: 1 });
  const { access_token: backend = '' } = (await (await backendToken(world)).json()) as Record<string, string>;
  const of = async (id: string) => {
    const resource = { type: 'Patient', id, properties: { patient: id } };
    return (await decide(world, readOf(backend, { resource }))).decision;
  };
  expect([await of('ana-rivera'), await of('ana-rivera'), await of('ben-rivera')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(await lastReason()).toBe('budget_patients');
  await agree(null);
});

test('terms that have begun are only narrowed in place; what they were stays', async () => {
  const before = await listContractTerms(deps, operator, CONTRACT);
  await changeContract(deps, operator, CONTRACT, { limits: { datasets: ['Patient', 'Observation'] } });
  const wider = { limits: { datasets: ['Patient', 'Observation', 'Goal'] } };
  expect(await refusedWith(changeContract(deps, operator, CONTRACT, wider))).toEqual([
    ...['input_invalid', 'limits contract_renewal_needed'],
  ]);
  const { id: subprocessor } = await world.store.prisma.organization.findFirstOrThrow({
    where: { kind: 'subprocessor' },
  });
  const added = changeContract(deps, operator, CONTRACT, { subprocessors: [subprocessor] });
  expect((await refusedWith(added))[1]).toMatch(/^subprocessors contract_renewal_needed/);
  const later = changeContract(deps, operator, CONTRACT, { endsAt: '2150-01-01' });
  expect(await refusedWith(later)).toEqual(['input_invalid', 'endsAt contract_renewal_needed']);
  const rows = await listContractTerms(deps, operator, CONTRACT);
  expect(rows.slice(0, before.length)).toEqual(before);
  expect(rows.at(-1)).toMatchObject({
    recordedBy: 'priya-raman',
    limits: { datasets: ['Patient', 'Observation'] },
  });
  expect(rows).toHaveLength(before.length + 1);
  for (const sql of ['UPDATE contract_terms SET reference = $$x$$', 'DELETE FROM contract_terms'])
    await expect(world.store.prisma.$executeRawUnsafe(sql)).rejects.toThrow('never changes');
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    ...{ where: { type: 'contract.changed' }, orderBy: { id: 'desc' } },
  });
  expect(event.detail).toMatchObject({ before: { limits: null }, after: { limits: { operations: null } } });
});

test('a renewal that changes the data flow begins when somebody independent approves it', async () => {
  const { refreshToken } = await connect(world, patient);
  await changeContract(deps, operator, CONTRACT, { endsAt: inHours(1) });
  const renewal = { endsAt: inHours(3), limits: null };
  const { contractId, approvalNeeded } = await renewContract(deps, operator, CONTRACT, renewal);
  expect(approvalNeeded).toEqual(['limits_widened', 'apps_changed']);
  expect(await refusedWith(renewContract(deps, operator, CONTRACT, renewal))).toEqual([
    ...['input_invalid', 'endsAt contract_has_renewal'],
  ]);
  // The contract's own last moment, then its end: true at the instant, without a timer.
  world.clock.advance(HOUR_MS - 30_000);
  const last = (await (await refresh(world, refreshToken)).json()) as Record<string, string>;
  expect(Number(last.expires_in)).toBeLessThanOrEqual(30);
  expect(await world.introspect(last.access_token ?? '')).toMatchObject({ active: true });
  world.clock.advance(30_000);
  expect(await world.introspect(last.access_token ?? '')).toEqual({ active: false });
  expect(await refusalOf(await refresh(world, last.refresh_token ?? ''))).toEqual([
    400,
    'unauthorized_client',
  ]);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('contract_expired');

  const because = { reason: 'The new limits were reviewed' };
  // She made it herself, as the operator.
  expect(await refusedWith(approveRenewal(deps, reviewer, contractId, because))).toEqual([
    'segregation_of_duties',
  ]);
  expect(await refusedWith(approveRenewal(deps, operator, contractId, because))).toEqual(['not_allowed']);
  await approveRenewal(deps, otherReviewer, contractId, because);
  expect(await refusedWith(approveRenewal(deps, otherReviewer, contractId, because))).toEqual([
    'state_conflict',
  ]);
  const again = (await (await refresh(world, last.refresh_token ?? '')).json()) as Record<string, string>;
  expect(again.scope).toContain('patient/Patient');
  await watchContracts({ store: world.store, log: createLog('silent') });
  expect((await findContract(deps, operator, contractId)).apps).toBeGreaterThan(0);
  expect((await findContract(deps, operator, CONTRACT)).apps).toBe(0);

  // Nothing of the flow changes: the next one needs nobody, and its limits begin with it.
  const less = { endsAt: inHours(9), limits: { datasets: ['Observation'] } };
  const next = await renewContract(deps, operator, contractId, less);
  expect(next.approvalNeeded).toEqual([]);
  expect(await scopeOf(again.access_token ?? '')).toContain('patient/Patient');
  world.clock.advance(2 * HOUR_MS - 1_000);
  const before = (await (await refresh(world, again.refresh_token ?? '')).json()) as Record<string, string>;
  expect(before.scope).toContain('patient/Patient');
  expect(Number(before.expires_in)).toBeGreaterThan(60);
  world.clock.advance(1_000);
  expect(await scopeOf(before.access_token ?? '')).not.toMatch(/patient\/(?!Observation)/);
  expect((await refresh(world, before.refresh_token ?? '')).status).toBe(200);
});
