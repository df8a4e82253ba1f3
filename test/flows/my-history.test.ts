import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { decide, readOf } from '../setup/decisions.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let james: TestBrowser;
let anaId: string;
let token: string;

const idOf = async (name: string) =>
  (await world.store.prisma.patient.findFirstOrThrow({ where: { name } })).id;

async function enrolled(name: string): Promise<TestBrowser> {
  const browser = new TestBrowser(world.issuer);
  await browser.enrol(await invitationFor(world, name));
  return browser;
}

const textOf = (html: string) =>
  html
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
const hrefs = (html: string, pattern: RegExp) =>
  [...html.matchAll(/href="([^"]+)"/g)]
    .map(([, url = '']) => url.replaceAll('&amp;', '&'))
    .filter((url) => pattern.test(url));
const statusOf = async (browser: TestBrowser, url: string) => (await browser.open(url)).response.status;

async function post(browser: TestBrowser, page: string, action: string) {
  const { html } = await browser.open(page);
  const response = await browser.form(action, [['csrf', csrfIn(html)]]);
  return { status: response.status, html: await response.text() };
}

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = await enrolled('Ana Rivera');
  james = await enrolled('James Okafor');
  anaId = await idOf('Ana Rivera');
  token = (await connect(world, ana)).accessToken;
  await decide(world, readOf(token));
  const observation = { type: 'Observation', id: '*', properties: { patient: 'ana-rivera', count: 12 } };
  await decide(world, readOf(token, { action: { name: 'search' }, resource: observation }));
  await decide(world, readOf(token, { action: { name: 'update' } }));
  const foreign = { type: 'Patient', id: 'james-okafor', properties: { patient: 'james-okafor' } };
  await decide(world, readOf(token, { resource: foreign }));
});
afterAll(() => world.stop());

const base = () => `/my/apps/${world.clientId}`;

describe('the card', () => {
  test('says that it is shared, how it was used, and leads to everything about it', async () => {
    const { html } = await ana.open('/my');
    const text = textOf(html);
    expect(text).toContain('Sharing');
    expect(text).toMatch(/Used 2 times on 1 day\./);
    expect(html).toContain('<svg class="spark"');
    for (const page of ['change', 'stop']) expect(html).toContain(`href="${base()}/${page}"`);
    expect(hrefs(html, /receipts|history\?|report/)).toHaveLength(3);
  });
});

describe('the history', () => {
  test('tells each access and each refusal in words, the newest first, and where times are of', async () => {
    const { html } = await ana.open('/my/history');
    const rows = html.split('<li>').slice(1).map(textOf);
    expect(rows[0]).toMatch(
      /Blocked .+ UTC Lantern Health asked to change the record\. Why: this was not shared/,
    );
    expect(rows[1]).toMatch(/Allowed .+ Lantern Health read from the record\. .+ \(up to 12 entries\)/);
    expect(rows[1]).toContain('Kept by');
    expect(rows[2]).toMatch(/Name and contact details \(1 entry\)/);
    expect(rows.at(-1)).toMatch(/Choice .+ Sharing with Lantern Health was agreed to\./);
    expect(textOf(html)).toContain('Times are in this time zone: UTC (world time).');
    expect((await ana.open('/my/history?zone=eastern')).html).toMatch(/E[SD]T<\/time>/);
    expect((await ana.open('/my/history')).html).toMatch(/E[SD]T<\/time>/);
    await ana.open('/my/history?zone=utc');
  });

  test('is filtered by app and month, and a cursor of something else begins anew', async () => {
    const none = await ana.open('/my/history?app=another-app');
    expect(textOf(none.html)).toContain('There is nothing here.');
    const month = new Date().toISOString().slice(0, 7);
    const here = await ana.open(`/my/history?app=${world.clientId}&month=${month}`);
    expect(here.html).toContain('read from the record.');
    expect(textOf((await ana.open('/my/history?month=2020-01')).html)).toContain('There is nothing here.');
    expect(await statusOf(ana, '/my/history?month=2020-13')).toBe(404);
    expect((await ana.open('/my/history?after=nonsense')).url).toBe(`${world.issuer}/my/history`);
  });

  test('leaves as CSV, JSON and FHIR, with hers alone, and that it left is recorded', async () => {
    const file = async (format: string) => {
      const response = await ana.send(`/my/history/export?format=${format}`);
      expect(response.headers.get('cache-control')).toBe('no-store');
      return response.text();
    };
    const csv = (await file('csv')).trimEnd().split('\r\n');
    expect(csv[0]).toMatch(/^at,what,outcome,reason,app,/);
    expect(csv.filter((line) => line.includes(',allowed,'))).toHaveLength(2);
    const json = JSON.parse(await file('json')) as { events: { outcome: string; count: number | null }[] };
    expect(json.events).toHaveLength(csv.length - 1);
    expect(json.events[1]).toMatchObject({ outcome: 'allowed', count: 12 });
    const bundle = JSON.parse(await file('fhir')) as {
      type: string;
      entry: { resource: { resourceType: string } }[];
    };
    expect([bundle.type, bundle.entry.length]).toEqual(['collection', json.events.length]);
    expect(new Set(bundle.entry.map(({ resource }) => resource.resourceType))).toEqual(
      new Set(['AuditEvent']),
    );
    const events = await world.store.prisma.auditEvent.findMany({ where: { type: 'history.exported' } });
    expect(events.map(({ accountId, patientId }) => [accountId, patientId])).toEqual(
      Array(3).fill([anaId, anaId]),
    );
    expect(await statusOf(ana, '/my/history/export?format=xml')).toBe(404);
  });
});

