// A patient who lost her passkeys comes back with a recovery code, after the help desk checked again who she is.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { approveRecovery, makeRecoveryCodes } from '../../src/registry/recovery.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import {
  approvalFor,
  makePasskey,
  type Patient,
  patientWithCodes,
  someApproval,
  someCode,
  typeBoth,
} from '../setup/recovering.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

const HOUR_MS = 3_600_000;
let world: World;
let rae: Patient;
let lost: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());
beforeEach(async () => {
  rae = await patientWithCodes(world);
  lost = new TestBrowser(world.issuer);
  await world.store.prisma.tryCount.deleteMany();
});

const eventsOf = (patientId: string) =>
  world.store.prisma.auditEvent.findMany({ where: { patientId }, orderBy: { id: 'asc' } });
const toldTo = async (patientId: string) =>
  (await world.store.prisma.patientNotice.findMany({ where: { patientId } })).map(({ type }) => type);
const mailed = async (patientId: string) =>
  (
    await world.store.prisma.outboxMessage.findMany({
      where: { destination: `${patientId}@mail.example` },
    })
  ).map(({ content }) => (content as { type: string }).type);
const isSignedIn = async (browser: TestBrowser) =>
  !(await browser.open('/my')).html.includes('data-passkey="sign-in"');
const code = (index = 0) => rae.codes[index] as string;

test('with both codes she makes a new passkey; what was signed in before is signed out, and she is told', async () => {
  const started = await typeBoth(lost, await approvalFor(world, rae.id), code().toLowerCase());
  expect([started.status, started.headers.get('location')]).toEqual([303, '/recovery/passkey']);
  expect(await isSignedIn(rae.browser)).toBe(true);

  const made = await makePasskey(lost);
  expect([made.status, await made.json()]).toEqual([200, { next: '/my/recovered' }]);
  expect([await isSignedIn(lost), await isSignedIn(rae.browser)]).toEqual([true, false]);
  const { html } = await lost.open('/my/recovered');
  expect(html).toContain('There is 1 other passkey.');
  expect(html).toContain('You have 9 recovery codes left.');
  expect(html).toContain('most private information');

  const events = (await eventsOf(rae.id)).map(({ type }) => type);
  expect(events.slice(-4)).toEqual([
    ...['recovery.approved', 'recovery.started', 'passkey.registered', 'recovery.completed'],
  ]);
  expect(await toldTo(rae.id)).toEqual(
    expect.arrayContaining(['patient.recovery_started_with_help', 'patient.recovery_used']),
  );
  expect(await mailed(rae.id)).toEqual([
    ...['patient.passkey_added', 'patient.recovery_codes_made', 'patient.recovery_started_with_help'],
    'patient.recovery_used',
  ]);

  // Done is done.
  expect((await lost.open('/recovery/passkey')).response.status).toBe(410);
});

test('whatever is wrong with the two codes, the page says the same, and the audit says what', async () => {
  const other = await patientWithCodes(world);
  const [used, left] = [code(0), code(1)];
  await typeBoth(new TestBrowser(world.issuer), await approvalFor(world, rae.id), used);
  const superseded = await approvalFor(world, rae.id);
  const good = await approvalFor(world, rae.id);
  const oldCode = other.codes[0] as string;
  await makeRecoveryCodes(world.store, other.id);

  const pages = new Set<string>();
  for (const [approval, typed, why] of [
    [someApproval, left, 'approval_unknown'],
    [() => superseded, left, 'approval_unknown'],
    [() => good, someCode(), 'code_unknown'],
    [() => good, used, 'code_used'],
    [() => approvalFor(world, other.id), oldCode, 'code_used'],
    [() => approvalFor(world, other.id), left, 'code_foreign'],
  ] as const) {
    const answer = await typeBoth(lost, await approval(), typed);
    expect(answer.status).toBe(422);
    pages.add((await answer.text()).replace(/(nonce|value)="[^"]*"/g, ''));
    const [last] = await world.store.prisma.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 });
    expect([last?.type, last?.detail]).toEqual(['recovery.refused', { why }]);
  }
  expect(pages.size).toBe(1);
  expect([...pages][0]).toContain('We could not use these two codes.');
  expect(await toldTo(rae.id)).toContain('patient.recovery_refused');
  expect((await lost.open('/recovery/passkey')).response.status).toBe(410);
});

