import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Command, type Output, readArgs } from '../../src/operations/command.ts';
import { representationCommands } from '../../src/operations/commands-representations.ts';
import type { Actor } from '../../src/policy/permissions.ts';
import { recordBirthDate } from '../../src/registry/birth-dates.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { recordDemographics } from '../../src/registry/patient-demographics.ts';
import { listRepresentations } from '../../src/registry/representation-lists.ts';
import {
  changeRepresentation,
  endRepresentation,
  recordRepresentation,
} from '../../src/registry/representations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let ana: string;
let james: string;
let maya: string;

const idOf = async (name: string) =>
  (await world.store.prisma.patient.findFirstOrThrow({ where: { name } })).id;
const right = (changes: Record<string, unknown> = {}) => ({
  ...{ representativeId: ana, patientId: maya, relationship: 'parent', basis: 'minority' },
  ...{ evidence: 'Birth certificate', ...changes },
});
const appoint = (changes: Record<string, unknown> = {}, by: Actor = operator) =>
  recordRepresentation(deps, by, right(changes));
const event = (type: string) =>
  world.store.prisma.auditEvent.findFirstOrThrow({ where: { type }, orderBy: { id: 'desc' } });

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  [ana, james, maya] = await Promise.all([idOf('Ana Rivera'), idOf('James Okafor'), idOf('Maya Chen')]);
});
afterAll(() => world.stop());

describe('who may', () => {
  const vendor = actor('lantern', ['owner', 'developer'], 'somebody');

  test.each([
    ['a vendor', () => vendor],
    ['a reviewer', () => reviewer],
    ['a security officer', () => securityOfficer],
  ])('%s records none and changes no birth date', async (_who, by) => {
    expect(await refusedWith(appoint({}, by()))).toEqual(['not_allowed']);
    expect(await refusedWith(changeRepresentation(deps, by(), 'x', { evidence: 'y' }))).toEqual([
      'not_allowed',
    ]);
    expect(await refusedWith(recordBirthDate(deps, by(), maya, { birthDate: '2017-06-05' }))).toEqual([
      'not_allowed',
    ]);
  });

  test('neither vendor nor reviewer sees or ends one; a security officer does both', async () => {
    const { representationId } = await appoint();
    for (const by of [vendor, reviewer]) {
      expect(await refusedWith(listRepresentations(deps, by))).toEqual(['not_allowed']);
      expect(await refusedWith(endRepresentation(deps, by, representationId))).toEqual(['not_allowed']);
    }
    const { rows } = await listRepresentations(deps, securityOfficer);
    expect(rows).toMatchObject([{ id: representationId, standing: true, evidence: 'Birth certificate' }]);
    await endRepresentation(deps, securityOfficer, representationId);
    expect((await listRepresentations(deps, securityOfficer)).rows).toEqual([]);
    expect(await refusedWith(endRepresentation(deps, securityOfficer, representationId))).toEqual([
      'state_conflict',
    ]);
  });
});

