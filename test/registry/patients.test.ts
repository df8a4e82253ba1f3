import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Command, type Output, readArgs } from '../../src/operations/command.ts';
import { identityCommands } from '../../src/operations/commands-identity.ts';
import { patientCommands } from '../../src/operations/commands-patients.ts';
import type { Actor } from '../../src/policy/permissions.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { addPatient, invitePatient, listPatients, showPatient } from '../../src/registry/patients.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { enrolLink, prove } from '../setup/identity.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let last = 0;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

const recordAt = (fhirId: string, fhirBaseUrl = world.fhirBase) => ({ fhirBaseUrl, fhirId });
const newcomer = (changes: object = {}) => {
  last += 1;
  return { name: `Pat ${String(last).padStart(3, '0')}`, records: [recordAt(`pat-${last}`)], ...changes };
};
const add = async (changes: object = {}, by: Actor = operator) =>
  (await addPatient(deps, by, newcomer(changes))).patientId;
const link = async (patientId: string) =>
  `${world.issuer}/invitation#${(await invitePatient(deps, operator, patientId)).code}`;
const eventsOf = (patientId: string) =>
  world.store.prisma.auditEvent.findMany({ where: { patientId }, orderBy: { id: 'asc' } });
const patients = () => world.store.prisma.patient.count();

const said: string[] = [];
const output: Output = {
  print: (line) => said.push(line),
  progress: () => undefined,
  write: async (text) => {
    said.push(text);
  },
};
async function postern(words: string, ...given: readonly string[]): Promise<string> {
  said.length = 0;
  const command = [...patientCommands, ...identityCommands].find((one) => one.words === words) as Command;
  const args = readArgs(command, given);
  if (args === undefined) throw new Error('help was asked for');
  expect(await command.run(deps as never, args, output)).toBe(0);
  return said.join('\n');
}

test.each([
  ['a vendor', () => actor('lantern', ['owner', 'developer'])],
  ['a reviewer', () => reviewer],
  ['a security officer', () => securityOfficer],
])('%s neither brings patients in nor sees them', async (_who, by) => {
  const patientId = await add();
  for (const asked of [
    addPatient(deps, by(), newcomer()),
    invitePatient(deps, by(), patientId),
    listPatients(deps, by()),
    showPatient(deps, by(), patientId),
  ])
    expect(await refusedWith(asked)).toEqual(['not_allowed']);
});

describe('what is refused, and leaves nothing', () => {
  test.each<[string, () => object, string]>([
    [
      'a FHIR base that is not registered',
      () => ({ records: [recordAt('a', 'https://x.example/r4')] }),
      'records.0.fhirBaseUrl fhir_base_unknown',
    ],
    [
      'one with U+0000',
      () => ({ records: [recordAt('a', 'https://\0')] }),
      'records.0.fhirBaseUrl fhir_base_unknown',
    ],
    ['no record', () => ({ records: [] }), 'records required'],
    [
      'two of one base',
      () => ({ records: [recordAt('a'), recordAt('b')] }),
      'records.1.fhirBaseUrl duplicate',
    ],
    [
      'an id that is none',
      () => ({ records: [recordAt('Patient/a')] }),
      'records.0.fhirId fhir_id_unreadable',
    ],
    ['no name', () => ({ name: ' ' }), 'name required'],
    ['an unknown field', () => ({ admin: true }), 'admin unknown_field'],
  ])('%s', async (_what, changes, told) => {
    const before = await patients();
    expect(await refusedWith(add(changes()))).toEqual(['input_invalid', told]);
    expect(await patients()).toBe(before);
  });

  test('a record that is of somebody else, also of two at once', async () => {
    const { sandbox, production } = {
      sandbox: world.fhirBase.replace('/fhir', '/sandbox'),
      production: world.fhirBase,
    };
    const bases = new Set((await world.store.prisma.fhirBase.findMany()).map(({ url }) => url));
    const free = bases.has(sandbox) ? [recordAt('new-one', sandbox)] : [];
    await add({ records: [recordAt('taken')] });
    const before = await patients();
    const records = [...free, recordAt('taken', production)];
    expect(await refusedWith(add({ records }))).toEqual([
      'input_invalid',
      `records.${free.length}.fhirId record_of_another`,
    ]);
    const both = await Promise.allSettled([1, 2].map(() => add({ records: [recordAt('at-once')] })));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await patients()).toBe(before + 1);
  });

  test('an invitation of nobody, and of who has a passkey', async () => {
    for (const nobody of ['nobody', '\0', ''])
      expect(await refusedWith(invitePatient(deps, operator, nobody))).toEqual(['record_unknown']);
    const patientId = await add();
    await new TestBrowser(world.issuer).enrol(await link(patientId));
    expect(await refusedWith(invitePatient(deps, operator, patientId))).toEqual([
      'input_invalid',
      'patientId patient_has_passkey',
    ]);
  });
});

