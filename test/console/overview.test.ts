import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generatedApps, type PLANTED } from '../../src/demo/generated-apps.ts';
import { seedGenerated } from '../../src/demo/generated-seed.ts';
import type { CommandDeps } from '../../src/operations/command.ts';
import { doctorCommands } from '../../src/operations/commands-doctor.ts';
import { reachOfApp } from '../../src/registry/app-reach.ts';
import { findAppFor } from '../../src/registry/app-records.ts';
import { listInventory } from '../../src/registry/inventory.ts';
import { overviewFor } from '../../src/registry/overview.ts';
import { apiUser } from '../setup/api-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { textOf } from '../setup/console-browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let priya: TestBrowser;
const deps = () => registryDeps(world);

beforeAll(async () => {
  world = await createWorld('postgresql');
  await seedGenerated(world.store);
  priya = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());

const planted = (problem: (typeof PLANTED)[number]) => {
  const app = generatedApps.find((one) => one.planted === problem);
  if (app === undefined) throw new Error(`${problem} is planted nowhere`);
  return app;
};

test('the invented network is there once, whole, and says what a registration must say', async () => {
  const { prisma } = world.store;
  const amounts = () =>
    Promise.all([
      prisma.organization.count(),
      prisma.app.count(),
      prisma.accessRecord.count(),
      prisma.consent.count(),
    ]);
  const before = await amounts();
  await seedGenerated(world.store);
  expect(await amounts()).toEqual(before);
  expect(generatedApps).toHaveLength(120);
  expect(new Set(generatedApps.map(({ id }) => id)).size).toBe(120);
  const first = planted('over_scoped');
  const { faults, newest } = await findAppFor(deps(), operator, first.id);
  expect(faults).toEqual([]);
  expect(newest.scopeCeiling).toContain('patient/*.rs');
});

test('each planted problem is found where it was planted', async () => {
  const ids = async (finding: string) => {
    const { rows } = await listInventory(deps(), operator, { filter: { kind: 'app', finding }, limit: 200 });
    return rows.map(({ id }) => id);
  };
  expect(await ids('owner_missing')).toEqual([planted('owner_missing').id]);
  expect(await ids('contract_ending')).toContain(planted('contract_ending').id);
  expect(await ids('dormant')).toEqual([planted('dormant').id]);
  const burst = (await reachOfApp(deps(), operator, planted('burst').id)).days.map(({ uses }) => uses);
  expect(burst.at(-2)).toBeGreaterThan(10 * Math.max(...burst.slice(0, -2)));
});

test('the overview counts what waits, and leads to it', async () => {
  const counted = new Map((await overviewFor(deps(), operator)).map(({ kind, count }) => [kind, count]));
  expect(counted.get('ownerless')).toBe(1);
  expect(counted.get('contracts')).toBe(1);
  const { html } = await priya.open('/admin');
  expect(textOf(html)).toMatch(
    /What needs a person today .* 1 app without an owner 1 contract ends within 60 days/,
  );
  const links = [...html.matchAll(/<li class="(?:urgent|soon|calm)"><a href="([^"]+)"/g)].map(
    ([, href = '']) => href,
  );
  expect(links.length).toBeGreaterThan(4);
  for (const href of links)
    expect((await priya.open(href.replaceAll('&amp;', '&'))).response.status).toBe(200);
});

test('the page of an app draws what it reaches, and says the same in a table', async () => {
  const { id } = planted('burst');
  const { patients, scopes, servers } = await reachOfApp(deps(), operator, id);
  expect(patients).toBeGreaterThan(50);
  const { html } = await priya.open(`/admin/apps/${id}`);
  const picture = /<svg class="reach"[^>]*role="img" aria-label="([^"]*)"/.exec(html)?.[1];
  expect(picture).toContain(
    `reaches ${patients} patients with ${scopes.length} scopes at ${servers.length} FHIR server`,
  );
  for (const { name } of [...scopes, ...servers])
    expect(textOf(html)).toContain(`${name.replaceAll("'", "'")} `);
  expect(html).not.toMatch(/ style=/);
  const stopped = generatedApps.find(({ state }) => state === 'suspended')?.id ?? '';
  expect(textOf((await priya.open(`/admin/apps/${stopped}`)).html)).toContain(
    'This is what it would reach if it could',
  );
});

