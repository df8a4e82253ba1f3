import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { requestBreakGlass } from '../../src/registry/break-glass.ts';
import { findUnreviewed } from '../../src/registry/break-glass-decisions.ts';
import { apiTokenOf, send, showPasskey } from '../setup/api-client.ts';
import { authenticated } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { textOf } from '../setup/console-browser.ts';
import { decide, readOf } from '../setup/decisions.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, registryDeps } from '../setup/registry-deps.ts';
import { addInstance, type Instances } from '../setup/second-instance.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

// One hour over one record: asked for by one person, granted by another, ended by the database's time on every instance.
let world: World;
let instances: Instances;
let ana: TestBrowser;
let emergency: string;
let dana: string;
let priya: string;
let tom: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  instances = await addInstance(world);
  ana = await world.patientBrowser();
  emergency = await registerApp(world, world.backendId, { purposes: ['TREAT'] });
  [dana, priya, tom] = await Promise.all([
    apiTokenOf(world, 'lantern', 'dana-whitfield'),
    apiTokenOf(world, 'demo-network', 'priya-raman'),
    apiTokenOf(world, 'demo-network', 'tom-lindqvist'),
  ]);
});
afterAll(async () => {
  await instances.stop();
  await world.stop();
});

/** Who approves and reviews shows the passkey anew: hours have gone by. */
const fresh = () =>
  Promise.all(['priya-raman', 'tom-lindqvist'].map((personId) => showPasskey(world, personId)));

const PATH = '/break-glass';
const because = (path: string) => (/(approve|end)$/.test(path) ? { reason: 'A test' } : undefined);
const call = (token: string, path: string, body: object | undefined = because(path), method = 'post') =>
  send(world, token, { method, path: `${PATH}${path}` }, body === undefined ? {} : { body });

const wanted = (changes: object = {}) => ({
  ...{ appId: emergency, fhirBaseUrl: world.fhirBase, fhirId: 'ana-rivera', scope: 'patient/Patient.rs' },
  ...{ purpose: 'BTG', who: 'Dr. Amy Lee', reason: 'Unconscious, no allergies known', ticket: 'ED-1' },
  ...changes,
});

const ask = async (changes: object = {}, by = dana) =>
  String((await call(by, '', wanted(changes))).body.breakGlassId);

const opened = async (changes: object = {}) => {
  const id = await ask(changes);
  expect((await call(tom, `/${id}/approve`)).status).toBe(200);
  return id;
};

const token = async (id: string, more: Readonly<Record<string, string>> = {}, clientId = emergency) => {
  const proof = await authenticated(world, { clientId });
  const asked = { grant_type: 'client_credentials', break_glass: id, ...more };
  return instances.post(0, '/token', { ...asked, ...proof });
};

const introspectAt = async (instance: 0 | 1, value: unknown) => {
  const { id, secret } = world.resourceServer;
  const headers = { authorization: basic(id, secret) };
  return (await instances.post(instance, '/introspect', { token: String(value) }, headers)).body;
};

const eventsOf = (id: string) =>
  world.store.prisma.auditEvent.findMany({
    where: { detail: { path: ['breakGlass'], equals: id } },
    orderBy: { id: 'asc' },
  });

test('what a second person approved gives a token over the one record, marked wherever it goes', async () => {
  const id = await ask();
  expect((await token(id)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await call(dana, `/${id}/approve`)).body).toMatchObject({ error: 'access_denied' });
  const { endsAt } = (await call(tom, `/${id}/approve`)).body;
  const { status, body } = await token(id);
  expect([status, body.scope, body.patient]).toEqual([200, 'patient/Patient.rs', 'ana-rivera']);
  expect(body).not.toHaveProperty('refresh_token');
  const marked = { break_glass: { id, ends_at: endsAt }, patient: 'ana-rivera', purpose_of_use: 'BTG' };
  for (const instance of [0, 1] as const) {
    expect(await introspectAt(instance, body.access_token)).toMatchObject({ active: true, ...marked });
  }
  const permitted = await decide(world, readOf(String(body.access_token)));
  expect(permitted).toMatchObject({ decision: true, context: { break_glass: id } });
  const other = { type: 'Patient', id: 'maya-chen', properties: { patient: 'maya-chen' } };
  const foreign = await decide(world, readOf(String(body.access_token), { resource: other }));
  expect(foreign.decision).toBe(false);
  const events = await eventsOf(id);
  expect(events.map(({ type }) => type).join(' ')).toBe(
    'break_glass.requested break_glass.opened token.issued decision.permitted decision.denied',
  );
  expect(events.every(({ purpose, appId }) => purpose === 'BTG' && appId === emergency)).toBe(true);
  expect(events[2]).toMatchObject({ accountId: 'dana-whitfield', patientId: expect.any(String) });

  expect((await call(dana, `/${id}/end`)).status).toBe(204);
  expect(await introspectAt(1, body.access_token)).toEqual({ active: false });
  expect((await decide(world, readOf(String(body.access_token)))).decision).toBe(false);
  expect((await token(id)).body).toMatchObject({ error: 'invalid_grant' });
  const later = (await eventsOf(id)).slice(5).map(({ type }) => type);
  expect(later.sort().join(' ')).toBe(
    'break_glass.ended decision.denied introspection.refused token.revoked',
  );
  const told = textOf((await ana.open('/my')).html);
  expect(told).toMatch(/Dr\. Amy Lee, Lantern Health, Inc\., with .+ From .+ until .+ Unconscious/);
  expect(textOf((await ana.open('/my/history')).html)).toContain('Dr. Amy Lee opened the record without');
  expect(textOf((await ana.open('/my/notices')).html)).toContain('Your record was opened in an emergency');
});

