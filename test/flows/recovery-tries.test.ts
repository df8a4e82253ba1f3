// Tries at recovery codes: of many at once one wins, each one counts, and what an operator hands out from the command line.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type CommandDeps, type Output, readArgs } from '../../src/operations/command.ts';
import { recoveryCommands } from '../../src/operations/commands-recovery.ts';
import { handleOf } from '../../src/patient/security-view.ts';
import { underWatch } from '../../src/policy/watch.ts';
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
import { registryDeps } from '../setup/registry-deps.ts';
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
const mailed = async (patientId: string) =>
  (
    await world.store.prisma.outboxMessage.findMany({
      where: { destination: `${patientId}@mail.example` },
    })
  ).map(({ content }) => (content as { type: string }).type);
const isSignedIn = async (browser: TestBrowser) =>
  !(await browser.open('/my')).html.includes('data-passkey="sign-in"');
const code = (index = 0) => rae.codes[index] as string;

test('of twenty at once with the same two codes one gets on; twenty wrong ones are counted', async () => {
  const attempts = async (approval: string, typed: (index: number) => string) => {
    const csrf = csrfIn((await lost.open('/recovery/help')).html);
    await world.store.prisma.tryCount.deleteMany();
    const sent = Array.from({ length: 20 }, async (_, index) => {
      const fields = [
        ['csrf', csrf],
        ['approval', approval],
        ['code', typed(index)],
      ] as const;
      return (await lost.form('/recovery/help', fields)).status;
    });
    return (await Promise.all(sent)).sort();
  };
  const approval = await approvalFor(world, rae.id);
  const wrong = await attempts(approval, someCode);
  expect([wrong.filter((status) => status === 422), wrong.filter((status) => status === 429)]).toEqual([
    ...[Array(10).fill(422), Array(10).fill(429)],
  ]);
  const [{ tries } = { tries: 0 }] = await world.store.prisma.recoveryApproval.findMany({
    where: { patientId: rae.id },
  });
  expect(tries).toBe(5);
  await world.store.prisma.tryCount.deleteMany();
  expect((await typeBoth(lost, approval, code())).status).toBe(422);

  const right = await attempts(await approvalFor(world, rae.id), () => code());
  expect(right.filter((status) => status === 303)).toHaveLength(1);
  const started = (await eventsOf(rae.id)).filter(({ type }) => type === 'recovery.started');
  expect(started).toHaveLength(1);
});

test('a mistyped code is no try; more tries than the limit are refused, whatever cookie comes with them', async () => {
  const mistyped = `${code().slice(0, -1)}${code().endsWith('0') ? '1' : '0'}`;
  const answer = await typeBoth(lost, someApproval(), mistyped);
  expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('typing mistake')]);
  expect(await world.store.prisma.tryCount.count()).toBe(0);

  const fill = { hour: new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS) };
  await typeBoth(lost, someApproval(), code());
  await world.store.prisma.tryCount.updateMany({
    where: { ...fill, subject: { startsWith: 'recover network' } },
    data: { count: 60 },
  });
  const refused = await typeBoth(new TestBrowser(world.issuer), someApproval(), code());
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3600']);

  // Another block of addresses goes on; what a client puts in front of the proxy's own word does not count.
  const from = async (forwarded: string) => {
    const browser = new TestBrowser(world.issuer);
    const csrf = csrfIn((await browser.open('/recovery/help')).html);
    const body = new URLSearchParams({ csrf, approval: someApproval(), code: code() });
    const headers = { origin: world.issuer, 'x-forwarded-for': forwarded };
    return (await browser.send('/recovery/help', { method: 'POST', headers, body })).status;
  };
  expect(await from('203.0.113.7')).toBe(422);
  await world.store.prisma.tryCount.updateMany({ data: { count: 60 } });
  expect(await from('198.51.100.1, 203.0.113.99')).toBe(429);
  expect(await from('2001:db8:1:100::1')).toBe(422);
  await world.store.prisma.tryCount.updateMany({ data: { count: 60 } });
  expect(await from('2001:db8:1:1ff::77')).toBe(429);
});

test('whose account is tried too often is not let in with a right code either, for an hour', async () => {
  await typeBoth(lost, await approvalFor(world, rae.id), someCode());
  await world.store.sql(
    `INSERT INTO try_count (hour, subject, count) VALUES (date_trunc('hour', now()), $1, 10)`,
    [`recover account ${rae.id}`],
  );
  expect((await typeBoth(lost, await approvalFor(world, rae.id), code())).status).toBe(422);
  const [last] = (await eventsOf(rae.id)).slice(-1);
  expect(last?.detail).toEqual({ why: 'too_many' });
});

const run = async (words: string, ...args: readonly string[]) => {
  const lines: string[] = [];
  const command = recoveryCommands.find((one) => one.words === words) as (typeof recoveryCommands)[number];
  const output = { print: (text: string) => lines.push(...text.split('\n')) } as unknown as Output;
  const given = readArgs(command, args) as NonNullable<ReturnType<typeof readArgs>>;
  expect(await command.run(registryDeps(world) as CommandDeps, given, output)).toBe(0);
  return lines;
};

