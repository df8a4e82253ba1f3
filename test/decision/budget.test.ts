// What an app may open in an hour: of many decisions at a time on two instances never more than that are permitted, and
// none that could be is denied.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { type DecisionAnswer, decideAll, decisionsIn, readOf } from '../setup/decisions.ts';
import { registerApp } from '../setup/registrations.ts';
import { addInstance, type Instances } from '../setup/second-instance.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let instances: Instances;
let patient: TestBrowser;
/** A backend service that works at all hours. */
let backendId: string;

beforeAll(async () => {
  const limits = { POSTERN_PATIENTS_PER_HOUR: '5', POSTERN_RESOURCES_PER_HOUR: '20' };
  world = await createWorld('postgresql', limits);
  // An hour that has just begun.
  world.clock.advance(3_660_000 - (Date.now() % 3_600_000));
  instances = await addInstance(world);
  patient = await world.patientBrowser();
  backendId = await registerApp(world, world.backendId, { useCase: { hours: 'always' } });
});
afterAll(async () => {
  await instances.stop();
  await world.stop();
});

async function systemToken(): Promise<string> {
  return ((await (await backendToken(world, {}, { clientId: backendId })).json()) as { access_token: string })
    .access_token;
}

const readsOf = (id: string, count?: number) => ({
  resource: { type: 'Patient', id, properties: { patient: id, ...(count && { count }) } },
});

/** All at once, in turn at one instance and the other. */
async function askEverywhere(bodies: readonly object[]): Promise<DecisionAnswer[]> {
  const authorization = basic(world.resourceServer.id, world.resourceServer.secret);
  const answers = await Promise.all(
    bodies.map((body, at) =>
      instances.postJson((at % 2) as 0 | 1, '/access/v1/evaluation', body, { authorization }),
    ),
  );
  return answers.map(({ body }) => body as unknown as DecisionAnswer);
}

const permitted = (answers: readonly DecisionAnswer[]) => answers.filter(({ decision }) => decision).length;
const usedBy = async (appId: string) =>
  world.store.prisma.accessBudgetUse.findMany({
    where: { appId },
    orderBy: { hour: 'asc' },
    select: { patients: true, resources: true },
  });

test('sixty reads of one record at two instances: as many are permitted as may be', async () => {
  const { accessToken } = await connect(world, patient);
  const answers = await askEverywhere(Array.from({ length: 60 }, () => readOf(accessToken)));
  expect(permitted(answers)).toBe(20);
  const events = await decisionsIn(world);
  expect(events.filter(({ type }) => type === 'decision.permitted')).toHaveLength(20);
  expect(new Set(events.map(({ reason }) => reason))).toEqual(new Set([null, 'budget_resources']));
  expect(await usedBy(world.clientId)).toEqual([{ patients: 1, resources: 20n }]);
  const denied = answers.find(({ decision }) => !decision);
  expect(denied?.context.reason_admin).toEqual({ 403: 'access_denied' });
});

test('another app has a budget of its own', async () => {
  const clientId = await registerApp(world, world.clientId, {});
  const { accessToken } = await connect(world, patient, { client_id: clientId });
  expect(permitted(await askEverywhere([readOf(accessToken)]))).toBe(1);
});

test('what one app may not have costs another nothing that is decided with it', async () => {
  const ids = [await registerApp(world, world.clientId, {}), await registerApp(world, world.clientId, {})];
  // Counters are changed in the order of the apps: the second one is found to be full after the first one was counted.
  const [first = '', full = ''] = ids.sort();
  const own = (await connect(world, patient, { client_id: first })).accessToken;
  const others = (await connect(world, patient, { client_id: full })).accessToken;
  const before = [readOf(own), readOf(others, readsOf('ana-rivera', 20))];
  expect(permitted(await askEverywhere(before))).toBe(2);
  const answers = await decideAll(world, { evaluations: [readOf(own), readOf(others)] });
  expect(answers.map(({ decision }) => decision)).toEqual([true, false]);
  expect(await usedBy(first)).toEqual([{ patients: 1, resources: 2n }]);
  expect(await usedBy(full)).toEqual([{ patients: 1, resources: 20n }]);
});

