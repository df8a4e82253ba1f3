// What operators decide about by hand: restrictions, policies, findings of rules and what is said to them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readArgs } from '../../src/operations/command.ts';
import { governanceCommands } from '../../src/operations/commands-governance.ts';
import { byPolicy } from '../../src/policy/permissions.ts';
import { listApps } from '../../src/registry/app-records.ts';
import { openRuleFinding } from '../../src/registry/findings.ts';
import { overviewFor } from '../../src/registry/overview.ts';
import { restrictApp } from '../../src/registry/restrictions.ts';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let patient: TestBrowser;
let priya: TestBrowser;
let owner: TestBrowser;
let appId: string;
let findingId: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  vendor = await registerVendor(world);
  appId = await registerApp(world, world.clientId, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
  });
  patient = await world.patientBrowser();
  [priya, owner] = [await staffBrowser(world, 'priya-raman'), await staffBrowser(world, vendor.ownerId)];
  const found = await world.store.prisma.$transaction((tx) =>
    openRuleFinding(tx, world.store, {
      ...{ kind: 'unused_scope', rule: 'unused_scope', appId, score: 7 },
      figures: [{ name: 'unused_scopes', value: 3, threshold: 1 }],
      records: [{ type: 'app', id: appId }],
    }),
  );
  findingId = found.id;
});
afterAll(() => world.stop());

const told = async (cause: string) =>
  (await world.store.sql<{ type: string; detail: object }>(
    'SELECT type, detail FROM signal_event WHERE cause = $1 AND $2 = ANY (app_ids) ORDER BY sequence',
    [cause, appId],
  )) as readonly { type: string; detail: object }[];

const restrictions = '/admin/apps/{id}/restrictions';
const at = (path: string) => path.replace('{id}', appId);

test('stopped scopes leave the tokens that live, at once, and come back when that is lifted', async () => {
  const { accessToken } = await connect(world, patient, { client_id: appId });
  const held = async () => String((await world.introspect(accessToken)).scope);
  expect(await held()).toContain('patient/Observation.rs');
  const given = { kind: 'narrow', scopes: 'patient/Observation.rs', reason: 'It is looked into.' };
  const made = await submit(priya, at(`${restrictions}/new`), given);
  expect([made.status, made.location]).toEqual([303, at(`${restrictions}?done=saved`)]);
  expect(await held()).not.toContain('Observation');
  expect(await told('app.narrowed')).toEqual([
    { type: 'token-claims-change', detail: { claims: { scope_stopped: 'patient/Observation.rs' } } },
  ]);
  const [row] = await world.store.prisma.appRestriction.findMany({ where: { appId } });
  const lifted = await submit(priya, at(`${restrictions}/${row?.id}/lift`), { reason: 'It was nothing.' });
  expect(lifted.status).toBe(303);
  expect(await held()).toContain('patient/Observation.rs');
  expect(textOf((await priya.open(at(restrictions))).html)).toContain('It was nothing.');
  expect((await submit(priya, at(`${restrictions}/${row?.id}/lift`), { reason: 'Again.' })).status).toBe(409);
});