test('a view is kept for who keeps it, by its name, and removed', async () => {
  const keep = async (path: string, fields: readonly [string, string][]) => {
    const { html } = await priya.open('/admin/inventory?kind=app');
    return priya.form(path, [['csrf', csrfIn(html)], ...fields]);
  };
  for (const finding of ['dormant', 'never_used'])
    await keep(`/admin/inventory/views?kind=app&finding=${finding}`, [['name', 'My <watch>']]);
  const { html } = await priya.open('/admin/inventory');
  expect(html.match(/My &lt;watch&gt;<\/bdi>/g)).toHaveLength(1);
  expect(html).toContain('href="/admin/inventory?kind=app&amp;finding=never_used"');
  const tom = await staffBrowser(world, 'tom-lindqvist');
  expect((await tom.open('/admin/inventory')).html).not.toContain('My &lt;watch&gt;');
  const removeUrl = /action="(\/admin\/inventory\/views\/[^"]+\/remove)"/.exec(html)?.[1] ?? '';
  const stranger = (await tom.open('/admin/inventory?kind=app')).html;
  expect((await tom.form(removeUrl, [['csrf', csrfIn(stranger)]])).status).toBe(404);
  expect((await keep(removeUrl, [])).headers.get('location')).toContain('done=view-removed');
  expect((await priya.open('/admin/inventory')).html).not.toContain('My &lt;watch&gt;');
});

test('the API tells the same, and refuses a view without a name or with an unknown filter', async () => {
  const { token } = await apiUser(world, 'demo-network', ['operator']);
  const call = (path: string, body?: object) =>
    fetch(`${world.issuer}/api/v1${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
  const overview = (await (await call('/overview')).json()) as { rows: { kind: string; count: number }[] };
  expect(overview.rows.find(({ kind }) => kind === 'ownerless')?.count).toBe(1);
  expect((await call('/inventory/views', { name: '', filter: {} })).status).toBe(400);
  expect((await call('/inventory/views', { name: 'a', filter: { unknown: 1 } })).status).toBe(400);
  expect((await call('/inventory/views', { name: 'a', filter: { kind: 'app' } })).status).toBe(201);
  const { rows } = (await (await call('/inventory/views')).json()) as { rows: { name: string }[] };
  expect(rows.map(({ name }) => name)).toEqual(['a']);
  const vendor = await apiUser(world, 'lantern', ['owner']);
  const refused = await fetch(`${world.issuer}/api/v1/overview`, {
    headers: { authorization: `Bearer ${vendor.token}` },
  });
  expect(refused.status).toBe(403);
});

test('the doctor finds the set-up sound, and says what is bad with exit code 1', async () => {
  const ask = async (change: Partial<CommandDeps>) => {
    const lines: string[] = [];
    const { config, store } = world;
    const found = { ...deps(), store, config, everySigningKey: async () => [], ...change } as CommandDeps;
    const args = { given: () => '', text: () => undefined, texts: () => [], isSet: () => false };
    const output = {
      print: (line: string) => lines.push(line),
      progress: () => undefined,
      write: async () => undefined,
    };
    return { code: await doctorCommands[0]?.run(found, args, output), lines };
  };
  const sound = await ask({});
  expect([sound.code, sound.lines.filter((line) => line.startsWith('bad'))]).toEqual([0, []]);
  expect(sound.lines.join()).toMatch(
    /good +migrations +\d+ applied, none waits.*answers as itself, without TLS/,
  );
  const locked = await ask({ everySigningKey: () => Promise.reject(new Error('cannot be opened')) });
  expect([locked.code, locked.lines.filter((line) => line.startsWith('bad'))]).toEqual([
    1,
    [expect.stringContaining('POSTERN_SECRET does not open')],
  ]);
});

test('a contract that a renewal follows ends no more, once the renewal is agreed', async () => {
  const { prisma } = world.store;
  const ending = await prisma.contract.findFirstOrThrow({
    where: { apps: { some: { id: planted('contract_ending').id } } },
  });
  const { id: renewsId, organizationId, endsAt: startsAt } = ending;
  const contracts = async () =>
    (await overviewFor(deps(), operator)).find(({ kind }) => kind === 'contracts')?.count ?? 0;
  const endsAt = new Date(startsAt.getTime() + 86_400_000 * 365);
  const renewal = { id: 'renewal', organizationId, reference: 'R-2', startsAt, endsAt, renewsId };
  await prisma.contract.create({ data: { ...renewal, approvalNeeded: ['purposes'] } });
  expect(await contracts()).toBe(1);
  await prisma.contract.update({
    where: { id: 'renewal' },
    data: { approvedAt: new Date(), approvedBy: 'tom' },
  });
  expect(await contracts()).toBe(0);
});
