import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { type InventoryRecords, inventoryRecords } from '../setup/inventory-records.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let records: InventoryRecords;
let operator: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  records = await inventoryRecords(world);
  const { accessToken } = await connect(world, await world.patientBrowser());
  await world.introspect(accessToken);
  operator = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());

const open = async (query = '', browser = operator) => {
  const { response, html, url } = await browser.open(`/admin/inventory${query}`);
  return { status: response.status, html, url };
};
/** The text of each row, without its tags. */
const rowsIn = (html: string) =>
  [...html.matchAll(/<tr>\s*<th scope="row"[\s\S]*?<\/tr>/g)].map(([row]) =>
    row
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
const row = (html: string, name: string) => rowsIn(html).find((text) => text.startsWith(name));

test('shows each path with who answers for it, what it opens, how it is used and what is wrong', async () => {
  const { status, html } = await open('?kind=app');
  expect(status).toBe(200);
  expect(row(html, 'Lantern Health')).toMatch(
    /^Lantern Health App Dana Whitfield .*Lantern Health, Inc\. Contract until .* PATRQT .* view 1 patient 1 live token Last used on .*Attestation due /,
  );
  expect(row(html, 'Orphan &amp; &lt;Sons&gt;')).toMatch(
    / Stopped Nobody .* No owner .*Attestation overdue$/,
  );
  expect(row(html, 'Suspended')).toMatch(/^Suspended App Suspended .*view, change .* Attestation due soon$/);
  expect(row(html, 'Not yet')).toContain('Not approved yet');
  expect(html).toContain(`href="/admin/apps/${records.orphanId}"`);
});

test.each([
  [
    'resource_server',
    'Demo FHIR server',
    /Resource server Sandbox .*Credential until .*Credential ends soon$/,
  ],
  ['platform', 'Cloud &amp; Co.', /Platform Pat Doe contact .* hosting For 1 app/],
  ['subprocessor', 'Cloud &amp; Co.', /Subprocessor Pat Doe contact .*(AI, support|support, AI) For 1 app/],
  ['person', 'Priya Raman', /Person Operator Reviewer Postern demo network 0 API tokens/],
])('shows what is particular about a %s', async (kind, name, words) => {
  const { html } = await open(`?kind=${kind}&text=${encodeURIComponent(name.replace('&amp;', '&'))}`);
  expect(row(html, name)).toMatch(words);
});

test('counts the paths by kind and by finding, and each count leads to what it counts', async () => {
  const { html } = await open('?organizationId=lantern');
  const [, href = '', count = ''] =
    /<a href="([^"]+)">Attestation overdue<\/a> <span>(\d+)</.exec(html) ?? [];
  expect(href).toBe('/admin/inventory?organizationId=lantern&amp;finding=attestation_overdue');
  const { html: found } = await open(href.replaceAll('&amp;', '&').slice('/admin/inventory'.length));
  expect(rowsIn(found)).toHaveLength(Number(count));
  expect(rowsIn(found).every((text) => text.endsWith('Attestation overdue'))).toBe(true);
  expect(found).toMatch(/<a href="[^"]+" aria-current="true">Attestation overdue</);
});

test('is narrowed by a form that keeps what was asked', async () => {
  const { html } = await open('?kind=app&environment=sandbox&purpose=HRESCH&text=goes&ownerId=miguel-santos');
  expect(rowsIn(html)).toHaveLength(1);
  expect(html).toMatch(/<option value="app" selected>App</);
  expect(html).toMatch(/<option value="HRESCH" selected>For health research \(HRESCH\)</);
  expect(html).toMatch(/name="ownerId" value="miguel-santos"/);
  expect(rowsIn((await open('?text=nothing+is+called+so')).html)).toEqual([]);
});

test('what is no part of the form, and a cursor of another list, is as good as not said', async () => {
  const all = rowsIn((await open()).html).length;
  expect(rowsIn((await open('?kind=patient&finding=x&status=1&text=')).html)).toHaveLength(all);
  expect((await open('?after=bm8')).url).toBe(`${world.issuer}/admin/inventory`);
});

test('goes on page by page, and counts on the first one only', async () => {
  const { prisma } = world.store;
  const people = Array.from({ length: 60 }, (_, index) => `temp-${String(index).padStart(2, '0')}`);
  await prisma.person.createMany({
    data: people.map((id) => ({
      id,
      name: id,
      organizationId: 'lantern',
      email: `${id}@x.example`,
      userHandle: id,
    })),
  });
  await prisma.personRole.createMany({
    data: people.map((id) => ({ id, personId: id, role: 'developer', grantedBy: 'test' })),
  });
  const first = await open('?kind=person&text=temp-');
  expect(first.html).toContain('60 paths');
  const next =
    /<a class="button" href="([^"]+)" rel="next">/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await open(next.slice('/admin/inventory'.length));
  expect(second.html).not.toContain('60 paths');
  const names = [...rowsIn(first.html), ...rowsIn(second.html)].map((text) => text.split(' ')[0]);
  expect(names).toEqual(people);
});

describe('as a file', () => {
  test.each([
    ['csv', 'text/csv; charset=utf-8; header=present', /^\uFEFFkind,id,name,[\s\S]+\r\napp,/],
    ['json', 'application/json; charset=utf-8', /^\{"issuer":[\s\S]+"paths":\[\n\{"kind":"app"/],
  ])('%s, with the filter of the page, is a download that nobody keeps', async (format, type, content) => {
    const response = await operator.send(`/admin/inventory.${format}?kind=app&finding=owner_missing`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="postern-inventory-\\d{4}-\\d\\d-\\d\\d\\.${format}"$`),
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = Buffer.from(await response.arrayBuffer()).toString('utf8');
    expect(text).toMatch(content);
    expect(text.match(/Orphan|Lantern Health,/g)?.[0]).toBe('Orphan');
    const taken = await world.store.prisma.auditEvent.findMany({ where: { type: 'inventory.exported' } });
    expect(taken.at(-1)).toMatchObject({
      accountId: 'priya-raman',
      detail: { format, filter: { kind: 'app', finding: 'owner_missing' }, via: 'console' },
    });
  });

  test('breaks off when the database does, instead of looking whole', async () => {
    const store = world.store as { sql: World['store']['sql'] };
    const { sql } = store;
    store.sql = (text, parameters) =>
      text.includes("'person' AS kind") ? Promise.reject(new Error('gone')) : sql(text, parameters);
    try {
      const response = await operator.send('/admin/inventory.csv');
      expect(response.status).toBe(200);
      await expect(response.arrayBuffer()).rejects.toThrow('terminated');
    } finally {
      store.sql = sql;
    }
  });
});

test.each(['', '.csv', '.json'])(
  'inventory%s is not for developers, nor for anybody unknown',
  async (path) => {
    const developer = await staffBrowser(world, 'dana-whitfield');
    expect((await developer.send(`/admin/inventory${path}`)).status).toBe(403);
    developer.cookies = [];
    const response = await developer.send(`/admin/inventory${path}`);
    expect([response.status, response.headers.get('location')?.split('?')[0]]).toEqual([
      303,
      '/staff/sign-in',
    ]);
  },
);

test('is in Spanish for who reads Spanish', async () => {
  const { html } = await open('?lang=es&kind=app');
  expect(row(html, 'Suspended')).toMatch(/Aplicación Suspendida .*ver, cambiar .*Confirmación próxima$/);
});