test.each<[string, () => Record<string, unknown>, string[]]>([
  ['herself', () => ({ patientId: ana }), ['representativeId patient_same']],
  ['nobody', () => ({ patientId: 'nobody' }), ['patientId patient_unknown']],
  ['by nobody', () => ({ representativeId: 'nobo\0dy' }), ['representativeId text_unprintable']],
  ['an adult as a child', () => ({ patientId: james }), ['basis age_unfit']],
  ['named by a child', () => ({ basis: 'named' }), ['basis age_unfit']],
  ['without evidence', () => ({ evidence: ' ' }), ['evidence required']],
  ['as a friend', () => ({ relationship: 'friend' }), ['relationship not_one_of']],
  ['until yesterday', () => ({ endsAt: '2020-01-01' }), ['endsAt date_past']],
  [
    'beginning after the end',
    () => ({ startsAt: '2031-01-01', endsAt: '2030-01-01' }),
    ['endsAt out_of_range'],
  ],
  [
    'over a system',
    () => ({ scope: 'patient/Patient.rs system/Patient.rs' }),
    ['scope scope_not_of_patient'],
  ],
  [
    'over what is no scope',
    () => ({ scope: 'openid <b>' }),
    ['scope scope_not_of_patient', 'scope scope_not_of_patient'],
  ],
  [
    'over a type without a wording',
    () => ({ scope: 'patient/Appointment.rs' }),
    ['scope scope_not_of_patient'],
  ],
  ['with a field of its own', () => ({ recordedBy: 'me' }), ['recordedBy unknown_field']],
  [
    'as a Patient there',
    () => ({ fhirUsers: [{ fhirBaseUrl: world.fhirBase, fhirUser: 'Patient/ana-rivera' }] }),
    ['fhirUsers.0.fhirUser fhir_user_unreadable'],
  ],
  [
    'at a server that nobody knows, and twice at another',
    () => ({
      fhirUsers: ['https://elsewhere.example', world.fhirBase, world.fhirBase].map((fhirBaseUrl) => ({
        ...{ fhirBaseUrl, fhirUser: 'Person/1' },
      })),
    }),
    ['fhirUsers.0.fhirBaseUrl audience_unregistered', 'fhirUsers.2.fhirBaseUrl duplicate'],
  ],
])('acting for %s is refused, and nothing is recorded', async (_what, changes, faults) => {
  const before = await world.store.prisma.representation.count();
  expect(await refusedWith(appoint(changes()))).toEqual(['input_invalid', ...faults]);
  expect(await world.store.prisma.representation.count()).toBe(before);
});

test('what is recorded is told to both, with an event; a change is a record of its own', async () => {
  const told = () => world.store.prisma.patientNotice.findMany({ orderBy: { createdAt: 'desc' }, take: 2 });
  const fhirUsers = [{ fhirBaseUrl: world.fhirBase, fhirUser: 'RelatedPerson/ana-for-maya' }];
  const scope = ' patient/Patient.rs   patient/MedicationRequest.rs ';
  const { representationId: id } = await appoint({ scope, endsAt: '2028-01-01', fhirUsers });
  expect(await event('representation.created')).toMatchObject({
    ...{ accountId: operator.personId, patientId: maya },
    detail: {
      ...{ representationId: id, representativeId: ana, basis: 'minority', replaces: null, via: 'portal' },
      ...{ scope: scope.trim().replace(/ +/, ' '), endsAt: '2028-01-01T00:00:00.000Z' },
    },
  });
  expect((await told()).map(({ patientId, type }) => [patientId, type]).sort()).toEqual(
    [ana, maya].map((one) => [one, 'patient.representation_started']).sort(),
  );
  const change = { endsAt: '2029-01-01', evidence: 'Letter of 3 May' };
  const { representationId: longer } = await changeRepresentation(deps, operator, id, change);
  const rows = await world.store.prisma.representation.findMany({
    where: { OR: [{ id }, { firstId: id }] },
    include: { identities: true },
    orderBy: { recordedAt: 'asc' },
  });
  expect(rows).toMatchObject([
    { id, endedAt: null, endsAt: new Date('2028-01-01'), evidence: 'Birth certificate' },
    { id: longer, firstId: id, endsAt: new Date('2029-01-01'), evidence: 'Letter of 3 May' },
  ]);
  expect(rows[1]).toMatchObject({ scope: rows[0]?.scope, recordedBy: operator.personId, identities: [{}] });
  await endRepresentation(deps, operator, id);
  expect((await event('representation.ended')).detail).toMatchObject({
    representationIds: [id, longer].sort(),
    ...{ before: { endedAt: null }, after: { endedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/) } },
  });
  expect(await refusedWith(changeRepresentation(deps, operator, longer, change))).toEqual(['state_conflict']);
  expect(await refusedWith(changeRepresentation(deps, operator, 'nothing', change))).toEqual([
    'record_unknown',
  ]);
});