test('in quarantine what was issued runs out, and nothing follows it; how it is looked at is told', async () => {
  const { accessToken, refreshToken } = await connect(world, patient, { client_id: appId });
  await submit(priya, at(`${restrictions}/new`), { kind: 'quarantine', reason: 'Nobody answers.' });
  expect((await world.introspect(accessToken)).active).toBe(true);
  const again = () => refresh(world, refreshToken, { client_id: appId });
  expect(await refusalOf(await again())).toEqual([400, 'unauthorized_client']);
  const twice = await submit(priya, at(`${restrictions}/new`), { kind: 'quarantine', reason: 'Again.' });
  expect(twice.status).toBe(409);
  const confirm = `/developer/apps/${appId}/confirm`;
  const needed = { reason: 'We are here.' };
  expect((await submit(owner, confirm, needed)).status).toBe(409);
  expect((await owner.open(confirm)).response.url).toMatch(new RegExp(`/developer/apps/${appId}$`));
  const page = textOf((await owner.open(`/developer/apps/${appId}`)).html);
  expect(page).toMatch(
    /gets nothing new for now.+Quarantine ?: Nobody answers\. Priya Raman, .+ The operator of the network lifts it/,
  );
  const seen = textOf((await priya.open(at('/admin/apps/{id}'))).html);
  expect(seen).toMatch(
    /It is in quarantine: nothing new is issued to it.+Quarantine .*Nobody answers\. .+ Priya Raman/,
  );
  const rule = (kind: 'anomaly_volume' | 'dormant_app') =>
    world.store.prisma.$transaction(async (tx) => {
      const { id } = await openRuleFinding(tx, world.store, { kind, rule: kind, appId, figures: [] });
      const laid = { appId, kind: 'quarantine', reason: `Of ${kind}.`, findingId: id, by: byPolicy } as const;
      await restrictApp(tx, registryDeps(world), laid);
    });
  for (const kind of ['anomaly_volume', 'dormant_app'] as const) await rule(kind);
  expect((await submit(owner, confirm, { reason: '' })).status).toBe(422);
  expect((await submit(owner, confirm, needed)).status).toBe(303);
  expect((await submit(owner, confirm, needed)).status).toBe(409);
  const held = await world.store.prisma.appRestriction.findMany({ where: { appId, liftedAt: null } });
  expect(held.map(({ reason }) => reason).sort()).toEqual(['Nobody answers.', 'Of anomaly_volume.']);
  const anomaly = await world.store.prisma.finding.findFirst({ where: { appId, kind: 'anomaly_volume' } });
  expect(anomaly?.closedAt).toBeNull();
  expect(await refusalOf(await again())).toEqual([400, 'unauthorized_client']);
  expect(await told('app.confirmed')).toEqual([]);
  for (const { id } of held) await submit(priya, at(`${restrictions}/${id}/lift`), needed);
  expect((await again()).status).toBe(200);
  const levels = [...(await told('app.restricted')), ...(await told('app.confirmed'))];
  const current = levels.map(({ detail }) => (detail as { current_level: string }).current_level);
  expect(current).toEqual(['MEDIUM', 'LOW']);
});

