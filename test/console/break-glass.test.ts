import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readArgs } from '../../src/operations/command.ts';
import { commandLine } from '../../src/policy/permissions.ts';
import { requestBreakGlass } from '../../src/registry/break-glass.ts';
import { approveBreakGlass } from '../../src/registry/break-glass-decisions.ts';
import { addRestriction } from '../../src/registry/restriction-commands.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { commandOf, inFile, namedCommands, tokenOf } from '../setup/named-commands.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { awaitedRenewal, operator, submittedApp } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';
import { standingAgain } from './break-glass-standing.ts';

let world: World;
let ana: TestBrowser;
let dana: TestBrowser;
let priya: TestBrowser;
let tom: TestBrowser;
let patientId: string;
let emergency: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  ana = await world.patientBrowser();
  await connect(world, ana);
  patientId = (await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } })).id;
  emergency = await registerApp(world, world.backendId, { purposes: ['TREAT'] });
  [dana, priya, tom] = [
    await staffBrowser(world, 'dana-whitfield'),
    await staffBrowser(world, 'priya-raman'),
    await staffBrowser(world, 'tom-lindqvist'),
  ];
});
afterAll(() => world.stop());

const { lines, runCommand } = namedCommands(() => world);
const LIST = '/admin/break-glass';
const why = { reason: 'She cannot find an app', ticket: 'S-7' };
const because = { reason: 'A test' };

test('support sees what a patient shares for an hour that another person granted, and she is told', async () => {
  const asked = await submit(priya, `${LIST}/new`, { patientId, ...why, minutes: '30' });
  expect(asked.status).toBe(303);
  const path = String(asked.location).replace(/\?.*/, '');
  expect((await priya.open(`${path}/look`)).response.status).toBe(409);
  expect((await submit(priya, `${path}/approve`, because)).status).toBe(403);
  expect((await submit(tom, `${path}/approve`, because)).location).toBe(`${path}?done=glass-opened`);
  expect((await tom.open(`${path}/look`)).response.status).toBe(404);
  const seen = textOf((await priya.open(`${path}/look`)).html);
  expect(seen).toMatch(/Support access [-0-9a-f]{36}, until .+ Lantern Health .+ consent\.granted/);
  expect(seen).not.toContain('Ana Rivera');
  const looked = await world.store.prisma.auditEvent.findMany({ where: { type: 'patient.looked_at' } });
  const id = path.split('/').at(-1);
  expect(looked).toMatchObject([
    {
      accountId: 'priya-raman',
      patientId,
      purpose: 'HSYSADMIN',
      detail: { breakGlass: id, kind: 'support' },
    },
  ]);
  expect(textOf((await ana.open('/my')).html)).toMatch(/Priya Raman, our support From .+ cannot find an app/);
  expect(textOf((await ana.open('/my/notices')).html)).toContain('Support staff may look at what you share');
  const early = { outcome: 'justified', note: 'Not yet.' };
  expect((await submit(tom, `${path}/review`, early)).status).toBe(409);
  expect((await tom.open(path)).html).not.toContain(`${path}/review`);
  expect((await submit(tom, `${path}/end`, because)).status).toBe(303);
  expect((await tom.open(path)).html).toContain(`${path}/review`);
  expect((await priya.open(`${path}/look`)).response.status).toBe(409);
  const reviewed = await submit(tom, `${path}/review`, { outcome: 'justified', note: 'Ticket closed.' });
  expect(reviewed.status).toBe(303);
  const history = textOf((await ana.open('/my/history')).html);
  expect(history).toContain('Priya Raman of our support got access');
  expect(history).toContain('The access of our support was ended.');
});

test('a vendor asks in the portal; the operator denies; nobody else reads of it', async () => {
  const wanted = {
    ...{ appId: emergency, fhirBaseUrl: world.fhirBase, fhirId: 'ana-rivera', purpose: 'BTG', ...why },
    ...{ scope: 'patient/Patient.rs', who: 'Dr. Amy Lee', minutes: '' },
  };
  const wrong = await submit(dana, '/developer/break-glass/new', { ...wanted, scope: 'system/Patient.rs' });
  expect(wrong.status).toBe(422);
  const asked = await submit(dana, '/developer/break-glass/new', wanted);
  expect([asked.status, asked.location]).toEqual([303, '/developer/break-glass?done=glass-asked']);
  const list = textOf((await tom.open(`${LIST}?waiting=yes`)).html);
  expect(list).toContain('Waits for approval');
  const row = await world.store.prisma.breakGlass.findFirstOrThrow({ where: { kind: 'treatment' } });
  expect((await submit(tom, `${LIST}/${row.id}/deny`, { reason: 'Ask her.' })).status).toBe(303);
  expect(textOf((await dana.open('/developer/break-glass')).html)).toMatch(
    /Dr\. Amy Lee .+ Denied Ask her\./,
  );
  expect((await dana.open(LIST)).response.status).toBe(403);
});

test('an app that would get no token is not offered for emergencies, nor asked for before anything begins', async () => {
  const inNeed = { purposes: ['TREAT'] };
  const [unseen, held] = [
    await registerApp(world, world.backendId, { ...inNeed, reviewedAt: null }),
    await registerApp(world, world.backendId, inNeed),
  ];
  const deps = registryDeps(world, { breakGlass: 'review' });
  await addRestriction(deps, operator, held, { kind: 'quarantine', reason: 'An inquiry.' });
  const { html } = await dana.open('/developer/break-glass/new');
  expect(html).toContain(`value="${emergency}"`);
  for (const appId of [unseen, held]) {
    expect(html).not.toContain(appId);
    const asked = requestBreakGlass(deps, actor('lantern', ['developer'], 'dana-whitfield'), {
      ...{ appId, fhirBaseUrl: world.fhirBase, fhirId: 'ana-rivera', purpose: 'BTG', ...why },
      ...{ scope: 'patient/Patient.rs', who: 'Dr. Amy Lee' },
    });
    expect(await refusedWith(asked)).toEqual(['input_invalid', 'appId app_may_not_act']);
  }
  expect(await world.store.prisma.breakGlass.count({ where: { appId: { in: [unseen, held] } } })).toBe(0);
});

