import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let tom: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  tom = await staffBrowser(world, 'tom-lindqvist');
});
afterAll(() => world.stop());

const FORM = '/admin/cut-offs/new';
const faultsIn = (html: string) => [...html.matchAll(/<a href="#field-([^"]+)">/g)].map(([, name]) => name);

test('the form says what would end before it asks to confirm it by name, and ends it then', async () => {
  const patient = await world.patientBrowser();
  const { accessToken } = await connect(world, patient);
  const { revision } = await world.store.prisma.app.findUniqueOrThrow({
    where: { id: world.clientId },
    include: { revision: true },
  });
  const name = revision?.name ?? '';
  const { html } = await tom.open(`/admin/apps/${world.clientId}`);
  const link = `${FORM}?kind=client&amp;subject=${world.clientId}`;
  expect(html).toContain(`href="${link}"`);
  const path = link.replace('&amp;', '&');
  const opened = await tom.open(path);
  expect(opened.html).toMatch(/<option value="client" selected>/);
  expect(opened.html).toContain(`value="${world.clientId}"`);
  expect(opened.html).not.toContain('name="confirm"');

  const asked = { kind: 'client', subjectId: world.clientId, reach: 'everything', reason: 'A lost laptop.' };
  const shown = await submit(tom, path, asked);
  expect([shown.status, faultsIn(shown.html)]).toEqual([200, []]);
  expect(textOf(shown.html)).toContain(
    `For ${name} this would end now: apps that lose access: 1; consents: 1; live tokens: 1.`,
  );
  expect(textOf(shown.html)).toContain(`To confirm, type: ${name}`);
  const wrong = await submit(tom, path, { ...asked, confirm: 'Another app' });
  expect([wrong.status, faultsIn(wrong.html)]).toEqual([422, ['confirm']]);
  const silent = await submit(tom, path, { ...asked, reason: '', confirm: name });
  expect([silent.status, faultsIn(silent.html)]).toEqual([422, ['reason']]);
  expect(await world.introspect(accessToken)).toMatchObject({ active: true });

  const done = await submit(tom, path, { ...asked, confirm: name });
  expect([done.status, done.location]).toEqual([303, '/admin/cut-offs?done=cut-off']);
  expect(await world.introspect(accessToken)).toEqual({ active: false });
  const list = textOf((await tom.open('/admin/cut-offs')).html);
  expect(list).toMatch(new RegExp(`${name} App Tokens and consents Access cut off`));
  expect(textOf((await tom.open(`/admin/apps/${world.clientId}`)).html)).toContain('A lost laptop.');
  expect((await patient.open('/my')).html).toMatch(/The network ended this: .+ UTC\./);
  expect((await patient.open('/my?lang=es')).html).toContain('La red lo terminó');
});

test('of a patient: by her number alone, which stands in no address and in no other record', async () => {
  const patient = await world.patientBrowser();
  const { accessToken } = await connect(world, patient);
  const { patientId } = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
  const id = patientId ?? '';
  const asked = { kind: 'patient', subjectId: id, reach: 'tokens', reason: 'By phone.' };
  expect(textOf((await submit(tom, FORM, asked)).html)).toContain(`To confirm, type: ${id}`);
  const done = await submit(tom, FORM, { ...asked, confirm: id });
  expect(done.location).toBe('/admin/cut-offs?done=cut-off');
  expect(await world.introspect(accessToken)).toEqual({ active: false });
  expect(textOf((await tom.open('/admin/cut-offs')).html)).toContain(`${id} Patient`);
  expect((await tom.open(`/admin/apps/${world.clientId}/events`)).html).not.toContain(id);
  expect((await patient.open('/my')).html).toContain(`/my/apps/${world.clientId}/stop`);
});

test('what is meant by nobody is told at its field, and nothing is asked to be confirmed', async () => {
  for (const [kind, subjectId] of [
    ['purpose', 'TREATMENT'],
    ['key', 'unknown'],
    ['owner', ''],
  ] as const) {
    const asked = { kind, subjectId, reach: 'everything', reason: 'A test.', confirm: subjectId };
    const refused = await submit(tom, FORM, asked);
    expect([refused.status, faultsIn(refused.html)]).toEqual([422, ['subjectId']]);
    expect(refused.html).not.toContain('name="confirm"');
  }
});