describe('a receipt', () => {
  const receiptOf = async () => hrefs((await ana.open('/my')).html, /\/receipts\//)[0] ?? '';

  test('is a page, and a JWS that anyone can check with the published keys', async () => {
    const url = await receiptOf();
    expect(textOf((await ana.open(url)).html)).toMatch(/Receipt: you share with Lantern Health/);
    const jws = await (await ana.send(`${url}/receipt.jws`)).text();
    const keys = createRemoteJWKSet(new URL(`${world.issuer}/jwks`));
    const { payload, protectedHeader } = await compactVerify(jws, keys);
    expect(protectedHeader.typ).toBe('consent-receipt+jwt');
    const claims = JSON.parse(new TextDecoder().decode(payload));
    expect(claims).toMatchObject({ iss: world.issuer, receipt: { event: [{ event_state: 'given' }] } });
    expect(await (await ana.send(`${url}/receipt.json`)).json()).toEqual(claims);
    expect(await (await ana.send(`${url}/receipt.jws`)).text()).toBe(jws);
  });

  test('is the same after the app and its organization are called otherwise', async () => {
    const url = await receiptOf();
    const before = await (await ana.send(`${url}/receipt.json`)).text();
    const { organizationId } = await world.store.prisma.app.findUniqueOrThrow({
      where: { id: world.clientId },
    });
    const { legalName } = await world.store.prisma.organization.update({
      where: { id: organizationId },
      data: { legalName: 'Called Otherwise Inc.' },
    });
    expect(legalName).toBe('Called Otherwise Inc.');
    expect(await (await ana.send(`${url}/receipt.json`)).text()).toBe(before);
  });
});

describe('what one person may not see of another', () => {
  test('James finds neither Ana’s receipt, nor her history, export or report', async () => {
    const { grantId } = await world.store.prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const [receipt = ''] = hrefs((await ana.open('/my')).html, /\/receipts\//);
    const [report = ''] = hrefs((await ana.open('/my/history')).html, /\/report\?app=[^&]+&event=e/);
    for (const url of [receipt, `${receipt}/receipt.jws`, `${receipt}/receipt.json`, report])
      expect([url, await statusOf(james, url)]).toEqual([url, 404]);
    for (const page of ['history', 'history/export?format=csv', `report?app=${world.clientId}`])
      expect(await statusOf(james, `/my/patients/${anaId}/${page}`)).toBe(404);
    // That her app asked for his record is his to know, and not whose token it was.
    const rows = (await james.open('/my/history')).html.split('<li>').slice(1).map(textOf);
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
    const representativeId = await idOf('James Okafor');
    const { id } = await appoint({ representativeId });
    const url = `/my/patients/${anaId}/history`;
    expect((await james.open('/my/history')).html).toContain(url);
    const { html } = await james.open(url);
    expect(textOf(html)).toMatch(/History of Ana Rivera .+ Lantern Health read from the record\./);
    const file = await (await james.send(`${url}/export?format=json`)).text();
    expect(JSON.parse(file).events.length).toBeGreaterThan(2);
    // The receipt of what she agreed to herself is hers.
    const [receipt = ''] = hrefs((await ana.open('/my')).html, /\/receipts\//);
    expect(await statusOf(james, receipt)).toBe(404);
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
    for (const page of [url, `${url}/export?format=json`]) expect(await statusOf(james, page)).toBe(404);
  });

  test('with a limited right sees only what he decided himself', async () => {
    const representativeId = await idOf('James Okafor');
    const { id } = await appoint({ representativeId, scope: 'patient/Immunization.rs' });
    const { html } = await james.open(`/my/patients/${anaId}/history`);
    expect(textOf(html)).toContain('You see what you set up for Ana Rivera.');
    expect(textOf(html)).not.toContain('read from the record.');
    const [report = ''] = hrefs((await ana.open('/my/history')).html, /\/report\?app=[^&]+&event=e/);
    const theirs = report.replace('/my/report', `/my/patients/${anaId}/report`);
    expect(await statusOf(james, theirs)).toBe(404);
    await world.store.prisma.representation.update({ where: { id }, data: { endedAt: new Date() } });
  });
});

describe('pause, resume, and I did not do this', () => {
  test('a pause holds at once and resuming ends it, each with its receipt', async () => {
    const paused = await post(ana, '/my', `${base()}/pause`);
    expect(textOf(paused.html)).toContain('Lantern Health can see nothing now.');
    expect(await world.introspect(token)).toEqual({ active: false });
    const [receipt = ''] = hrefs(paused.html, /\/receipts\//);
    expect(textOf((await ana.open(receipt)).html)).toContain('Receipt: Lantern Health is paused');
    expect(textOf((await ana.open('/my')).html)).toMatch(/Paused .+ Resume/);
    const again = await post(ana, '/my', `${base()}/pause`);
    expect(again.status).toBe(404);
    const resumed = await post(ana, '/my', `${base()}/resume`);
    expect(textOf(resumed.html)).toContain('can see again what you agreed to');
    expect(await world.introspect(token)).toMatchObject({ active: true });
    const notices = await world.store.prisma.patientNotice.findMany({ where: { patientId: anaId } });
    expect(notices.filter(({ type }) => type === 'patient.app_paused')).toHaveLength(1);
  });

  test('a report pauses the app, opens a finding, and tells operators without a word about her', async () => {
    const [report = ''] = hrefs((await ana.open('/my/history')).html, /\/report\?app=[^&]+&event=e/);
    expect(textOf((await ana.open(report)).html)).toContain('We pause Lantern Health at once.');
    const done = await post(ana, report, report);
    expect(textOf(done.html)).toMatch(/Lantern Health is paused\. .+ They look into it\./);
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
    const [first = '', second = ''] = hrefs(
      (await ana.open('/my/history')).html,
      /\/report\?app=[^&]+&event=e/,
    )
      .filter((url, index, all) => all.indexOf(url) === index)
      .reverse();
    const count = () => world.store.prisma.finding.count();
    const mails = () => world.store.prisma.outboxMessage.count();
    const [findings, sent] = [await count(), await mails()];
    await post(ana, second, second);
    const known = await post(ana, second, second);
    expect(textOf(known.html)).toContain('You told us this before.');
    expect(textOf(known.html)).toContain('There was nothing left to pause');
    await post(ana, first, first);
    expect([await count(), await mails()]).toEqual([findings + 2, sent]);
  });

  test('stopping gives a receipt that outlives it; then there is nothing to stop', async () => {
    const stopped = await post(ana, `${base()}/stop`, `${base()}/stop`);
    const [receipt = ''] = hrefs(stopped.html, /\/receipts\//);
    const text = textOf((await ana.open(receipt)).html);
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
    expect(textOf((await ana.open('/my/history')).html)).toMatch(
      /Choice .+ Sharing with Lantern Health was stopped\./,
    );
  });
});
