// Attacks on a running server, through its own doors: what becomes of them without a policy, and with one.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { trafficTasks } from '../../src/monitoring/traffic-tasks.ts';
import { createTrafficWatch } from '../../src/monitoring/traffic-watch.ts';
import { resumeApp } from '../../src/registry/app-standing.ts';
import { closeFinding } from '../../src/registry/findings.ts';
import { setPolicy } from '../../src/registry/governance-policies.ts';
import { createLog } from '../../src/web/log.ts';
import { backendToken, signAssertion } from '../setup/backend-client.ts';
import { decideAll, readOf } from '../setup/decisions.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, registryDeps } from '../setup/registry-deps.ts';
import { settled } from '../setup/settled.ts';
import { createWorld, type World } from '../setup/world.ts';

const HOUR_MS = 3_600_000;
const operator = actor(null, ['operator']);
const log = createLog('silent');

let world: World;
let pass: () => Promise<void>;

beforeAll(async () => {
  world = await createWorld('postgresql');
  const watch = createTrafficWatch({ store: world.store, log });
  // Other tests share the cluster: their transactions keep back what is counted.
  pass = async () => {
    await settled(world.store);
    await watch();
  };
});
afterAll(() => world.stop());

async function service(): Promise<{ id: string; token: string }> {
  const id = await registerApp(world, world.backendId, { useCase: { hours: 'always' } });
  const answer = (await (await backendToken(world, {}, { clientId: id })).json()) as { access_token: string };
  return { id, token: answer.access_token };
}

/** That many requests for Ana's record, of a kind that is permitted or not. */
async function ask(token: string, count: number, action: 'read' | 'delete' = 'read') {
  const context = { network: '203.0.113.9' };
  const one = { ...readOf(token, { action: { name: action } }), context };
  for (let left = count; left > 0; left -= 50) {
    const evaluations = Array.from({ length: Math.min(50, left) }, () => one);
    const answers = await decideAll(world, { evaluations });
    expect(new Set(answers.map(({ decision }) => decision))).toEqual(new Set([action === 'read']));
  }
}

const findingsOf = (appId: string) =>
  world.store.prisma.finding.findMany({ where: { appId }, orderBy: { openedAt: 'asc' } });
const hoursOf = (appId: string) =>
  world.store.prisma.trafficHour.findMany({
    where: { appId },
    orderBy: [{ resourceServerId: 'asc' }, { hour: 'asc' }],
  });
const isActive = async (token: string) => (await world.introspect(token)).active;
const detailOf = (finding: { detail: unknown } | undefined) =>
  finding?.detail as {
    score: number;
    figures: { name: string; value: unknown; threshold?: number }[];
    records: object[];
  };

test('a burst of refusals is a finding with figures and records; where no policy says so nothing else follows', async () => {
  const { id, token } = await service();
  await ask(token, 80, 'delete');
  await pass();
  const [finding, ...others] = await findingsOf(id);
  expect([finding?.kind, others, finding?.openedBy]).toEqual([
    'anomaly_refusals',
    [],
    'rule:anomaly_refusals',
  ]);
  const { score, figures, records } = detailOf(finding);
  expect(score).toBeGreaterThanOrEqual(100);
  expect(figures).toContainEqual({ name: 'refusals.refusals', value: 80, threshold: 38 });
  expect(figures).toContainEqual({ name: 'refusals.points', value: score });
  expect(records).toContainEqual({ type: 'audit_event', id: expect.stringMatching(/^\d+$/) });
  expect(await isActive(token)).toBe(true);
  const notices = await world.store.prisma.outboxMessage.findMany();
  const raised = notices.filter(({ content }) => JSON.stringify(content).includes(finding?.id ?? '-'));
  expect(raised.map(({ content }) => (content as { type: string }).type)).toContain('finding.raised');
  // Neither the same process nor one that has just become the leader counts or tells anything twice.
  const counted = await hoursOf(id);
  expect(counted.map(({ refusals, networks }) => [refusals, networks])).toEqual([
    [0, ['127.0.0.0/24']],
    [80, ['203.0.113.0/24']],
  ]);
  await settled(world.store);
  await createTrafficWatch({ store: world.store, log })();
  expect((await hoursOf(id)).map(({ refusals }) => refusals)).toEqual([0, 80]);
  expect(await findingsOf(id)).toHaveLength(1);
  // That it is open does not keep back what an operator says next; quarantined, the app does not go on with what it has.
  await setPolicy(registryDeps(world), operator, 'anomaly_refusals', {
    action: 'quarantine',
    reason: 'Wait.',
  });
  await ask(token, 1, 'delete');
  await pass();
  expect(await findingsOf(id)).toHaveLength(1);
  expect(await isActive(token)).toBe(false);
  expect((await backendToken(world, {}, { clientId: id })).status).toBe(400);
});