test('a counter that is not there yet is made before any is held: nobody waits for another in a circle', async () => {
  const ids = [await registerApp(world, world.clientId, {}), await registerApp(world, world.clientId, {})];
  const [fresh = '', held = ''] = ids.sort();
  const own = (await connect(world, patient, { client_id: fresh })).accessToken;
  const others = (await connect(world, patient, { client_id: held })).accessToken;
  expect(permitted(await askEverywhere([readOf(others)]))).toBe(1);
  const answers = await world.store.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM access_budget_use WHERE app_id = ${held} FOR UPDATE`;
    const waiting = decideAll(world, { evaluations: [readOf(own), readOf(others)] });
    for (let tries = 0; (await usedBy(fresh)).length === 0 && tries < 50; tries += 1) await sleep(20);
    expect(await usedBy(fresh)).toEqual([{ patients: 0, resources: 0n }]);
    return { waiting };
  });
  expect((await answers.waiting).map(({ decision }) => decision)).toEqual([true, true]);
  expect(await usedBy(fresh)).toEqual([{ patients: 1, resources: 1n }]);
});

test('ten records twice each: five are opened, each of them twice', async () => {
  const token = await systemToken();
  const ids = [...Array(20).keys()].map((n) => `patient-${n % 10}`);
  const answers = await askEverywhere(ids.map((id) => readOf(token, readsOf(id))));
  const opened = ids.filter((_, at) => answers[at]?.decision);
  expect([new Set(opened).size, opened.length]).toEqual([5, 10]);
  expect(await usedBy(backendId)).toEqual([{ patients: 5, resources: 10n }]);
  // Who was opened already is no further record.
  const [again, another] = [opened[0] ?? '', ids.find((id) => !opened.includes(id)) ?? ''];
  expect(await askEverywhere([again, another].map((id) => readOf(token, readsOf(id))))).toMatchObject([
    { decision: true },
    { decision: false },
  ]);
});

test('a call that ends at its first denial ends there, and what comes after is neither recorded nor counted', async () => {
  const token = await systemToken();
  const { detail } = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { type: 'decision.permitted', appId: backendId },
  });
  const id = (detail as { patient: string }).patient;
  const before = (await decisionsIn(world)).length;
  const answers = await decideAll(world, {
    ...readOf(token),
    evaluations: [readsOf(id, 5), readsOf(id, 5), readsOf(id, 1)],
    options: { evaluations_semantic: 'deny_on_first_deny' },
  });
  // 11 were used.
  expect(answers.map(({ decision }) => decision)).toEqual([true, false]);
  const events = (await decisionsIn(world)).slice(before);
  expect(events.map(({ reason }) => reason)).toEqual([null, 'budget_resources']);
  expect(await usedBy(backendId)).toEqual([{ patients: 5, resources: 16n }]);
});

test('a search for one that is permitted goes on after what the budget denies', async () => {
  const token = await systemToken();
  const answers = await decideAll(world, {
    ...readOf(token),
    evaluations: [readsOf('nobody-yet'), readsOf('patient-0', 100), { action: { name: 'sing' } }],
    options: { evaluations_semantic: 'permit_on_first_permit' },
  });
  expect(answers.map(({ decision }) => decision)).toEqual([false, false, false]);
  expect(await usedBy(backendId)).toEqual([{ patients: 5, resources: 16n }]);
});

test('the next hour begins anew', async () => {
  world.clock.advance(3_600_000);
  const token = await systemToken();
  const answers = await askEverywhere([readOf(token, readsOf('nobody-yet'))]);
  expect(permitted(answers)).toBe(1);
  expect(await usedBy(backendId)).toEqual([
    { patients: 5, resources: 16n },
    { patients: 1, resources: 1n },
  ]);
});

test('who searches for a patient opens her record, too, as often as it is', async () => {
  const token = await systemToken();
  const search = (_id: string) =>
    readOf(token, {
      action: { name: 'search' },
      resource: { type: 'Patient', id: '*', properties: { parameters: { _id } } },
    });
  const ids = [...Array(6).keys()].map((n) => `searched-${n}`);
  expect(permitted(await askEverywhere(ids.map(search)))).toBe(4);
  expect((await usedBy(backendId)).at(-1)).toEqual({ patients: 5, resources: 5n });
  // Of several at once nobody could say whose they are: it is refused, and costs nothing.
  expect(permitted(await askEverywhere([search(ids.slice(0, 2).join(','))]))).toBe(0);
  expect((await decisionsIn(world)).at(-1)).toMatchObject({
    type: 'decision.denied',
    reason: 'budget_patients',
  });
  expect((await usedBy(backendId)).at(-1)).toEqual({ patients: 5, resources: 5n });
});

test('who was opened in one hour is counted again in the next, once at all instances', async () => {
  for (const hours of ['the first', 'the second']) {
    world.clock.advance(3_600_000);
    const token = await systemToken();
    for (const times of [1, 2]) {
      const answers = await askEverywhere([1, 2].map(() => readOf(token, readsOf('patient-0'))));
      expect([hours, times, permitted(answers)]).toEqual([hours, times, 2]);
    }
    expect((await usedBy(backendId)).at(-1)).toEqual({ patients: 1, resources: 4n });
  }
});