test('it ends by the time of the database on every instance, whatever a process takes the time for', async () => {
  const id = await opened({ minutes: 2 });
  const { body } = await token(id);
  expect(Number(body.expires_in)).toBeLessThanOrEqual(120);
  const RealDate = Date.now;
  // A process that is an hour behind.
  Date.now = () => RealDate() - 3_600_000;
  try {
    world.clock.advance(121_000);
    for (const instance of [0, 1] as const) {
      expect(await introspectAt(instance, body.access_token)).toEqual({ active: false });
    }
  } finally {
    Date.now = RealDate;
  }
  const refused = await world.store.prisma.auditEvent.findMany({ where: { reason: 'break_glass_ended' } });
  expect(refused).toHaveLength(2);
  expect((await token(id)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await call(tom, `/${id}/end`)).status).toBe(409);
  const endsAt = new Date('2099-01-01');
  const longer = world.store.prisma.breakGlass.update({ where: { id }, data: { endsAt } });
  await expect(longer).rejects.toThrow();
  await expect(world.store.prisma.breakGlass.delete({ where: { id } })).rejects.toThrow();
});

test.each<[string, object, string]>([
  ['a purpose that is no emergency', { purpose: 'TREAT' }, 'purpose not_one_of'],
  ['more than an hour', { minutes: 61 }, 'minutes out_of_range'],
  ['somebody unknown', { fhirId: 'nobody' }, 'fhirId patient_unknown'],
])('nobody asks for %s', async (_, changes, fault) => {
  const answer = await call(dana, '', wanted(changes));
  const faults = answer.body.faults as { field: string; code: string }[];
  expect(faults.map(({ field, code }) => `${field} ${code}`)).toContain(fault);
});

test('another app, another scope and another purpose get nothing with it', async () => {
  const id = await opened();
  const errorOf = async (...asked: Parameters<typeof token>) => (await token(...asked)).body.error;
  expect(await errorOf(id, {}, world.backendId)).toBe('invalid_grant');
  expect(await errorOf(id, { scope: 'patient/Observation.rs' })).toBe('invalid_scope');
  expect(await errorOf(id, { purpose_of_use: 'TREAT' })).toBe('invalid_request');
  expect(await errorOf('nothing')).toBe('invalid_grant');
});

test('what is issued while it is ended does not go on', async () => {
  const id = await opened();
  const [, ...tokens] = await Promise.all([
    call(dana, `/${id}/end`),
    ...Array.from({ length: 8 }, () => token(id)),
  ]);
  for (const { body } of tokens) expect(await introspectAt(1, body.access_token)).toEqual({ active: false });
});

test('nobody decides on what she asked for herself, twice, or too late', async () => {
  const own = await ask({}, priya);
  const status = async (by: string, path: string, body?: object) => (await call(by, path, body)).status;
  expect((await call(priya, `/${own}/approve`)).body).toMatchObject({ error: 'segregation_of_duties' });
  expect(await status(tom, `/${own}/deny`, { reason: 'There is another way.' })).toBe(204);
  expect(await status(tom, `/${own}/approve`)).toBe(409);
  const late = await ask();
  world.clock.advance(3_600_000);
  // What is decided takes the passkey anew, denying too.
  const denied = await call(tom, `/${late}/deny`, { reason: 'Too late.' });
  expect([denied.status, denied.body.error]).toEqual([401, 'insufficient_user_authentication']);
  await fresh();
  expect(await status(tom, `/${late}/approve`)).toBe(409);
});

test('reviewed by nobody for a day, it becomes one finding', async () => {
  const atOnce = registryDeps(world, { breakGlass: 'review' });
  const inPortal = actor('lantern', ['developer'], 'dana-whitfield');
  const { breakGlassId: id, endsAt } = await requestBreakGlass(atOnce, inPortal, wanted());
  expect((await token(id)).status).toBe(200);
  expect(endsAt).toBeInstanceOf(Date);
  await findUnreviewed(world.store);
  for (const by of [{ via: 'api' }, { via: 'api', verifiedAt: new Date() }, { via: 'cli' }] as const)
    expect((await requestBreakGlass(atOnce, { ...inPortal, ...by }, wanted())).endsAt).toBeNull();
  const outcome = { outcome: 'not_justified', note: 'She was awake.' };
  await fresh();
  expect((await call(tom, `/${id}/review`, outcome)).status).toBe(409);
  const found = () => world.store.prisma.finding.findMany({ where: { kind: 'break_glass_unreviewed' } });
  expect(await found()).toEqual([]);
  world.clock.advance(25 * 3_600_000);
  await fresh();
  await findUnreviewed(world.store);
  await findUnreviewed(world.store);
  expect(await found()).toMatchObject([{ event: id, appId: emergency }]);
  expect((await call(tom, `/${id}/review`, outcome)).status).toBe(204);
  const reviewed = (await call(tom, `/${id}`, undefined, 'get')).body;
  expect(reviewed).toMatchObject({ outcome: 'not_justified', state: 'ended' });
});
