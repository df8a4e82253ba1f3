// A session that was left open gives no command of weight; the passkey is asked for again.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { send } from '../developer/portal.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type ConsoleRecords, consoleRecords } from '../setup/console-records.ts';
import { csrfOf, passkeyAt, staffBrowser } from '../setup/staff-browser.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let records: ConsoleRecords;
let priya: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  records = await consoleRecords(world);
  priya = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());

const shown = (minutesAgo: number) =>
  world.store.prisma.staffSession.updateMany({
    data: { verifiedAt: new Date(Date.now() - minutesAgo * 60_000) },
  });

const review = (below: string) => (r: ConsoleRecords) => `/admin/reviews/${r.reviewId}/${below}`;
const app = (below: string) => (r: ConsoleRecords) => `/admin/apps/${r.appId}/${below}`;
const organization = (below: string) => (r: ConsoleRecords) => `/admin/organizations/${r.vendor.id}/${below}`;
const SERIOUS: readonly (readonly [what: string, path: (records: ConsoleRecords) => string])[] = [
  ['an approval', review('approve')],
  ['asking for changes', review('ask-for-changes')],
  ['a refusal', review('refuse')],
  ['the suspension of an app', app('suspend')],
  ['the end of its suspension', app('resume')],
  ['the end of an app', app('offboard')],
  ['another contract for an app', app('contract')],
  ['an admission', organization('admit')],
  ['the suspension of an organization', organization('suspend')],
  ['the end of its suspension', organization('resume')],
  ['the end of an organization', organization('offboard')],
  ['a new contract', organization('contracts/new')],
  ['the change of a contract', ({ vendor }) => `/admin/contracts/${vendor.contractId}`],
  ['the suspension of a FHIR server', ({ serverId }) => `/admin/servers/${serverId}/suspend`],
  ['the suspension of an EHR', ({ ehrId }) => `/admin/ehrs/${ehrId}/suspend`],
  ['a cut-off', () => '/admin/cut-offs/new'],
];

describe('in the console, 15 minutes after the passkey was shown', () => {
  beforeEach(() => shown(16));

  test.each(SERIOUS)('%s asks for it again, opened or sent, and does nothing', async (_what, pathOf) => {
    const path = pathOf(records);
    const verify = `/staff/verify?${new URLSearchParams({ next: path })}`;
    const opened = await priya.send(path);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, verify]);
    const before = await dumpTables(world.store);
    const form: [string, string][] = [
      ['csrf', await csrfOf(priya)],
      ['reason', 'Because.'],
      ['confirm', 'Bright Results'],
    ];
    const sent = await priya.form(path, form);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, verify]);
    expect(await dumpTables(world.store)).toBe(before);
  });
});

test('the passkey opens the form, for the next 15 minutes', async () => {
  await shown(16);
  const path = review('approve')(records);
  expect((await priya.send(path)).status).toBe(303);
  expect((await passkeyAt(priya, '/staff/passkey/options', '/staff/verify')).status).toBe(200);
  expect((await priya.send(path)).status).toBe(200);
  await shown(14);
  expect((await priya.send(path)).status).toBe(200);
});

test('in the portal a public key is added only soon after the passkey was shown', async () => {
  const dana = await staffBrowser(world, 'dana-whitfield');
  const { prisma } = world.store;
  await prisma.appKey.deleteMany({ where: { appId: world.backendId } });
  const path = `/developer/apps/${world.backendId}/keys`;
  const { publicKey } = await generateKeyPair('ES384', { extractable: true });
  const jwk = JSON.stringify({ ...(await exportJWK(publicKey)), kid: 'next', alg: 'ES384' });
  await shown(16);
  const late = await send(dana, path, path, { jwk });
  expect(late.headers.get('location')).toBe(`/staff/verify?${new URLSearchParams({ next: path })}`);
  expect(await prisma.appKey.count({ where: { appId: world.backendId } })).toBe(0);
  await shown(14);
  const added = await send(dana, path, path, { jwk });
  expect(added.headers.get('location')).toBe(`${path}?done=key-added`);
});
