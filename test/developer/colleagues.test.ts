// Who works for the own organization: invited, given roles, gone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { send, textOf } from './portal.ts';

const PAGE = '/developer/people';
let world: World;
let dana: TestBrowser;
let miguel: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
  miguel = await staffBrowser(world, 'miguel-santos');
});
afterAll(() => world.stop());

const pathOf = (id: string) => `${PAGE}/${id}`;
const read = async (browser: TestBrowser, path: string) => textOf((await browser.open(path)).html);
const linkIn = (html: string) => /<code>([^<]*\/invitation#[^<]+)<\/code>/.exec(html)?.[1] ?? '';

async function invite(name: string, email: string, roles: readonly string[] = ['developer']) {
  const answer = await send(dana, PAGE, PAGE, { name, email, roles });
  const html = await answer.text();
  const id = /href="\/developer\/people\/([^"]+)"/.exec(html)?.[1] ?? '';
  return { status: answer.status, html, link: linkIn(html), id };
}

test('an owner invites a colleague: the link is shown once, and opens the portal to her', async () => {
  const { link, id } = await invite('Rosa Lind', 'rosa@lantern.example');
  expect(await read(dana, PAGE)).toMatch(/Rosa Lind rosa@lantern\.example Developer Not yet/);
  expect((await dana.open(pathOf(id))).html).not.toContain(link);
  const rosa = new TestBrowser(world.issuer);
  expect((await rosa.enrol(link)).ok).toBe(true);
  expect(await read(rosa, '/developer')).toContain('Rosa Lind');
  expect(await read(dana, PAGE)).toMatch(/Rosa Lind rosa@lantern\.example Developer Has one/);
  expect(await read(rosa, `${PAGE}?name=rosa`)).not.toContain('Miguel');
});

test('all that is wrong with an invitation is told at its fields; who oversees is not an owner’s to invite', async () => {
  const { status, html } = await invite('', 'dana@lantern.example', []);
  expect(status).toBe(422);
  for (const field of ['name', 'roles']) expect(html).toContain(`id="field-${field}-fault"`);
  const taken = await invite('Dana Again', 'DANA@lantern.example');
  expect([taken.status, taken.html.includes('id="field-email-fault"')]).toEqual([422, true]);
  // An underscore is a letter of an address, and stands for no other.
  expect((await invite('Odd One', '_ana@lantern.example')).status).toBe(200);
  expect((await invite('Eve', 'eve@lantern.example', ['operator'])).status).toBe(403);
  expect(await read(dana, PAGE)).not.toMatch(/Dana Again|Eve/);
});

describe('one person', () => {
  test('gets and loses a role, true at her next click', async () => {
    const path = pathOf('miguel-santos');
    const given = await send(dana, path, `${path}/roles/grant`, { role: 'owner', reason: 'A test' });
    expect(given.headers.get('location')).toBe(`${path}?done=role-given`);
    expect((await miguel.open(PAGE)).html).toContain(`action="${PAGE}"`);
    const ended = await send(dana, path, `${path}/roles/end`, { role: 'owner', reason: 'A test' });
    expect(ended.headers.get('location')).toBe(`${path}?done=role-ended`);
    expect((await miguel.open(PAGE)).html).not.toContain('method="post" action="/developer/people');
  });

  test('nobody gives herself a role, and an owner none of oversight', async () => {
    const own = pathOf('dana-whitfield');
    expect((await dana.open(own)).html).not.toContain('/roles/grant');
    for (const [path, role] of [
      [own, 'operator'],
      [pathOf('miguel-santos'), 'operator'],
      [pathOf('miguel-santos'), 'emperor'],
    ] as const)
      expect((await send(dana, PAGE, `${path}/roles/grant`, { role, reason: 'A test' })).status).toBe(403);
  });

  test('is renamed, and invited again with a link that ends the one before', async () => {
    const first = await invite('Sam Oyelaran', 'sam@lantern.example');
    const path = pathOf(first.id);
    const faulty = await send(dana, path, path, { name: 'Sam', email: 'nobody' });
    expect(faulty.status).toBe(422);
    expect(await faulty.text()).toContain('id="field-email-fault"');
    await send(dana, path, path, { name: 'Sam Okoro', email: 'sam@lantern.example' });
    const again = await (await send(dana, path, `${path}/invite`)).text();
    expect(textOf(again)).toContain('Sam Okoro is invited');
    expect((await new TestBrowser(world.issuer).enrol(first.link)).ok).toBe(false);
    expect((await new TestBrowser(world.issuer).enrol(linkIn(again))).ok).toBe(true);
  });

  test('leaves when her name is typed, and is out at her next click', async () => {
    const { id, link } = await invite('Kim Park', 'kim@lantern.example');
    const kim = new TestBrowser(world.issuer);
    await kim.enrol(link);
    const path = pathOf(id);
    const wrong = await send(dana, path, `${path}/leave`, { confirm: 'Kim' });
    expect(wrong.status).toBe(422);
    const html = await wrong.text();
    expect(html).toContain('id="field-confirm-fault"');
    const past = await send(dana, path, `${path}/leave`, {
      confirm: 'Kim Park',
      at: '2020-01-01',
      reason: 'A test',
    });
    expect(await past.text()).toContain('id="field-at-fault"');
    expect((await kim.open('/developer')).url).toContain('/developer');
    const left = await send(dana, path, `${path}/leave`, { confirm: 'Kim Park', reason: 'A test' });
    expect(left.headers.get('location')).toBe(`${path}?done=person-left`);
    expect((await kim.open('/developer')).url).toContain('/staff/sign-in');
    expect(await read(dana, path)).toContain('Has left on');
    expect((await send(dana, path, `${path}/invite`)).status).toBe(409);
  });
});

test('a developer sees colleagues and changes none; people of others are not there', async () => {
  expect(await read(miguel, pathOf('dana-whitfield'))).toContain('Lantern Health owner');
  const path = pathOf('dana-whitfield');
  for (const [below, fields] of [
    ['', { name: 'X', email: 'x@lantern.example' }],
    ['/invite', {}],
    ['/roles/grant', { role: 'developer' }],
    ['/roles/end', { role: 'owner' }],
    ['/leave', { confirm: 'Dana Whitfield' }],
  ] as const)
    expect([below, (await send(miguel, PAGE, `${path}${below}`, fields)).status]).toEqual([below, 403]);
  for (const id of ['grace-okafor', 'nobody', 'a%00b'])
    expect((await dana.open(`${PAGE}/${id}`)).response.status).toBe(404);
});

test('what gives power away asks for the passkey again when it was not shown lately', async () => {
  await world.store.prisma.staffSession.updateMany({
    where: { personId: 'dana-whitfield' },
    data: { verifiedAt: new Date(Date.now() - 20 * 60_000) },
  });
  const path = pathOf('miguel-santos');
  for (const [action, fields] of [
    [PAGE, { name: 'Late', email: 'late@lantern.example', roles: 'developer' }],
    [`${path}/invite`, {}],
    [`${path}/roles/grant`, { role: 'owner' }],
  ] as const) {
    const answer = await send(dana, PAGE, action, fields);
    expect(answer.headers.get('location')).toMatch(/^\/staff\/verify\?/);
  }
});