test('two operators at once: one of them finds it ended', async () => {
  const { representationId } = await appoint();
  const ended = await Promise.allSettled(
    [1, 2].map(() => endRepresentation(deps, operator, representationId)),
  );
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test.each(['2017-02-30', '2017-6-5', '1890-01-01', '2999-01-01', '2017-06-05T00:00:00Z', ''])(
  'a birth date %j is refused',
  async (birthDate) => {
    const [reason] = await refusedWith(recordBirthDate(deps, operator, maya, { birthDate }));
    expect(reason).toBe('input_invalid');
  },
);

test('a birth date of nobody is refused; the event of one tells that there is one, and whether it is another, and not which', async () => {
  const given = { birthDate: '2017-06-05' };
  expect(await refusedWith(recordBirthDate(deps, operator, 'nobody', given))).toEqual(['record_unknown']);
  expect(await recordBirthDate(deps, operator, maya, given)).toEqual({ endedGrants: 0 });
  const detail = async () => (await event('patient.birth_date_recorded')).detail as object;
  for (const [birthDate, after] of [
    ['2017-06-05', 'unchanged'],
    ['2016-01-02', 'changed'],
  ] as const) {
    await recordBirthDate(deps, operator, maya, { birthDate });
    const told = { before: { birthDate: 'recorded' }, after: { birthDate: after } };
    expect(await detail()).toEqual({ endedGrants: 0, via: 'portal', ...told });
  }
  await world.store.prisma.patient.update({ where: { id: maya }, data: { birthDate: null } });
  await recordBirthDate(deps, operator, maya, given);
  expect(await detail()).toMatchObject({ before: null, after: { birthDate: 'recorded' } });
});

test('demographics bring the birth date along: the ages of both are one', async () => {
  const names = { givenName: 'Maya', familyName: 'Chen', postalCode: '97205' };
  await recordDemographics(deps, operator, maya, { ...names, birthDate: '2016-06-05' });
  const { birthDate } = await world.store.prisma.patient.findUniqueOrThrow({ where: { id: maya } });
  expect(birthDate).toEqual(new Date('2016-06-05'));
});

test('on the command line: added, changed, listed, ended, page by page', async () => {
  await world.store.prisma.representation.deleteMany();
  const said: string[] = [];
  const output: Output = {
    print: (line) => said.push(line),
    progress: () => undefined,
    write: async (text) => {
      said.push(text);
    },
  };
  const postern = async (words: string, ...given: readonly string[]) => {
    said.length = 0;
    const command = representationCommands.find((one) => one.words === words) as Command;
    const args = readArgs(command, given);
    if (args === undefined) throw new Error('help was asked for');
    expect(await command.run(deps as never, args, output)).toBe(0);
    return said.join('\n');
  };
  const terms = ['--as', 'parent', '--basis', 'minority', '--evidence', 'Birth certificate'];
  const user = ['--fhir-user', `${world.fhirBase}=Person/ana`];
  const [, id = ''] =
    /: (\S+)$/.exec(await postern('representations add', ana, maya, ...terms, ...user)) ?? [];
  await postern('representations change', id, '--scope', 'patient/Patient.rs', '--evidence', 'Letter');
  expect(await postern('representations list')).toMatch(
    /Ana Rivera +parent +Maya Chen +minority +patient\/Patient\.rs/,
  );
  const all = JSON.parse(await postern('representations list', '--ended', '--json'));
  expect(all.map(({ endedAt }: { endedAt: string | null }) => endedAt !== null)).toEqual([false, true]);
  expect(all[0].fhirUsers).toEqual([{ fhirBaseUrl: world.fhirBase, fhirUser: 'Person/ana' }]);
  expect(await postern('patient birth-date', maya, '2017-06-05')).toContain('0.');
  await postern('representations end', id);
  expect(await postern('representations list', '--patient', maya)).not.toContain('Ana');
  await expect(postern('representations add', ana, maya, ...terms, '--fhir-user', 'nothing')).rejects.toThrow(
    '--fhir-user is',
  );
  const { rows, next } = await listRepresentations(deps, operator, { filter: { ended: true }, limit: 1 });
  const more = await listRepresentations(deps, operator, {
    filter: { ended: true },
    limit: 1,
    after: next ?? '',
  });
  expect([...rows, ...more.rows].map((row) => row.id)).toEqual(all.map((row: { id: string }) => row.id));
});
