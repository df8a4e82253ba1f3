// Who counts for an app and who does not, that nothing that was counted is left without a judgement, and no app unread.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ASKED } from '../../src/monitoring/dormancy.ts';
import { createTrafficWatch } from '../../src/monitoring/traffic-watch.ts';
import { watchUse } from '../../src/monitoring/watch-use.ts';
import { appsToRead } from '../../src/store/app-use.ts';
import { appendAuditEvent } from '../../src/store/audit-events.ts';
import { seriesFacts } from '../../src/store/traffic-past.ts';
import { createLog } from '../../src/web/log.ts';
import { backendKey, backendToken } from '../setup/backend-client.ts';
import { governed } from '../setup/governed.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { settled } from '../setup/settled.ts';
import { createWorld, type World } from '../setup/world.ts';

const HOUR_MS = 3_600_000;

let world: World;
let pass: () => Promise<void>;

beforeAll(async () => {
  world = await createWorld('postgresql');
  const watch = createTrafficWatch({ store: world.store, log: createLog('silent') });
  pass = async () => {
    await settled(world.store);
    await watch();
  };
});
afterAll(() => world.stop());

const register = (like = world.backendId) => registerApp(world, like, { useCase: { hours: 'always' } });
const thisHour = () => new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);

/** Came three weeks ago, from another network. */
async function old(appId: string, resourceServerId: string) {
  const hour = new Date(thisHour().getTime() - 21 * 24 * HOUR_MS);
  const networks = ['198.51.100.0/24'];
  await world.store.prisma.trafficHour.create({ data: { appId, resourceServerId, hour, networks } });
  const seen = { appId, resourceServerId: '', what: 'network', value: '198.51.100.0/24', firstAt: hour };
  await world.store.prisma.trafficSeen.create({ data: seen });
}

const findingsOf = async (appId: string) =>
  (await world.store.prisma.finding.findMany({ where: { appId }, orderBy: { openedAt: 'asc' } })).map(
    ({ kind }) => kind,
  );
const nowOf = async (appId: string) =>
  (await world.store.prisma.trafficHour.findMany({ where: { appId, hour: thisHour() } })).map(
    ({ refusals, replays, networks }) => ({ refusals, replays, networks }),
  );

test('who only claims to be an app brings nothing on it: no refusal, no network', async () => {
  const id = await register();
  await old(id, '');
  const key = await backendKey(world, 'ES384');
  const forged = { ...key, kid: 'another key' };
  for (let at = 0; at < 30; at += 1)
    expect((await backendToken(world, {}, { clientId: id, key: forged })).status).toBe(401);
  await pass();
  expect(await nowOf(id)).toEqual([{ refusals: 0, replays: 0, networks: [] }]);
  expect(await findingsOf(id)).toEqual([]);
  // The app itself from there: it is seen.
  expect((await backendToken(world, {}, { clientId: id })).status).toBe(200);
  await pass();
  expect((await nowOf(id)).map(({ networks }) => networks)).toEqual([['127.0.0.0/24']]);
  expect(await findingsOf(id)).toEqual(['anomaly_new_network']);
});

test('of one person five refusals count and one replay, however many passes read them; of public clients no replay', async () => {
  const [id, publicId] = [await register(), await register(world.clientId)];
  const { prisma } = world.store;
  const refused = async (accountId: string, count: number) => {
    const event = { type: 'introspection.refused', appId: id, accountId } as const;
    for (let at = 0; at < count; at += 1) await appendAuditEvent(prisma, event);
  };
  const replayed = (appId: string, grantId: string, network = {}) =>
    appendAuditEvent(prisma, {
      ...({ type: 'token.refused', appId, grantId } as const),
      detail: { error: 'invalid_grant', diagnosis: { code: 'code_replayed' }, ...network },
    });
  await refused('one', 3);
  await replayed(id, 'a grant', { network: '203.0.113.9' });
  await replayed(publicId, 'a grant');
  await replayed(publicId, 'another');
  await pass();
  expect(await nowOf(id)).toMatchObject([{ refusals: 4, replays: 1 }]);
  await refused('one', 60);
  await refused('another', 2);
  for (let at = 0; at < 6; at += 1) await replayed(id, 'a grant', { network: '203.0.113.9' });
  await pass();
  // Five and two of people, five of the grant whose code came again.
  expect(await nowOf(id)).toMatchObject([{ refusals: 12, replays: 1 }]);
  expect(await nowOf(publicId)).toEqual([{ refusals: 0, replays: 0, networks: [] }]);
  expect([await findingsOf(id), await findingsOf(publicId)]).toEqual([[], []]);
});

test('what an app does first at another resource server is judged, later if it could not be, and if nobody led', async () => {
  const alter = (how: string) => world.store.sql(`ALTER TABLE finding ${how}`, []);
  const id = await register();
  await old(id, '');
  const decided = { appId: id, resourceServerId: world.resourceServer.id, hour: thisHour(), decided: 60 };
  await world.store.prisma.trafficHour.create({ data: decided });
  await alter(`ADD CONSTRAINT not_now CHECK (app_id <> '${id}') NOT VALID`);
  await pass();
  expect(await findingsOf(id)).toEqual([]);
  await alter('DROP CONSTRAINT not_now');
  world.clock.advance(3 * HOUR_MS);
  await pass();
  expect(await findingsOf(id)).toEqual(['anomaly_off_hours']);
});