test('where an operator said so the app is suspended by the next introspection, with reason and notice', async () => {
  const deps = registryDeps(world);
  await setPolicy(deps, operator, 'anomaly_refusals', {
    action: 'suspend',
    reason: 'Trying doors ends here.',
  });
  const { id, token } = await service();
  await ask(token, 80, 'delete');
  expect(await isActive(token)).toBe(true);
  await pass();
  expect(await world.introspect(token)).toEqual({ active: false });
  const [finding] = await findingsOf(id);
  const [event] = await world.store.prisma.auditEvent.findMany({
    where: { appId: id, type: 'app.suspended' },
  });
  const { reason, via } = (event?.detail ?? {}) as { reason?: string; via?: string };
  expect(via).toBe('policy');
  for (const part of ['refusals 80 (38)', '45 CFR 171.203', 'Trying doors ends here.', finding?.id ?? '-'])
    expect(reason).toContain(part);
  const told = await world.store.prisma.outboxMessage.findMany();
  const types = told.map(({ content }) => content as { type: string; appId?: string });
  expect(types.filter(({ appId }) => appId === id).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['finding.raised', 'app.suspended']),
  );
  // Who has looked at this hour and resumed the app is not overruled in it.
  await closeFinding(deps, operator, finding?.id ?? '', { reason: 'A deployment with the wrong scope.' });
  await resumeApp(deps, operator, id, { reason: 'It was a deployment.' });
  const again = (await (await backendToken(world, {}, { clientId: id })).json()) as { access_token: string };
  await ask(again.access_token, 60, 'delete');
  await pass();
  expect(await findingsOf(id)).toHaveLength(1);
  expect(await isActive(again.access_token)).toBe(true);
});

test('volume is compared with the same hour of other weeks; an assertion that came twice counts', async () => {
  const { id, token } = await service();
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const resourceServerId = world.resourceServer.id;
  const past = Array.from({ length: 40 * 24 }, (_, at) => new Date(hour - (at + 1) * HOUR_MS));
  await world.store.prisma.trafficHour.createMany({
    data: past.map((at) => ({
      appId: id,
      resourceServerId,
      hour: at,
      decided: 40,
      patients: 1,
      resources: 40,
    })),
  });
  await ask(token, 350);
  await pass();
  const [finding] = await findingsOf(id);
  expect(finding).toMatchObject({ kind: 'anomaly_volume', resourceServerId });
  const figures = detailOf(finding).figures;
  expect(figures).toContainEqual({ name: 'volume.requests', value: 350, threshold: 120 });
  expect(figures).toContainEqual({ name: 'kinds', value: 'Patient.read' });
  const assertion = await signAssertion(world, { clientId: id });
  for (const status of [200, 401, 401])
    expect((await backendToken(world, {}, assertion)).status).toBe(status);
  await pass();
  expect((await findingsOf(id)).map(({ kind }) => kind)).toContain('anomaly_replays');
});

test('of what introspection alone records an app is isolated after one interval and one pass', async () => {
  const rule = 'anomaly_off_hours';
  await setPolicy(registryDeps(world), operator, rule, { action: 'suspend', reason: 'Nobody works now.' });
  const { id, token } = await service();
  const known = new Date(Math.floor(Date.now() / HOUR_MS - 21 * 24) * HOUR_MS);
  await world.store.prisma.trafficHour.create({
    data: { appId: id, resourceServerId: world.resourceServer.id, hour: known, used: 1 },
  });
  const [task] = trafficTasks({ store: world.store, log });
  expect(task?.everyMs).toBeLessThanOrEqual(15_000);
  await settled(world.store);
  await task?.run();
  // Each token once in a minute: that many tokens are that many requests.
  const tokens = [token];
  while (tokens.length < 45) {
    const answer = await (await backendToken(world, {}, { clientId: id })).json();
    tokens.push((answer as { access_token: string }).access_token);
  }
  for (const one of tokens) expect(await isActive(one)).toBe(true);
  world.clock.advance(task?.everyMs ?? 0);
  await settled(world.store);
  await task?.run();
  expect((await findingsOf(id)).map(({ kind }) => kind)).toEqual([rule]);
  expect(await Promise.all(tokens.map(isActive))).toEqual(tokens.map(() => false));
  expect((await backendToken(world, {}, { clientId: id })).status).toBe(401);
});