test('an app is in quarantine where the doors say so: by a step-up of a service, not by one of a key', async () => {
  const { id: organizationId, ownerId, contractId } = vendor;
  const of = { organizationId, ownerId, contractId };
  const [keyed, service, trial] = [
    await registerApp(world, world.backendId, { ...of, name: 'Keyed' }),
    await registerApp(world, world.backendId, { ...of, name: 'Service' }),
    await registerApp(world, world.clientId, { ...of, name: 'Trial', environment: 'sandbox', audiences: [] }),
  ];
  const pages = async (id: string) => [
    textOf((await priya.open(`/admin/apps/${id}`)).html),
    textOf((await owner.open(`/developer/apps/${id}`)).html),
  ];
  const key = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: keyed } });
  await world.store.prisma.$transaction(async (tx) => {
    const found = { kind: 'dormant_key', rule: 'dormant_key', appId: keyed, figures: [] } as const;
    const { id: findingId } = await openRuleFinding(tx, world.store, found);
    const laid = { appId: keyed, kind: 'quarantine', keyId: key.id, reason: 'Idle.', by: byPolicy } as const;
    await restrictApp(tx, registryDeps(world), { ...laid, findingId });
  });
  const [inConsole = '', inPortal = ''] = await pages(keyed);
  expect(inConsole).toContain('It may act now');
  expect(inConsole).not.toContain('It is in quarantine');
  expect(inPortal).toMatch(
    /The app can be used\..+One credential of the app is in quarantine until its owner/,
  );
  expect(inPortal).not.toMatch(/gets nothing new|The app is in quarantine/);
  const confirm = textOf((await owner.open(`/developer/apps/${keyed}/confirm`)).html);
  expect(confirm).toContain('A credential of Keyed is in quarantine');
  for (const [id, kinds] of [
    [service, ['step_up']],
    [trial, ['quarantine', 'step_up']],
  ] as const) {
    for (const kind of kinds) {
      const given = { kind, reason: 'It is looked into.' };
      expect((await submit(priya, `/admin/apps/${id}/restrictions/new`, given)).status).toBe(303);
    }
    const [console = '', portal = ''] = await pages(id);
    expect(console).toContain('It is in quarantine: nothing new is issued to it.');
    expect(console).not.toContain('It may act now');
    expect(portal).toContain('In quarantine The app gets nothing new for now.');
    expect(portal).not.toContain('The app can be used');
  }
  const refused = await backendToken(world, {}, { clientId: service });
  expect(await refusalOf(refused)).toEqual([400, 'unauthorized_client']);
  const filter = { state: 'quarantined', organizationId } as const;
  const { rows } = await listApps(registryDeps(world), operator, { filter });
  expect(rows.map(({ name }) => name)).toEqual(['Service', 'Trial']);
  const acting = await listApps(registryDeps(world), operator, {
    filter: { state: 'acting', organizationId },
  });
  const here = ['Keyed', 'Service', 'Trial'];
  expect(acting.rows.map(({ name }) => name).filter((name) => here.includes(name))).toEqual(['Keyed']);
  for (const text of [
    (await priya.open(`/admin/apps?organization=${organizationId}`)).html,
    (await priya.open(`/admin/organizations/${organizationId}`)).html,
    (await owner.open('/developer')).html,
    (await owner.open('/developer?state=quarantined')).html,
  ].map(textOf)) {
    const tagOf = (name: string) =>
      new RegExp(`${name} .*?(In quarantine|Approved|In production|Ready|In the sandbox)`).exec(text)?.[1];
    expect([tagOf('Service'), tagOf('Trial')]).toEqual(['In quarantine', 'In quarantine']);
  }
  const counted = await overviewFor(registryDeps(world), operator);
  expect(counted.find(({ kind }) => kind === 'quarantined')?.count).toBe(2);
  await world.store.prisma.app.update({ where: { id: service }, data: { suspendedAt: new Date() } });
  expect((await pages(service))[0]).toMatch(/It may not act now\. .+ It is in quarantine/);
});

test('stepped up, the people who use an app sign in again before it goes on', async () => {
  const { refreshToken } = await connect(world, patient, { client_id: appId });
  world.clock.advance(2_000);
  await submit(priya, at(`${restrictions}/new`), { kind: 'step_up', reason: 'Too many requests.' });
  const again = (token: string) => refresh(world, token, { client_id: appId });
  expect(await refusalOf(await again(refreshToken))).toEqual([400, 'invalid_grant']);
  world.clock.advance(2_000);
  const { url } = authorizationRequest(world, { client_id: appId });
  expect((await patient.open(url)).html).toContain('data-passkey="sign-in"');
  const anew = await connect(world, patient, { client_id: appId });
  expect((await again(anew.refreshToken)).status).toBe(200);
});

test('a restriction says what it is: scopes of a narrowing, that can be read, and no others', async () => {
  const form = at(`${restrictions}/new`);
  for (const wrong of [
    { kind: 'narrow', scopes: '', reason: 'None.' },
    { kind: 'narrow', scopes: 'patient/Nonsense.xyz', reason: 'Unreadable.' },
    { kind: 'quarantine', scopes: 'patient/Patient.rs', reason: 'Too much.' },
    { kind: 'end', scopes: '', reason: 'No such kind.' },
  ])
    expect((await submit(priya, form, wrong)).status).toBe(422);
});