standingAgain(() => ({ world, tom, emergency, patientId }));

test('who only oversees gets a token on a page of the console, and decides with it at the command line', async () => {
  expect((await priya.open('/admin')).html).toContain('href="/admin/tokens"');
  const [asDana, asPriya] = [await tokenOf(dana, '/developer/tokens'), await tokenOf(priya)];
  const deps = registryDeps(world);
  const vendor = await registerVendor(world);
  const { reviewId } = await submittedApp(world, deps, vendor);
  const decide = [
    'review decide',
    reviewId,
    '--decision',
    'approve',
    '--reason',
    'As it should be.',
  ] as const;
  expect(await refusedWith(runCommand(...decide, ...asDana))).toEqual(['record_unknown']);
  expect(await runCommand(...decide, ...asPriya)).toBe(0);
  expect(JSON.parse(lines.pop() ?? '')).toMatchObject({ closed: true, outcome: 'approved' });
  const contractId = await awaitedRenewal(world, deps, vendor);
  const approve = ['contracts approve', contractId, '--reason', 'It was read.'] as const;
  expect(await refusedWith(runCommand(...approve, ...asPriya))).toEqual(['segregation_of_duties']);
  expect(await runCommand(...approve, ...(await tokenOf(tom)))).toBe(0);
  expect(JSON.parse(lines.pop() ?? '')[0]).toMatchObject({ id: contractId, approvedAt: expect.any(String) });
});

test('the command line asks for somebody, lists and ends; whom it names is not the second person', async () => {
  const deps = registryDeps(world);
  const run = (words: string, ...args: string[]) => runCommand(`breakglass ${words}`, ...args);
  const options = {
    app: emergency,
    base: world.fhirBase,
    patient: 'ana-rivera',
    scope: 'patient/Patient.rs',
  };
  const more = { purpose: 'BTG', who: 'Dr. Amy Lee', reason: 'Unconscious', ticket: 'ED-2' };
  const given = Object.entries({ ...options, ...more }).flatMap(([name, value]) => [`--${name}`, value]);
  expect(() => readArgs(commandOf('breakglass request'), given)).toThrow('--token-file');
  const nobody = await inFile('priya-raman');
  expect(await refusedWith(run('request', ...given, ...nobody))).toEqual(['token_unknown']);
  const asPriya = await tokenOf(priya);
  expect(await run('request', ...given, ...asPriya)).toBe(0);
  const { breakGlassId } = JSON.parse(lines.pop() ?? '') as { breakGlassId: string };
  const approve = ['approve', breakGlassId, '--reason', 'She is known here.'] as const;
  expect(() => readArgs(commandOf('breakglass approve'), [])).toThrow();
  const own = run(...approve, ...asPriya);
  expect(await refusedWith(own)).toEqual(['segregation_of_duties']);
  const byShell = approveBreakGlass(deps, commandLine, breakGlassId, { reason: 'a test' });
  expect(await refusedWith(byShell)).toEqual(['segregation_of_duties']);
  const told = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { type: 'break_glass.requested', accountId: 'priya-raman' },
    orderBy: { id: 'desc' },
  });
  expect(told.detail).toMatchObject({ via: 'cli', osUser: 'root-of-the-shell' });
  expect((await submit(priya, `${LIST}/${breakGlassId}/approve`, because)).status).toBe(403);
  expect((await submit(tom, `${LIST}/${breakGlassId}/approve`, because)).status).toBe(303);
  await run('list', '--json');
  expect(JSON.parse(lines.pop() ?? '')[0]).toMatchObject({ id: breakGlassId, state: 'open' });
  expect(await run('end', breakGlassId, '--reason', 'It is over.')).toBe(0);
  const mine = { outcome: 'justified', note: 'Mine.' };
  expect((await submit(priya, `${LIST}/${breakGlassId}/review`, mine)).status).toBe(403);
});

test('asking for records that are not there is on record, without their ids, and comes to an end', async () => {
  const tomHimself = actor('demo-network', ['operator'], 'tom-lindqvist');
  const guess = (number: number) =>
    requestBreakGlass(registryDeps(world), tomHimself, {
      ...{ appId: emergency, fhirBaseUrl: world.fhirBase, fhirId: `guess-${number}`, purpose: 'BTG', ...why },
      ...{ scope: 'patient/Patient.rs', who: 'Dr. Amy Lee' },
    });
  const answers: string[] = [];
  for (let number = 0; number < 11; number += 1) answers.push((await refusedWith(guess(number))).join(' '));
  expect(new Set(answers.slice(0, 10))).toEqual(new Set(['input_invalid fhirId patient_unknown']));
  expect(answers[10]).toMatch(/appId asked_too_often$/);
  const refused = await world.store.prisma.auditEvent.findMany({
    where: { type: 'break_glass.refused', accountId: 'tom-lindqvist', appId: emergency },
  });
  expect(refused).toHaveLength(11);
  expect(refused[0]?.detail).toMatchObject({ kind: 'treatment', reason: 'fhirId patient_unknown' });
  expect(JSON.stringify(refused.map(({ detail }) => detail))).not.toContain('guess');
});