test('the command line hands out the code of the help desk, and sets an address from the record', async () => {
  const [, approval = '', where] = await run('patient recover', rae.id, '--evidence', 'passport');
  expect(where).toContain(`${world.issuer}/recovery/help`);
  expect((await typeBoth(lost, approval, code())).status).toBe(303);
  await run('patient address', rae.id, '--email', 'rae@record.example');
  const { prisma } = world.store;
  const [row] = await prisma.patientAddress.findMany({ where: { address: 'rae@record.example' } });
  expect(row).toMatchObject({ patientId: rae.id, createdBy: 'cli', confirmedAt: expect.any(Date) });
  expect(await mailed(rae.id)).toContain('patient.address_added');
  await expect(run('patient address', rae.id, '--email', 'RAE@record.example')).rejects.toThrow();
});

test('who lost everything is reset by the operator: passkeys, codes and sessions end, and the link brings her back', async () => {
  const { prisma } = world.store;
  await typeBoth(lost, await approvalFor(world, rae.id), code());
  await approvalFor(world, rae.id);
  const lines = await run('patient reset', rae.id, '--evidence', 'passport and insurance card, in person');
  const link = lines.find((line) => line.startsWith(`${world.issuer}/invitation#`)) as string;
  expect((await makePasskey(lost)).status).toBe(410);
  expect(await isSignedIn(rae.browser)).toBe(false);
  const open = { patientId: rae.id, usedAt: null, supersededAt: null };
  expect(await prisma.recoveryCode.count({ where: open })).toBe(0);
  expect(await prisma.recoveryApproval.count({ where: open })).toBe(0);
  expect(await prisma.passkey.count({ where: { patientId: rae.id, removedAt: null } })).toBe(0);
  const [event] = (await eventsOf(rae.id)).filter(({ type }) => type === 'patient.reset');
  const { before, endedSessions, ...told } = (event?.detail ?? {}) as Record<string, unknown>;
  expect(told).toMatchObject({
    ...{ evidence: expect.stringContaining('passport'), removedPasskeys: 1 },
    after: { passkeys: 0, recoveryCodes: 0, sessions: 0 },
  });
  // One of the ten was typed above.
  expect(before).toEqual({ passkeys: 1, recoveryCodes: 9, sessions: endedSessions });
  expect(endedSessions).toBeGreaterThan(0);

  world.clock.advance(23 * HOUR_MS);
  try {
    const found = new TestBrowser(world.issuer);
    expect((await found.enrol(link)).status).toBe(200);
    expect(await isSignedIn(found)).toBe(true);
    // The day of watch begins with her coming back.
    world.clock.advance(2 * HOUR_MS);
    const { recoveredAt } = await prisma.patient.findUniqueOrThrow({ where: { id: rae.id } });
    expect(underWatch({ recoveredAt }, new Date())).toBe(true);
  } finally {
    world.clock.advance(-25 * HOUR_MS);
  }
  expect((await mailed(rae.id)).slice(-2).sort()).toEqual(['patient.passkey_added', 'patient.reset']);
});

test('while the watch lasts, nobody takes away the passkeys and addresses of before; she takes away the new ones', async () => {
  const { prisma } = world.store;
  const [old] = await prisma.passkey.findMany({ where: { patientId: rae.id } });
  const [address] = await prisma.patientAddress.findMany({ where: { patientId: rae.id } });
  await typeBoth(lost, await approvalFor(world, rae.id), code());
  expect((await makePasskey(lost)).status).toBe(200);
  const [made] = await prisma.passkey.findMany({ where: { patientId: rae.id, id: { not: old?.id ?? '' } } });
  const pathOf = (id = '') => `/my/security/passkeys/${handleOf(id)}/remove`;
  const remove = async (browser: TestBrowser, path: string) => {
    const csrf = csrfIn((await browser.open('/my/notices')).html);
    const answer = await browser.form(path, [['csrf', csrf]]);
    return [answer.status, (await answer.text()).includes('Until')];
  };
  expect(await remove(lost, pathOf(old?.id))).toEqual([409, true]);
  expect((await lost.open(pathOf(old?.id))).response.status).toBe(409);
  expect(await remove(lost, `/my/notices/addresses/${address?.id}/remove`)).toEqual([409, true]);
  await rae.browser.signIn(await rae.browser.open('/my'));
  expect(await remove(rae.browser, pathOf(made?.id))).toEqual([303, false]);
  expect(await isSignedIn(lost)).toBe(false);

  world.clock.advance(25 * HOUR_MS);
  try {
    await rae.browser.signIn(await rae.browser.open('/my'));
    expect((await remove(rae.browser, `/my/notices/addresses/${address?.id}/remove`))[0]).toBe(303);
  } finally {
    world.clock.advance(-25 * HOUR_MS);
  }
});
