import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { createHistoryWorld, hrefs, post, REPORT, statusOf, wordsOf } from '../setup/history-world.ts';
import type { World } from '../setup/world.ts';

let ana: TestBrowser;
let anaId: string;
let token: string;
let world: World;

beforeAll(async () => {
  ({ ana, anaId, token, world } = await createHistoryWorld());
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
});
