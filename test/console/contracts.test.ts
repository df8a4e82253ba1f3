// Contracts where people keep them: the console, the vendor's portal, the command line.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CommandDeps, readArgs } from '../../src/operations/command.ts';
import { contractCommands } from '../../src/operations/commands-contracts.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Sent, submit, textOf } from '../setup/console-browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let priya: TestBrowser;
let tom: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  vendor = await registerVendor(world);
  priya = await staffBrowser(world, 'priya-raman');
  tom = await staffBrowser(world, 'tom-lindqvist');
});
afterAll(() => world.stop());

const faultsIn = ({ html }: Sent) => [...html.matchAll(/<a href="#field-([^"]+)">/g)].map(([, name]) => name);
const read = async (browser: TestBrowser, path: string) => textOf((await browser.open(path)).html);
const contracts = () =>
  world.store.prisma.contract.findMany({
    where: { organizationId: vendor.id, id: { not: vendor.contractId } },
    orderBy: { createdAt: 'asc' },
  });

/** The command line, in this process: what it printed. */
async function postern(words: string, ...args: string[]): Promise<string> {
  const command = contractCommands.find((one) => one.words === words);
  const read = command && readArgs(command, args);
  if (command === undefined || read === undefined) throw new Error(`there is no ${words}`);
  const lines: string[] = [];
  const output = {
    print: (line: string) => lines.push(line),
    progress: () => undefined,
    write: async (text: string) => void lines.push(text),
  };
  const code = await command.run(registryDeps(world) as CommandDeps, read, output);
  expect(code).toBe(0);
  return lines.join('\n');
}

test('an operator records limits; each fault stands beside its control; the vendor reads them with the days left', async () => {
  const form = `/admin/organizations/${vendor.id}/contracts/new`;
  const given = {
    ...{ reference: 'DUA 9', startsAt: '2026-01-01', endsAt: '2099-01-01', documentHash: 'f'.repeat(64) },
    ...{ datasets: 'Goal', operations: 'read', patientsPerHour: '40', timeZone: 'America/New_York' },
    windows: 'mon-fri 08:00-18:00',
  };
  const wrong = { ...given, documentHash: 'f', patientsPerHour: 'many', timeZone: 'Mars', windows: 'noon' };
  const refused = await submit(priya, form, wrong);
  expect([refused.status, new Set(faultsIn(refused))]).toEqual([
    ...[422, new Set(['documentHash', 'patientsPerHour', 'timeZone', 'windows'])],
  ]);
  expect(refused.html).toContain('value="many"');
  expect((await submit(priya, form, given)).status).toBe(303);
  const [made] = await contracts();
  expect(made?.limits).toMatchObject({
    ...{ datasets: ['Goal'], operations: ['read'], patientsPerHour: 40, resourcesPerHour: null },
    hours: { windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }] },
  });
  const page = await read(priya, `/admin/contracts/${made?.id}/terms`);
  expect(page).toMatch(/DUA 9 In force.* days left.*Patients an hour, at most 40.*America\/New_York/);
  const owner = await staffBrowser(world, vendor.ownerId);
  expect(await read(owner, '/developer/organization')).toMatch(
    /DUA 9 .* days left .*In force.*Hours Mon Tue Wed Thu Fri 08:00-18:00 \(America\/New_York\).*f{64}/,
  );
  expect((await owner.send(`/admin/contracts/${made?.id}/terms`)).status).toBe(403);
  // What the form says stands in it again: sent as it is, nothing changes.
  const filled = (await priya.open(`/admin/contracts/${made?.id}`)).html;
  expect(filled).toContain('mon tue wed thu fri 08:00-18:00');
  expect(filled).toMatch(/value="Goal"[^>]*checked/);
});

test('a renewal that agrees more awaits a reviewer who did not make it', async () => {
  const [made] = await contracts();
  const path = `/admin/contracts/${made?.id}`;
  const wide = { reference: 'DUA 10', startsAt: '2099-01-01', endsAt: '2100-01-01', datasets: 'everything' };
  expect((await submit(priya, `${path}/renew`, wide)).status).toBe(303);
  const renewal = (await contracts())[1];
  expect(renewal).toMatchObject({ renewsId: made?.id, approvalNeeded: ['limits_widened'], approvedAt: null });
  const page = `/admin/contracts/${renewal?.id}/terms`;
  expect(await read(priya, page)).toMatch(/Awaits approval.*More is agreed than before/);
  expect((await submit(priya, `${path}/renew`, wide)).status).toBe(422);
  const approval = `/admin/contracts/${renewal?.id}/approve`;
  expect((await submit(priya, approval, { reason: 'Fine' })).status).toBe(403);
  await world.store.prisma.personRole.create({
    data: { id: 'tom-reviews', personId: 'tom-lindqvist', role: 'reviewer', grantedBy: 'test' },
  });
  expect((await tom.open(page)).html).toContain(`href="${approval}"`);
  expect((await submit(tom, approval, { reason: 'Read and agreed' })).status).toBe(303);
  expect(await read(tom, page)).toMatch(/Not begun/);
});

test('the command line does the same, and keeps the hash of the document, not the document', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-contract-'));
  const file = join(directory, 'signed.pdf');
  await writeFile(file, 'what was signed');
  const period = ['--from', '2026-01-01', '--until', '2098-01-01'];
  const limits = ['--operation', 'read', '--window', 'sat 09:00-12:00', '--time-zone', 'UTC'];
  const id = await postern(
    'contracts add',
    vendor.id,
    '--reference',
    'C',
    ...period,
    '--document',
    file,
    ...limits,
  );
  const row = await world.store.prisma.contract.findUniqueOrThrow({ where: { id } });
  expect(row.documentHash).toBe(createHash('sha256').update('what was signed').digest('hex'));
  await postern(
    'contracts change',
    id,
    '--resources-per-hour',
    '5',
    '--operation',
    'read',
    ...limits.slice(2),
  );
  const renewed = JSON.parse(await postern('contracts renew', id, '--until', '2099-01-01', '--json'));
  expect(renewed).toMatchObject([{ renewsId: id, approvalNeeded: [], limits: { resourcesPerHour: 5 } }]);
  expect(await postern('contracts list', vendor.id)).toContain(renewed[0].id);
  const terms = JSON.parse(await postern('contracts terms', id, '--json'));
  expect(terms.map(({ recordedBy }: { recordedBy: string }) => recordedBy)).toEqual(['cli', 'cli']);
  expect((await postern('contracts terms', id)).split('\n')).toHaveLength(3);
  const unread = postern('contracts change', id, '--document', join(directory, 'none'));
  await expect(unread).rejects.toThrow('cannot be read');
  await rm(directory, { recursive: true });
});
