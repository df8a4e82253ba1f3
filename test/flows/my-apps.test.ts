import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cutOff } from '../../src/store/cut-offs.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createHistoryWorld, hrefs, post, REPORT, statusOf, wordsOf } from '../setup/history-world.ts';
import type { World } from '../setup/world.ts';

let ana: TestBrowser;
let anaId: string;
let james: TestBrowser;
let jamesId: string;
let token: string;
let world: World;

beforeAll(async () => {
  ({ ana, anaId, james, jamesId, token, world } = await createHistoryWorld());
});
afterAll(() => world.stop());

const base = () => `/my/apps/${world.clientId}`;

describe('pause, resume, and I did not do this', () => {
  test('a pause holds at once and resuming ends it, each with its receipt', async () => {
    const paused = await post(ana, '/my', `${base()}/pause`);
    expect(wordsOf(paused.html)).toContain('Lantern Health can see nothing now.');
    expect(await world.introspect(token)).toEqual({ active: false });
    const [receipt = ''] = hrefs(paused.html, /\/receipts\//);
    expect(wordsOf((await ana.open(receipt)).html)).toContain('Receipt: Lantern Health is paused');
    expect(wordsOf((await ana.open('/my')).html)).toMatch(/Paused .+ Resume/);
    const again = await post(ana, '/my', `${base()}/pause`);
    expect(again.status).toBe(404);
    const resumed = await post(ana, '/my', `${base()}/resume`);
    expect(wordsOf(resumed.html)).toContain('can see again what you agreed to');
    expect(await world.introspect(token)).toMatchObject({ active: true });
    const notices = await world.store.prisma.patientNotice.findMany({ where: { patientId: anaId } });
    expect(notices.filter(({ type }) => type === 'patient.app_paused')).toHaveLength(1);
  });

  test('a report pauses the app, opens a finding, and tells operators without a word about her', async () => {
    const [report = ''] = hrefs((await ana.open('/my/history')).html, REPORT);
    expect(wordsOf((await ana.open(report)).html)).toContain('We pause Lantern Health at once.');
    const done = await post(ana, report, report);
    expect(wordsOf(done.html)).toMatch(/Lantern Health is paused\. .+ They look into it\./);
    expect(await world.introspect(token)).toEqual({ active: false });
    const [finding] = await world.store.prisma.finding.findMany();
    expect(finding).toMatchObject({
      ...{ kind: 'patient_report', appId: world.clientId, patientId: anaId, openedBy: anaId, closedAt: null },
      event: new URL(report, world.issuer).searchParams.get('event'),
    });
    const opened = await world.store.prisma.auditEvent.findMany({ where: { type: 'finding.opened' } });
    expect(opened).toMatchObject([{ patientId: anaId, detail: { findingId: finding?.id } }]);
    const mails = await world.store.prisma.outboxMessage.findMany();
    const told = mails.filter(({ content }) => (content as { type: string }).type === 'finding.opened');
    expect(told.length).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toMatch(new RegExp(`${anaId}|Lantern|Ana`));
  });

  test('the same report is one finding; another one is another, and nobody is told twice', async () => {
    const [first = '', second = ''] = hrefs((await ana.open('/my/history')).html, REPORT)
      .filter((url, index, all) => all.indexOf(url) === index)
      .reverse();
    const count = () => world.store.prisma.finding.count();
    const mails = () => world.store.prisma.outboxMessage.count();
    const [findings, sent] = [await count(), await mails()];
    await post(ana, second, second);
    const known = await post(ana, second, second);
    expect(wordsOf(known.html)).toContain('You told us this before.');
    expect(wordsOf(known.html)).toContain('There was nothing left to pause');
    await post(ana, first, first);
    expect([await count(), await mails()]).toEqual([findings + 2, sent]);
  });

  test('a representative neither resumes what the patient paused, nor learns of her report', async () => {
    const { prisma } = world.store;
    const given = await prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const representationId = 'r-james';
    await prisma.representation.create({
      data: {
        ...{ id: representationId, relationship: 'caregiver', startsAt: new Date(Date.now() - 60_000) },
        ...{ representativeId: jamesId, patientId: anaId, basis: 'court_order' },
      },
    });
    const of = { ...given, liveScope: undefined, pausedAt: null, pausedBy: null, launchContext: {} };
    const ids = { id: 'of-james', grantId: 'g-james', accountId: jamesId, representationId };
    await prisma.consent.create({ data: { ...of, ...ids } });
    const theirs = `${base()}/patients/${anaId}`;
    const isPaused = async () =>
      (await prisma.consent.findUniqueOrThrow({ where: { id: 'of-james' } })).pausedAt !== null;

    // His own pause is his to end, and Ana hears of it, and James.
    await post(james, '/my', `${theirs}/pause`);
    expect(wordsOf((await james.open('/my')).html)).toContain('Resume');
    expect((await post(james, '/my', `${theirs}/resume`)).status).toBe(200);
    const type = 'patient.app_resumed';
    const toldOf = async () => {
      const notices = await prisma.patientNotice.findMany({ where: { type }, orderBy: { createdAt: 'asc' } });
      return notices.map(({ patientId }) => patientId).slice(1);
    };
    expect((await toldOf()).sort()).toEqual([anaId, jamesId].sort());

    // What he paused becomes hers once she pauses it too.
    await post(james, '/my', `${theirs}/pause`);
    const report = `/my/report?app=${world.clientId}`;
    await post(ana, report, report);
    const page = await james.open('/my');
    expect(wordsOf(page.html)).toContain('Somebody else paused this.');
    expect(page.html).not.toContain(`${theirs}/resume`);
    const refused = await post(james, '/my', `${theirs}/resume`);
    expect([refused.status, wordsOf(refused.html)]).toEqual([
      403,
      expect.stringContaining('Only the patient, or who paused it, can resume it.'),
    ]);
    expect(await isPaused()).toBe(true);

    // His report is another finding: no page of his tells of hers.
    const his = `/my/patients/${anaId}/report?app=${world.clientId}`;
    const before = await prisma.finding.count();
    expect(wordsOf((await post(james, his, his)).html)).not.toContain('You told us this before.');
    expect(await prisma.finding.count()).toBe(before + 1);

    // Of a pause of before it is not known whose it is: hers, or that of who decided.
    await prisma.consent.update({ where: { id: 'of-james' }, data: { pausedBy: null } });
    expect((await post(james, '/my', `${theirs}/resume`)).status).toBe(200);
    await post(james, '/my', `${theirs}/pause`);
    expect((await post(ana, '/my', `${base()}/resume`)).status).toBe(200);
    expect(await isPaused()).toBe(false);
    expect((await toldOf()).slice(-2).sort()).toEqual([anaId, jamesId].sort());
    await prisma.representation.update({ where: { id: representationId }, data: { endedAt: new Date() } });
  });
});

describe('the end', () => {
  test('stopping gives a receipt that outlives it; then there is nothing to stop', async () => {
    const stopped = await post(ana, `${base()}/stop`, `${base()}/stop`);
    const [receipt = ''] = hrefs(stopped.html, /\/receipts\//);
    const text = wordsOf((await ana.open(receipt)).html);
    expect(text).toMatch(/Receipt: you stopped Lantern Health .+ Ended by The patient/);
    const claims = (await (await ana.send(`${receipt}/receipt.json`)).json()) as {
      receipt: { event: object[] };
    };
    expect(claims.receipt.event).toMatchObject([
      { event_state: 'given' },
      { event_state: 'withdrawn', validity_duration: 0 },
    ]);
    expect(await statusOf(ana, `${base()}/stop`)).toBe(404);
    const notices = await world.store.prisma.patientNotice.findMany({
      where: { type: 'patient.app_stopped' },
    });
    expect(notices).toMatchObject([{ patientId: anaId, values: { receipt: receipt.split('/').at(-1) } }]);
    expect(wordsOf((await ana.open('/my/history')).html)).toMatch(
      /Choice .+ Sharing with Lantern Health was stopped\./,
    );
  });

  test('what ended otherwise has no receipt of an end by itself', async () => {
    const { prisma } = world.store;
    const [end, before] = [new Date(Date.now() - 60_000), new Date(Date.now() - 120_000)];
    const { liveScope: _, ...of } = await prisma.consent.findUniqueOrThrow({ where: { id: 'of-james' } });
    const past = {
      launchContext: {},
      decidedAt: new Date(Date.now() - 180_000),
      expiresAt: end,
      liveUntil: end,
    };
    const ended = (id: string, changes: object = {}) =>
      prisma.consent.create({ data: { ...of, ...past, id, grantId: id, ...changes } });
    const { endedAt } = await prisma.representation.update({
      where: { id: 'r-james' },
      data: { endedAt: before },
    });
    expect(endedAt).toEqual(before);
    await ended('of-right');
    await ended('by-itself', { accountId: anaId, representationId: null });
    expect(await statusOf(ana, '/my/receipts/by-itself-expired')).toBe(200);
    expect(await statusOf(ana, '/my/receipts/of-right-expired')).toBe(404);
    const { html } = await ana.open('/my');
    expect(html).toContain('/my/receipts/of-right"');
    expect(html).not.toContain('/my/receipts/of-right-expired');
    const soon = new Date(Date.now() + 60_000);
    await ended('cut', { accountId: anaId, representationId: null, expiresAt: soon, liveUntil: soon });
    const cut = {
      kind: 'client',
      subjectIds: [world.clientId],
      endsGrants: true,
      cause: 'access.cut_off',
    } as const;
    await prisma.$transaction((tx) => cutOff(tx, world.store, cut));
    world.clock.advance(61_000);
    expect(await statusOf(ana, '/my/receipts/cut-expired')).toBe(404);
    // It came after that end.
    expect(await statusOf(ana, '/my/receipts/by-itself-expired')).toBe(200);
  });
});