test('a finding shows its figures with their thresholds, its score and its records; its app answers', async () => {
  const text = textOf((await priya.open(`/admin/findings/${findingId}`)).html);
  expect(text).toMatch(/Score: 7\..+unused_scopes 3 1/);
  const own = textOf((await owner.open('/developer/findings')).html);
  expect(own).toContain('Scopes that nobody uses');
  const answer = `/developer/findings/${findingId}/answer`;
  expect((await submit(owner, answer, { text: '' })).status).toBe(422);
  const sent = await submit(owner, answer, { text: 'We need it in spring.' });
  expect(sent.location).toBe(`/developer/findings/${findingId}?done=answered`);
  expect(textOf((await priya.open(`/admin/findings/${findingId}`)).html)).toContain('We need it in spring.');
  const stranger = await registerVendor(world);
  const other = await staffBrowser(world, stranger.ownerId);
  expect((await other.open(`/developer/findings/${findingId}`)).response.status).toBe(404);
  await submit(priya, `/admin/findings/${findingId}/close`, { reason: 'That is a reason.' });
  expect((await submit(owner, answer, { text: 'Thank you.' })).status).toBe(409);
  expect(textOf((await owner.open(`/developer/findings/${findingId}`)).html)).toContain('That is a reason.');
});

test('what follows by itself is said by an operator, kept for good, and only what the rule can do', async () => {
  const list = async () => textOf((await priya.open('/admin/policies')).html);
  expect(await list()).toMatch(/App that nobody uses dormant_app Tell only 90 Nobody set it/);
  const url = '/admin/policies/dormant_app';
  expect((await priya.open('/admin/policies/constructor')).response.status).toBe(404);
  expect((await submit(priya, url, { action: 'narrow', reason: 'No.' })).status).toBe(422);
  expect((await submit(priya, url, { action: 'suspend', afterDays: '0', reason: 'No.' })).status).toBe(422);
  const set = await submit(priya, url, {
    action: 'quarantine',
    afterDays: '60',
    reason: 'The board said so.',
  });
  expect(set.location).toBe('/admin/policies?done=saved');
  expect(await list()).toMatch(/App that nobody uses dormant_app Quarantine 60/);
  const [event] = await world.store.prisma.auditEvent.findMany({ where: { type: 'policy.set' } });
  expect(event?.detail).toMatchObject({ action: 'quarantine', before: { action: 'alert', afterDays: 90 } });
  await expect(
    world.store.prisma.governancePolicy.updateMany({ data: { action: 'alert' } }),
  ).rejects.toThrow();
});

test('the command line does the same', async () => {
  const deps = {
    ...{ ...registryDeps(world), everySigningKey: async () => [] },
    ...{ decisions: {} as never, config: world.config },
  };
  const run = async (words: string, ...args: readonly string[]) => {
    const command = governanceCommands.find((one) => one.words === words);
    const said: string[] = [];
    const output = {
      print: (line: string) => void said.push(line),
      ...{ progress: () => undefined, write: async (text: string) => void said.push(text) },
    };
    const read = command && readArgs(command, args);
    if (command === undefined || read === undefined) throw new Error(`there is no ${words}`);
    return [await command.run(deps, read, output), said.join('\n')] as const;
  };
  const reason = ['--reason', 'By hand.'];
  await run('policies set', 'dormant_key', '--action', 'end', '--after-days', '30', ...reason);
  expect((await run('policies list'))[1]).toMatch(/dormant_key +end +30/);
  const [, id] = await run('restrictions add', appId, '--kind', 'quarantine', ...reason);
  expect((await run('restrictions list', appId))[1]).toContain(id);
  expect(await run('restrictions lift', id, ...reason)).toEqual([0, 'Lifted.']);
  expect((await run('findings list', '--state', 'closed', '--app', appId))[1]).toContain(findingId);
  expect((await run('findings show', findingId))[1]).toContain('We need it in spring.');
});
