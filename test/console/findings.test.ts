import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let tom: TestBrowser;
let reviewer: TestBrowser;
let findingId: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  const patient = await world.patientBrowser();
  await connect(world, patient);
  const report = `/my/report?app=${world.clientId}`;
  const page = await patient.open(report);
  await patient.form(report, [['csrf', csrfIn(page.html)]]);
  await world.store.prisma.personRole.updateMany({
    where: { personId: 'priya-raman', role: { in: ['operator', 'security_officer'] } },
    data: { endedAt: new Date(Date.now() - 1_000) },
  });
  [tom, reviewer] = [await staffBrowser(world, 'tom-lindqvist'), await staffBrowser(world, 'priya-raman')];
  findingId = (await world.store.prisma.finding.findFirstOrThrow()).id;
});
afterAll(() => world.stop());

const LIST = '/admin/findings';

test('who may see patients sees what a patient reported: app, patient by number, and how old it is', async () => {
  const text = textOf((await tom.open(LIST)).html);
  const { patientId } = await world.store.prisma.finding.findFirstOrThrow();
  expect(text).toMatch(new RegExp(`A patient says: I did not do this .+ ${patientId} .+ today Close it`));
  expect(text).not.toContain('Ana Rivera');
});

test('a reviewer neither sees the list nor closes anything', async () => {
  expect((await reviewer.open(LIST)).response.status).toBe(403);
  expect((await reviewer.open(`${LIST}/${findingId}/close`)).response.status).toBe(403);
  const closed = await submit(reviewer, `${LIST}/${findingId}/close`, { reason: 'Not mine to say.' });
  expect(closed.status).toBe(403);
  expect(await world.store.prisma.finding.count({ where: { closedAt: null } })).toBe(1);
});

test('it is closed once, with a reason, and stays on record', async () => {
  const url = `${LIST}/${findingId}/close`;
  expect((await submit(tom, url, { reason: '' })).status).toBe(422);
  const closed = await submit(tom, url, { reason: 'Her daughter had used the tablet.' });
  expect([closed.status, closed.location]).toEqual([303, `${LIST}?done=closed`]);
  const again = await submit(tom, url, { reason: 'Once more.' });
  expect(again.status).toBe(409);
  expect(textOf((await tom.open(LIST)).html)).toContain('There are no findings.');
  const text = textOf((await tom.open(`${LIST}?state=closed`)).html);
  expect(text).toContain('Her daughter had used the tablet.');
  const [event] = await world.store.prisma.auditEvent.findMany({ where: { type: 'finding.closed' } });
  expect(event).toMatchObject({
    ...{ appId: world.clientId, accountId: expect.any(String) },
    detail: { findingId, reason: 'Her daughter had used the tablet.', via: 'console' },
  });
  expect((await tom.open(`${LIST}/none/close`)).response.status).toBe(404);
});

test('no row of it is deleted, changed, or closed again, whoever asks the database', async () => {
  const { prisma } = world.store;
  const where = { id: findingId };
  for (const attempt of [
    () => prisma.finding.delete({ where }),
    () => prisma.finding.update({ where, data: { appId: null } }),
    () => prisma.finding.update({ where, data: { closeReason: 'Another.' } }),
  ])
    await expect(attempt()).rejects.toThrow('never changes');
});
