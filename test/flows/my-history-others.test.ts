import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cursorOf } from '../../src/store/paging.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { createHistoryWorld, hrefs, REPORT, statusOf, wordsOf } from '../setup/history-world.ts';
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

describe('what one person may not see of another', () => {
  test('James finds neither Ana’s receipt, nor her history, export or report', async () => {
    const { grantId } = await world.store.prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const [receipt = ''] = hrefs((await ana.open('/my')).html, /\/receipts\//);
    const [report = ''] = hrefs((await ana.open('/my/history')).html, REPORT);
    for (const url of [receipt, `${receipt}/receipt.jws`, `${receipt}/receipt.json`, report])
      expect([url, await statusOf(james, url)]).toEqual([url, 404]);
    for (const page of ['history', 'history/export?format=csv', `report?app=${world.clientId}`])
      expect(await statusOf(james, `/my/patients/${anaId}/${page}`)).toBe(404);
    // That her app asked for his record is his to know, and not whose token it was.
    const rows = (await james.open('/my/history')).html.split('<li>').slice(1).map(wordsOf);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(
      /Blocked .+ Lantern Health asked to read from the record\. Why: this was not shared/,
    );
    for (const format of ['csv', 'json', 'fhir']) {
      const text = await (await james.send(`/my/history/export?format=${format}`)).text();
      expect(text).toContain(format === 'fhir' ? 'AuditEvent' : 'Lantern Health');
      expect(text).not.toMatch(new RegExp(`${anaId}|ana-rivera|${grantId}`));
    }
  });

  test('ids that are none, or of nothing that has a receipt, are not found', async () => {
    const permitted = await world.store.prisma.auditEvent.findFirstOrThrow({
      where: { type: 'decision.permitted' },
    });
    for (const id of [String(permitted.id), '99999999999', 'x-expired', '%00', "'; --"])
      expect([id, await statusOf(ana, `/my/receipts/${encodeURIComponent(id)}`)]).toEqual([id, 404]);
    for (const event of ['e1', 'u1-x', 'nonsense', `e${'9'.repeat(18)}`])
      expect(await statusOf(ana, `/my/report?app=${world.clientId}&event=${event}`)).toBe(404);
    expect(await statusOf(ana, '/my/report?app=none')).toBe(404);
    expect(await statusOf(ana, '/my/report')).toBe(404);
  });

  test('a place that no history has is the beginning', async () => {
    const at = new Date().toISOString();
    for (const no of [
      '2026-02-30T00:00:00.000Z',
      '0000-01-01T00:00:00.000Z',
      '2026-13-01T00:00:00.000Z',
      'x',
    ]) {
      for (const place of [
        [no, '1', at, ''],
        [at, '1', no, ''],
      ]) {
        const { response, url } = await ana.open(`/my/history?after=${cursorOf(place)}`);
        expect([no, response.status, new URL(url, world.issuer).search]).toEqual([no, 200, '']);
      }
    }
  });

  test('who is not signed in is led to sign in, and a form of hers is refused', async () => {
    const nobody = new TestBrowser(world.issuer);
    expect((await nobody.open('/my/history')).url).toMatch(/\/my\/verify\?next=/);
    const { html } = await nobody.open('/my');
    const refused = await nobody.form(`${base()}/pause`, [['csrf', csrfIn(html)]]);
    expect(refused.status).toBe(401);
    const foreign = await ana.form(`${base()}/pause`, [['csrf', 'another']]);
    expect(foreign.status).toBe(403);
    expect(await world.introspect(token)).toMatchObject({ active: true });
  });
});

describe('who acts for another', () => {
  const appoint = (changes: object = {}) =>
    world.store.prisma.representation.create({
      data: {
        ...{ id: `r-${Math.random()}`, relationship: 'caregiver', startsAt: new Date(Date.now() - 60_000) },
        ...{ representativeId: '', patientId: anaId, basis: 'court_order', ...changes },
      },
    });

  test('sees that history apart from his own, as long as his right stands', async () => {
    const representativeId = jamesId;
    const { id } = await appoint({ representativeId });
    const url = `/my/patients/${anaId}/history`;
    expect((await james.open('/my/history')).html).toContain(url);
    const { html } = await james.open(url);
    expect(wordsOf(html)).toMatch(/History of Ana Rivera .+ Lantern Health read from the record\./);
    const file = await (await james.send(`${url}/export?format=json`)).text();
    expect(JSON.parse(file).events.length).toBeGreaterThan(2);
    // The receipt of what she agreed to herself is hers.
    const [receipt = ''] = hrefs((await ana.open('/my')).html, /\/receipts\//);
    expect(await statusOf(james, receipt)).toBe(404);
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
    for (const page of [url, `${url}/export?format=json`]) expect(await statusOf(james, page)).toBe(404);
  });

  test('with a limited right sees only what he decided himself', async () => {
    const representativeId = jamesId;
    const { id } = await appoint({ representativeId, scope: 'patient/Immunization.rs' });
    const { prisma } = world.store;
    const { liveScope: _, ...given } = await prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const decidedAt = new Date(Date.now() - 100 * 86_400_000);
    await prisma.consent.create({
      data: { ...given, id: 'first', grantId: 'g-first', launchContext: {}, decidedAt },
    });
    const { html } = await james.open(`/my/patients/${anaId}/history`);
    // Nor when she first agreed to anything.
    expect(html.match(/value="\d{4}-\d{2}"/g) ?? []).toHaveLength(1);
    expect(wordsOf(html)).toContain('You see what you set up for Ana Rivera.');
    expect(wordsOf(html)).not.toContain('read from the record.');
    const [report = ''] = hrefs((await ana.open('/my/history')).html, REPORT);
    const theirs = report.replace('/my/report', `/my/patients/${anaId}/report`);
    expect(await statusOf(james, theirs)).toBe(404);
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
  });
});
