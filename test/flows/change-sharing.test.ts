// A patient changes what she shares: what the form offers, what it says before it is done, and that no form does more than
// that, or twice, or for anybody else.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { refresh } from '../setup/app-client.ts';
import { attributeIn, choicesIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { invitationFor } from '../setup/invite.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let is: Connection;
let appId: string;

const LAB = 'Observation.laboratory.view';
const VITAL = 'Observation.vital-signs.view';
const ASKED = 'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs';

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});
afterAll(() => world.stop());
beforeEach(async () => {
  appId = await registerApp(world, world.clientId, {});
  is = await connect(world, ana, { client_id: appId, scope: ASKED }, { choices: ['Patient.view', LAB] });
});

const url = (of = '') => `/my/apps/${appId}${of}/change`;
const open = async (browser = ana, of = '') => (await browser.open(url(of))).html;
const checked = (html: string) =>
  choicesIn(html)
    .filter((choice) => choice.checked)
    .map(({ id }) => id);
const hidden = (html: string, name: string) =>
  attributeIn(html.slice(html.indexOf(`name="${name}"`)), 'value');

interface Sent {
  readonly choices?: readonly string[];
  readonly duration?: string;
  readonly step?: string;
  readonly basis?: string;
}
function post(html: string, sent: Sent = {}, browser = ana, of = '') {
  const { choices = ['Patient.view'], duration = 'keep', step = 'confirm' } = sent;
  const fields: [string, string][] = [
    ['csrf', csrfIn(html)],
    ['basis', sent.basis ?? hidden(html, 'basis')],
    ...choices.map((id): [string, string] => ['choice', id]),
  ];
  return browser.form(url(of), [...fields, ['duration', duration], ['step', step]]);
}
const scopeNow = async (token = is.accessToken) => String((await world.introspect(token)).scope ?? '');
const amendments = () => world.store.prisma.consentAmendment.count({ where: { consent: { appId } } });

test('what is shared is ticked; the change is shown before it is done, and told when it is', async () => {
  const form = await open();
  expect(checked(form)).toEqual(['Patient.view', LAB]);
  expect(choicesIn(form).map(({ id }) => id)).toContain(VITAL);
  const review = await (
    await post(form, { choices: ['Patient.view', VITAL], duration: '365', step: 'review' })
  ).text();
  expect(review.replace(/<[^>]+>|\s+/g, ' ').replace(/ +/g, ' ')).toMatch(
    /You stop sharing Lab results You start sharing Vital signs You go on sharing Name and contact details How long Longer: sharing ends on/,
  );
  expect(await amendments()).toBe(0);
  expect(await scopeNow()).toContain('|laboratory');
  const back = await (await post(review, { choices: ['Patient.view', VITAL], step: 'edit' })).text();
  expect(checked(back)).toEqual(['Patient.view', VITAL]);

  const done = await post(review, { choices: ['Patient.view', VITAL], duration: '365' });
  expect(done.status).toBe(200);
  expect(await done.text()).toMatch(/Receipt number<\/dt><dd>\s+<a href="\/my\/receipts\/(\d+)"><code>\1</);
  expect(await scopeNow()).not.toMatch(/laboratory|vital-signs/);
  const answer = await refresh({ ...world, clientId: appId }, is.refreshToken);
  expect(((await answer.json()) as { scope: string }).scope).toContain('|vital-signs');
  const { id: patientId } = await world.store.prisma.patient.findFirstOrThrow({
    where: { name: 'Ana Rivera' },
  });
  const where = { patientId, type: 'patient.app_changed' };
  expect(await world.store.prisma.patientNotice.count({ where })).toBe(1);
  expect(checked(await open())).toEqual(['Patient.view', VITAL]);
  expect(
    (await world.store.prisma.consentAmendment.findFirstOrThrow({ where: { consent: { appId } } })).wording,
  ).toBe('1');
});

test('a form is good once, also for twenty at the same time', async () => {
  const form = await open();
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(form)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
  expect(await amendments()).toBe(1);
  const late = await post(form, { choices: ['Patient.view', LAB] });
  expect([late.status, await late.text()]).toEqual([
    409,
    expect.stringContaining('This has changed in the meantime'),
  ]);
});