test('an invited patient makes a passkey and shares her record; only the last link opens', async () => {
  const patientId = await add({ name: 'Noor Haddad' });
  const [first, second] = [await link(patientId), await link(patientId)];
  const noor = new TestBrowser(world.issuer);
  expect((await noor.enrol(first)).status).toBe(410);
  expect((await noor.enrol(second)).status).toBe(200);
  expect((await new TestBrowser(world.issuer).enrol(second)).status).toBe(410);
  expect((await noor.open('/my')).html).toContain('Noor Haddad');
  const back = await noor.authorize(authorizationRequest(world).url);
  expect(back.searchParams.get('code')).not.toBeNull();

  const events = await eventsOf(patientId);
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['patient.added', 'patient.invited', 'invitation.issued', 'passkey.registered']),
  );
  expect(events[0]).toMatchObject({
    ...{ type: 'patient.added', accountId: operator.personId },
    detail: { fhirBases: [world.fhirBase], via: 'portal' },
  });
  for (const url of [first, second])
    expect(JSON.stringify(events.map(({ detail }) => detail))).not.toContain(url.split('#')[1]);
});

test('a patient who was added and identified comes in by proofing, without an invitation', async () => {
  const told = await postern(
    'patient add',
    '--name',
    'Jordan Blake',
    '--record',
    `${world.fhirBase}=Patient/jordan`,
  );
  const id = /^Patient: (\S+)$/.exec(told)?.[1] ?? '';
  const who = ['--given-name', 'Jordan', '--family-name', 'Blake', '--born', '1990-04-17'];
  await postern('patient identify', id, ...who, '--postal-code', '60601');
  const browser = new TestBrowser(world.issuer);
  const page = await prove(world, browser, await enrolLink(browser), 'demo-jordan-blake 2');
  expect((await browser.makePasskey(page)).status).toBe(200);
  expect(await showPatient(deps, operator, id)).toMatchObject({
    ...{ name: 'Jordan Blake', records: [recordAt('jordan')] },
    ...{ identified: true, passkeys: 1, invitedUntil: null },
  });
});

test('the command line adds, invites, lists and shows', async () => {
  const told = await postern('patient add', '--name', 'Zu Zhang', '--record', `${world.fhirBase}=zu`);
  const id = /^Patient: (\S+)$/.exec(told)?.[1] ?? '';
  const url = (await postern('patient invite', id)).split('\n').at(-1) ?? '';
  expect(url).toMatch(new RegExp(`^${world.issuer}/invitation#[\\w-]{32}$`));
  const shown = await postern('patient show', id);
  expect(shown).toContain(`Record: ${world.fhirBase}/Patient/zu\nIdentified: no`);
  expect(shown).toMatch(/Passkeys: 0\nInvited until: 20\d\d-/);
  expect(shown).not.toContain(url.split('#')[1]);
  expect(JSON.parse(await postern('patient show', id, '--json'))).toMatchObject({ id, passkeys: 0 });
  expect(await postern('patient list', '--name', 'zhang')).toMatch(/Zu Zhang +1 +no +0 +20/);
  expect(JSON.parse(await postern('patient list', '--name', 'ZU Z', '--json'))).toMatchObject([{ id }]);
  await new TestBrowser(world.issuer).enrol(url);
  expect(await postern('patient show', id)).toContain('Passkeys: 1\nInvited until: -');
  await expect(postern('patient add', '--name', 'A', '--record', 'zu')).rejects.toThrow('--record is');
});

test('the list is read page by page, each patient once', async () => {
  const names: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await listPatients(deps, operator, { limit: 3, ...(after === undefined ? {} : { after }) });
    names.push(...page.rows.map(({ name, id }) => `${name} ${id}`));
    after = page.next;
  }
  expect(names).toHaveLength(await patients());
  expect(new Set(names).size).toBe(names.length);
  expect(await refusedWith(listPatients(deps, operator, { filter: { name: '\0' } }))).toEqual([
    'input_invalid',
    'name text_unprintable',
  ]);
  expect(await refusedWith(showPatient(deps, operator, '\0'))).toEqual(['record_unknown']);
});
