import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { amendConsents } from '../../src/store/consent-changes.ts';
import { endGrants } from '../../src/store/consents.ts';
import { readDisclosures } from '../../src/store/disclosures.ts';
import { readHistory } from '../../src/store/history.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createHistoryWorld, hrefs, statusOf, wordsOf } from '../setup/history-world.ts';
import type { World } from '../setup/world.ts';

let ana: TestBrowser;
let anaId: string;
let james: TestBrowser;
let world: World;

beforeAll(async () => {
  ({ ana, anaId, james, world } = await createHistoryWorld());
});
afterAll(() => world.stop());

const base = () => `/my/apps/${world.clientId}`;

describe('the card', () => {
  test('says that it is shared, how it was used, and leads to everything about it', async () => {
    const { html } = await ana.open('/my');
    const text = wordsOf(html);
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
    const rows = html.split('<li>').slice(1).map(wordsOf);
    expect(rows[0]).toMatch(
      /Blocked .+ UTC Lantern Health asked to change the record\. Why: this was not shared/,
    );
    expect(rows[1]).toMatch(/Allowed .+ Lantern Health read from the record\. .+ \(up to 12 entries\)/);
    expect(rows[1]).toContain('Kept by');
    expect(rows[2]).toMatch(/Name and contact details \(1 entry\)/);
    expect(rows.at(-1)).toMatch(/Choice .+ Sharing with Lantern Health was agreed to\./);
    expect(wordsOf(html)).toContain('Times are in this time zone: UTC (world time).');
    expect((await ana.open('/my/history?zone=eastern')).html).toMatch(/E[SD]T<\/time>/);
    expect((await ana.open('/my/history')).html).toMatch(/E[SD]T<\/time>/);
    await ana.open('/my/history?zone=utc');
  });

  test('is filtered by app and month, and a cursor of something else begins anew', async () => {
    const none = await ana.open('/my/history?app=another-app');
    expect(wordsOf(none.html)).toContain('There is nothing here.');
    const month = new Date().toISOString().slice(0, 7);
    const here = await ana.open(`/my/history?app=${world.clientId}&month=${month}`);
    expect(here.html).toContain('read from the record.');
    expect(wordsOf((await ana.open('/my/history?month=2020-01')).html)).toContain('There is nothing here.');
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
    expect(wordsOf((await ana.open(url)).html)).toMatch(/Receipt: you share with Lantern Health/);
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

describe('what no request of today shows', () => {
  const HOUR_MS = 3_600_000;

  test('a minute of use, where no decision was asked for, is a row that can be reported', async () => {
    const { prisma } = world.store;
    const { grantId } = await prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const minute = new Date(Math.floor((Date.now() - HOUR_MS) / 60_000) * 60_000);
    const about = { appId: world.clientId, patientId: anaId, grantId, purpose: 'PATRQT' };
    const tokenId = '0f0e0d0c-0b0a-4908-8706-050403020100';
    await prisma.accessRecord.create({
      data: { ...about, tokenId, resourceServerId: world.resourceServer.id, minute },
    });
    const { html } = await ana.open('/my/history');
    expect(wordsOf(html)).toMatch(
      /Allowed .+ Lantern Health used its access\. What Name and contact details ·/,
    );
    const [report = ''] = hrefs(html, /event=u/);
    expect(await statusOf(ana, report)).toBe(200);
    expect(await statusOf(james, report)).toBe(404);
    const bundle = await (await ana.send('/my/history/export?format=fhir')).text();
    expect(bundle).toContain('IHE.BasicAudit.PrivacyDisclosure.Source');
    expect(bundle).not.toContain(tokenId);
    await prisma.accessRecord.delete({
      where: {
        tokenId_resourceServerId_minute: { tokenId, resourceServerId: world.resourceServer.id, minute },
      },
    });
  });

  test('a consent that ended by itself has a receipt of that, and a narrower one of the change', async () => {
    const { prisma, clock } = world.store;
    const { liveScope: _, ...given } = await prisma.consent.findFirstOrThrow({ where: { patientId: anaId } });
    const past = { decidedAt: new Date(Date.now() - 2 * HOUR_MS), expiresAt: new Date(Date.now() - HOUR_MS) };
    const other = { ...given, ...past, liveUntil: past.expiresAt, launchContext: {} };
    await prisma.consent.create({ data: { ...other, id: 'over', grantId: 'grant-over' } });
    const { html } = await ana.open('/my/receipts/over-expired');
    expect(wordsOf(html)).toContain('Receipt: sharing with Lantern Health ended');
    expect(await statusOf(ana, `/my/receipts/${given.id}-expired`)).toBe(404);
    expect(await statusOf(james, '/my/receipts/over-expired')).toBe(404);
    expect((await ana.open('/my')).html).toContain('/my/receipts/over-expired');

    const later = new Date(Date.now() + HOUR_MS);
    const open = { ...other, expiresAt: later, liveUntil: later, id: 'narrowed', grantId: 'grant-narrowed' };
    await prisma.consent.create({ data: open });
    const amendment = { grantId: 'grant-narrowed', after: 0, scope: 'patient/Patient.rs', choices: [] };
    const changed = await prisma.$transaction((tx) =>
      amendConsents(
        tx,
        { clock },
        {
          ...{ amendments: [{ ...amendment, expiresAt: later }], by: 'patient', accountId: anaId },
          ...{ locale: 'es', wording: '1', refreshIdleSeconds: 60 },
        },
      ),
    );
    const kindsIn = async (id: string) => {
      const { receipt } = (await (await ana.send(`/my/receipts/${id}/receipt.json`)).json()) as {
        receipt: {
          pii_processing: { language: string; purposes: { pii_information: { pii_type: string }[] }[] };
        };
      };
      const { language, purposes } = receipt.pii_processing;
      return [language, ...(purposes[0]?.pii_information ?? []).map(({ pii_type }) => pii_type)];
    };
    expect(await kindsIn(String(changed?.eventIds[0]))).toEqual(['es', 'Patient']);
    expect((await kindsIn('narrowed')).length).toBeGreaterThan(2);
    // A minute of use tells what was shared then, and so does the account of disclosures.
    const { amendedAt } = await prisma.consentAmendment.findFirstOrThrow();
    const [tokenId, minute] = ['0f0e0d0c-0b0a-4908-8706-050403020101', new Date(amendedAt.getTime() + 1)];
    const use = { appId: world.clientId, patientId: anaId, grantId: 'grant-narrowed', purpose: 'PATRQT' };
    const before = new Date(amendedAt.getTime() - 60_000);
    const server = { tokenId, resourceServerId: world.resourceServer.id };
    await prisma.accessRecord.createMany({
      data: [minute, before].map((one) => ({ ...use, ...server, minute: one })),
    });
    const scope = 'patient/Patient.rs patient/Observation.rs';
    const issued = { type: 'token.issued', recordedAt: new Date(before.getTime() - 1), detail: { scope } };
    const { purpose: _purpose, ...about } = use;
    await prisma.auditEvent.create({ data: { ...about, ...issued } });
    const { rows = [] } = (await readHistory(world.store, { patientId: anaId }, undefined, 50)) ?? {};
    const uses = rows.filter((row) => row.grantId === 'grant-narrowed' && row.kind === 'use');
    const { grantedScope } = given;
    expect(uses.map(({ detail }) => detail)).toEqual([
      { scope: 'patient/Patient.rs' },
      { scope: grantedScope },
    ]);
    const range = { from: before, to: new Date(minute.getTime() + 60_000) };
    const disclosed: (string | null)[] = [];
    for await (const one of readDisclosures(world.store, { subject: { patientId: anaId }, ...range }))
      if (one.grantId === 'grant-narrowed') disclosed.push(one.scope);
    expect(disclosed).toEqual([scope, 'patient/Patient.rs']);
    await endGrants(world.store, ['grant-narrowed'], { by: 'patient', accountId: anaId });
  });
});