test('a form for another app, or of another person, changes nothing', async () => {
  const form = await open();
  const other = appId;
  appId = await registerApp(world, world.clientId, {});
  await connect(world, ana, { client_id: appId, scope: ASKED }, { choices: ['Patient.view', LAB] });
  expect((await post(form)).status).toBe(409);
  const maya = new TestBrowser(world.issuer);
  await maya.enrol(await invitationFor(world, 'Maya Chen'));
  expect((await maya.open(url())).response.status).toBe(404);
  await connect(world, maya, { client_id: appId, scope: ASKED }, { choices: ['Patient.view', LAB] });
  const own = await open(maya);
  expect((await post(own, { basis: hidden(await open(), 'basis') }, maya)).status).toBe(409);
  expect((await post(own, {}, ana)).status).toBe(403);
  expect((await new TestBrowser(world.issuer).open(url())).url).toContain('/my/verify');
  expect(await amendments()).toBe(0);
  appId = other;
  expect(await amendments()).toBe(0);
});

test.each<[string, Sent, number]>([
  ['a kind that the app never asked for', { choices: ['Patient.view', 'Immunization.view'] }, 400],
  ['a scope in place of a choice', { choices: ['patient/*.cruds'] }, 400],
  ['nothing at all', { choices: [] }, 422],
  ['a duration that is not offered', { duration: '3650' }, 422],
  ['one time, which is not offered here', { duration: 'once' }, 422],
  ['what is so already', { choices: ['Patient.view', LAB] }, 422],
  ['without what it was made from', { basis: '' }, 409],
])('%s is not taken', async (_what, sent, status) => {
  expect((await post(await open(), sent)).status).toBe(status);
  expect(await amendments()).toBe(0);
});

test('more private things are ticked only by who has just shown her passkey', async () => {
  const choices = ['Patient.view', 'Observation.social-history.view'];
  expect(choicesIn(await open()).map(({ id }) => id)).toContain('Observation.social-history.view');
  world.clock.advance(6 * 60_000);
  const later = await open();
  expect(choicesIn(later).map(({ id }) => id)).not.toContain('Observation.social-history.view');
  expect(later).toContain(`/my/verify?next=${encodeURIComponent(url())}`);
  const asked = await post(later, { choices });
  expect([asked.status, asked.headers.get('location')]).toEqual([
    303,
    expect.stringContaining('/my/verify?next='),
  ]);
  expect(await amendments()).toBe(0);
  // Less, or what is not private, needs no more than the session.
  expect((await post(later, { choices: ['Patient.view', VITAL] })).status).toBe(200);
  await ana.signIn(await ana.open(`/my/verify?next=${url()}`));
  expect((await post(await open(), { choices })).status).toBe(200);
  expect(await scopeNow()).not.toContain('laboratory');
});

test('of an app that may not act now she shares less, never more', async () => {
  await world.store.prisma.app.update({ where: { id: appId }, data: { suspendedAt: new Date() } });
  const form = await open();
  expect(form).toContain('Here you can share less');
  expect(choicesIn(form).map(({ id }) => id)).toEqual(['Patient.view', LAB]);
  expect((await post(form, { choices: ['Patient.view', VITAL] })).status).toBe(400);
  expect((await post(form, { duration: '365' })).status).toBe(422);
  expect((await post(form)).status).toBe(200);
});

test('who acts for another may share less of that record, and its patient sees and narrows it, too', async () => {
  const { prisma } = world.store;
  const [parent, child] = await Promise.all(
    ['Ana Rivera', 'Maya Chen'].map((name) => prisma.patient.findFirstOrThrow({ where: { name } })),
  );
  const ids = { representativeId: parent?.id ?? '', patientId: child?.id ?? '' };
  const row = { id: 'r', relationship: 'parent', startsAt: new Date(Date.now() - 1_000), ...ids };
  await prisma.representation.create({ data: row });
  const consent = { choices: ['Patient.view', LAB], patient: 'Maya Chen' };
  const { accessToken } = await connect(world, ana, { client_id: appId, scope: ASKED }, consent);
  const of = `/patients/${ids.patientId}`;
  const form = await open(ana, of);
  expect(form).toContain('Maya Chen');
  expect(choicesIn(form).map(({ id }) => id)).toEqual(['Patient.view', LAB]);
  expect((await post(form, { choices: ['Patient.view', VITAL] }, ana, of)).status).toBe(400);
  expect((await post(form, {}, ana, of)).status).toBe(200);
  expect(await scopeNow(accessToken)).not.toContain('laboratory');
  expect(await scopeNow()).toContain('laboratory');
  await prisma.representation.update({ where: { id: 'r' }, data: { endedAt: new Date() } });
  expect((await ana.open(url(of))).response.status).toBe(404);
});