test('hours that were counted in the same millisecond as one that could not be judged are judged again', async () => {
  const [first, second] = [await register(), await register()];
  const countedAt = new Date();
  for (const appId of [first, second]) {
    await old(appId, '');
    await world.store.prisma.trafficHour.create({
      data: { appId, resourceServerId: world.resourceServer.id, hour: thisHour(), decided: 60, countedAt },
    });
  }
  const alter = (how: string) => world.store.sql(`ALTER TABLE finding ${how}`, []);
  await alter(`ADD CONSTRAINT not_now CHECK (app_id <> '${second}') NOT VALID`);
  await pass();
  await alter('DROP CONSTRAINT not_now');
  await pass();
  expect([await findingsOf(first), await findingsOf(second)]).toEqual([
    ['anomaly_off_hours'],
    ['anomaly_off_hours'],
  ]);
});

test('what a review let in is known: the scopes of now and of the last approved revision before', async () => {
  const id = await register();
  await old(id, '');
  const { prisma } = world.store;
  const { revisionId, revision } = await prisma.app.findUniqueOrThrow({
    where: { id },
    include: { revision: true },
  });
  const review = { id: `review of ${id}`, revisionId: revisionId ?? '', appId: id, submittedBy: 'test' };
  await prisma.review.create({ data: { ...review, outcome: 'approved', closedAt: new Date() } });
  await changeApp(world, id, { scopeCeiling: 'system/Patient.rs system/Device.rs' });
  const [facts] = await seriesFacts(world.store, [{ appId: id, resourceServerId: '' }], thisHour());
  expect(facts).toMatchObject({
    scopes: 'system/Patient.rs system/Device.rs',
    scopesBefore: revision?.scopeCeiling,
  });
});

test('a pass reads the use of as many apps as its time allows; what was not read to its end goes on in the next', async () => {
  const { prisma } = world.store;
  const { deps, said } = governed(world);
  const toRead = (limit: number) => appsToRead(world.store, limit, ASKED);
  const alter = (how: string) => world.store.sql(`ALTER TABLE app_use ${how}`, []);
  const { organizationId } = await prisma.app.findUniqueOrThrow({ where: { id: world.clientId } });
  const ids = Array.from({ length: 120 }, (_, at) => `waiting-${at}`);
  await prisma.app.createMany({
    data: ids.map((id) => ({ id, organizationId, environment: 'sandbox' })),
  });
  const read = () => prisma.appUseCursor.count({ where: { appId: { in: ids } } });
  await watchUse(deps, { asked: false }, 0);
  expect(await read()).toBe(0);
  const minute = new Date(Date.now() - HOUR_MS);
  const used = { tokenId: randomUUID(), resourceServerId: world.resourceServer.id, minute, purpose: 'TREAT' };
  await prisma.accessRecord.create({ data: { ...used, appId: 'waiting-0' } });
  await alter(`ADD CONSTRAINT not_now CHECK (app_id <> 'waiting-0') NOT VALID`);
  await watchUse(deps, { asked: false }, Number.POSITIVE_INFINITY);
  await alter('DROP CONSTRAINT not_now');
  expect(await read()).toBe(120);
  // What could not be read rests for an hour, whatever is said meanwhile, and comes again after those that wait for longer.
  expect(await toRead(10)).toEqual([]);
  const { readAt, retryAt } = await prisma.appUseCursor.findUniqueOrThrow({ where: { appId: 'waiting-0' } });
  expect((retryAt?.getTime() ?? 0) - readAt.getTime()).toBe(HOUR_MS);
  const unread = { readAt: new Date(Date.now() - 2 * HOUR_MS) };
  await prisma.appUseCursor.update({ where: { appId: 'waiting-9' }, data: unread });
  expect(await toRead(10)).toEqual(['waiting-9']);
  const rested = { retryAt: new Date(Date.now() - 1_000) };
  await prisma.appUseCursor.update({ where: { appId: 'waiting-0' }, data: rested });
  expect(await toRead(10)).toEqual(['waiting-9', 'waiting-0']);
  await watchUse(deps);
  const read0 = await prisma.appUseCursor.findUniqueOrThrow({ where: { appId: 'waiting-0' } });
  expect([read0.retryAt, read0.recordsUntil > minute]).toEqual([null, true]);
  const isRead = { readAt: new Date(), recordsUntil: new Date(), eventsUntil: new Date() };
  await prisma.appUseCursor.updateMany({ where: {}, data: isRead });
  expect(await toRead(10)).toEqual([]);
  await prisma.appUseCursor.update({ where: { appId: 'waiting-7' }, data: { recordsUntil: new Date(0) } });
  expect(await toRead(10)).toEqual(['waiting-7']);
  // What an operator says holds for all, within the next passes, and not for ever.
  await said('dormant_app', 'alert');
  world.clock.advance(1_000);
  await prisma.appUseCursor.updateMany({ where: {}, data: { readAt: new Date() } });
  expect((await toRead(1_000)).length).toBeGreaterThanOrEqual(120);
  world.clock.advance(60_000);
  await prisma.appUseCursor.updateMany({ where: {}, data: { readAt: new Date() } });
  expect(await toRead(10)).toEqual(['waiting-7']);
});