test('an approval is over after a day, and the way back after an hour', async () => {
  const approval = await approvalFor(world, rae.id);
  try {
    world.clock.advance(25 * HOUR_MS);
    expect((await typeBoth(lost, approval, code())).status).toBe(422);
    expect((await typeBoth(lost, await approvalFor(world, rae.id), code())).status).toBe(303);
    world.clock.advance(1.1 * HOUR_MS);
    expect((await makePasskey(lost)).status).toBe(410);
  } finally {
    world.clock.advance(-26.1 * HOUR_MS);
  }
});

test('steps are not left out, nor gone in another browser, nor twice', async () => {
  expect((await lost.open('/recovery/passkey')).response.status).toBe(410);
  expect((await lost.open('/recovery/proof')).response.status).toBe(410);
  const csrf = csrfIn((await lost.open('/recovery/help')).html);
  expect((await lost.json('/recovery/options', {}, csrf)).status).toBe(410);
  expect((await lost.json('/recovery/verify', {}, csrf)).status).toBe(410);
  await typeBoth(lost, await approvalFor(world, rae.id), code());
  expect((await makePasskey(new TestBrowser(world.issuer))).status).toBe(410);
  const both = await Promise.all([makePasskey(lost), makePasskey(lost)]);
  expect(both.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
});

const posted = async (page: string, path: string) => {
  const csrf = csrfIn((await rae.browser.open(page)).html);
  return rae.browser.form(path, [['csrf', csrf]]);
};
test.each([
  ['new codes', '/my/recovery', '/my/recovery'],
  ['signing out everywhere', '/my/security', '/my/security/sign-out-everywhere'],
])('%s: a way back that goes on is stopped, and a code of the help desk too', async (_, page, path) => {
  await typeBoth(lost, await approvalFor(world, rae.id), code());
  const waiting = await approvalFor(world, rae.id);
  const offered = await lost.open('/recovery/passkey');
  expect((await posted(page, path)).status).toBe(200);
  const last = await world.store.prisma.auditEvent.findFirst({
    where: { patientId: rae.id, type: 'recovery.refused' },
  });
  expect(last).toMatchObject({ accountId: rae.id, detail: { why: 'stopped' } });
  const csrf = csrfIn(offered.html);
  expect((await lost.json('/recovery/options', {}, csrf)).status).toBe(410);
  expect((await lost.json('/recovery/verify', {}, csrf)).status).toBe(410);
  const { prisma } = world.store;
  const good = { patientId: rae.id, usedAt: null, supersededAt: null };
  expect(await prisma.recoveryApproval.count({ where: good })).toBe(0);
  expect((await typeBoth(lost, waiting, code(1))).status).toBe(422);
});

test('of two ways back in two browsers one comes to its end, also at once, and what waited ends with it', async () => {
  const second = new TestBrowser(world.issuer);
  await typeBoth(lost, await approvalFor(world, rae.id), code());
  await typeBoth(second, await approvalFor(world, rae.id), code(1));
  await approvalFor(world, rae.id);
  const invited = await issueInvitation(world.store, { patientId: rae.id });
  const made = await Promise.all([lost, second].map(makePasskey));
  expect(made.map(({ status }) => status).sort()).toEqual([200, 410]);
  const { prisma } = world.store;
  expect(await prisma.passkey.count({ where: { patientId: rae.id } })).toBe(2);
  const waits = { patientId: rae.id, supersededAt: null };
  expect(await prisma.recoveryApproval.count({ where: { ...waits, usedAt: null } })).toBe(0);
  expect(await prisma.invitation.count({ where: { ...waits, consumedAt: null } })).toBe(0);
  const other = new TestBrowser(world.issuer);
  expect((await other.enrol(`${world.issuer}/invitation#${invited}`)).status).toBe(410);
});

test('only an operator approves; of nobody known there is nothing to approve', async () => {
  const given = { patientId: rae.id, evidence: 'passport' };
  const deps = registryDeps(world);
  const refused = (who: Parameters<typeof approveRecovery>[1], about: object) =>
    refusedWith(approveRecovery(deps, who, { ...given, ...about }));
  expect(await refused(actor('org', ['reviewer', 'owner', 'developer', 'security_officer']), {})).toEqual([
    'not_allowed',
  ]);
  expect(await refused(commandLine, { patientId: 'nobody' })).toEqual(['record_unknown']);
  expect(await refused(commandLine, { evidence: '' })).toEqual(['input_invalid', 'evidence required']);
});
