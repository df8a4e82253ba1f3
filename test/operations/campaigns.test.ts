// What campaigns do by themselves: two warnings, once each, and what silence leads to.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Output, readArgs } from '../../src/operations/command.ts';
import { campaignCommands } from '../../src/operations/commands-campaigns.ts';
import { statementCommands } from '../../src/operations/commands-statements.ts';
import type { Snapshot } from '../../src/policy/attestation.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { resumeApp } from '../../src/registry/app-standing.ts';
import { attestApp } from '../../src/registry/attestations.ts';
import { countOpenAttestations } from '../../src/registry/campaign-lists.ts';
import { runCampaigns } from '../../src/registry/campaign-rounds.ts';
import { closeCampaign, remindCampaign } from '../../src/registry/campaigns.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { openCampaign } from '../../src/registry/new-campaign.ts';
import { findApp } from '../../src/store/apps.ts';
import { connect } from '../setup/connection.ts';
import { decide, readOf } from '../setup/decisions.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 86_400_000;
const ITEMS = ['use_case', 'purposes', 'scopes', 'contract', 'subprocessors'];

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let attested: string;
let silent: string;
let campaignId: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  attested = (await approvedApp(world, deps, vendor, { name: 'Attested' })).appId;
  silent = (await approvedApp(world, deps, vendor, { name: 'Silent' })).appId;
  campaignId = (await open({})).campaignId;
});
afterAll(() => world.stop());

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const open = (changes: object) =>
  openCampaign(deps, operator, {
    ...{ reason: 'The yearly look.', dueAt: inDays(20).toISOString() },
    ...{ selection: { organizationId: vendor.id }, ...changes },
  });
const failures: unknown[] = [];
const round = () => runCampaigns({ store: world.store, log: { error: (facts) => failures.push(facts) } });

/** How many people were told about an app since the last time. */
async function told(appId: string, type: string): Promise<number> {
  const rows = await world.store.prisma.outboxMessage.findMany();
  return rows.filter(({ content }) => {
    const { type: one, appId: about } = content as { type: string; appId?: string };
    return one === type && about === appId;
  }).length;
}
const snapshotOf = async (appId: string, campaign = campaignId) =>
  world.store.prisma.campaignSnapshot.findFirstOrThrow({ where: { appId, campaignId: campaign } });
async function attest(appId: string) {
  const actor = { ...vendor.owner, verifiedAt: new Date() };
  const { hash: snapshotHash } = await snapshotOf(appId);
  const input = { snapshotHash, decision: 'confirm', confirmed: ITEMS };
  return attestApp(deps, actor, { campaignId, appId }, input);
}
const appOf = (id: string) => world.store.prisma.app.findUniqueOrThrow({ where: { id } });

test('nothing that cannot be is opened', async () => {
  expect(await refusedWith(open({ dueAt: inDays(-1).toISOString() }))).toContain('dueAt date_past');
  expect(await refusedWith(open({ selection: { organizationId: 'nobody' } }))).toContain(
    'selection no_apps_selected',
  );
  expect(await refusedWith(open({ onSilence: 'offboard' }))).toContain('onSilence not_one_of');
  expect(await refusedWith(openCampaign(deps, vendor.owner, {}))).toEqual(['not_allowed']);
});

test('who has not answered is warned 14 and 3 days before, once each; who has is left alone', async () => {
  expect(await told(silent, 'attestation.asked')).toBe(2);
  await attest(attested);
  const heard: string[] = [];
  let left = 20;
  for (const next of [14.5, 13.9, 13, 3.5, 2.9, 1]) {
    world.clock.advance((left - next) * DAY_MS);
    left = next;
    await round();
    await round();
    heard.push(`${next}:${(await told(silent, 'attestation.due')) / 2}`);
  }
  expect(heard.join(' ')).toBe('14.5:0 13.9:1 13:1 3.5:1 2.9:2 1:2');
  expect(await told(attested, 'attestation.due')).toBe(0);
  expect(await remindCampaign(deps, operator, campaignId)).toEqual({ apps: 1 });
  expect(await told(silent, 'attestation.due')).toBe(6);
  const soon = { attestationDueAt: inDays(9) };
  await world.store.prisma.app.update({ where: { id: world.clientId }, data: soon });
  const counts = await countOpenAttestations(deps, operator);
  expect(counts).toMatchObject({ campaigns: 1, unanswered: 1, silent: 0, uncovered: 1 });
});

test('silence suspends on the due date, and stays overdue until somebody attests', async () => {
  const { dueAt } = await world.store.prisma.attestationCampaign.findFirstOrThrow();
  world.clock.advance(DAY_MS + 1_000);
  await round();
  const app = await appOf(silent);
  expect(app.suspendedAt).not.toBeNull();
  expect(app.attestationDueAt).toEqual(dueAt);
  expect((await appOf(attested)).suspendedAt).toBeNull();
  expect(await told(silent, 'app.suspended')).toBe(2);
  await round();
  expect(await world.store.prisma.auditEvent.count({ where: { type: 'attestation.missed' } })).toBe(1);
  await resumeApp(deps, operator, silent, { reason: 'They asked for it.' });
  await round();
  const resumed = await findApp(world.store, silent);
  expect(resumed?.suspendedAt).toBeNull();
  expect(resumed?.attestationDueAt?.getTime()).toBeLessThanOrEqual(resumed?.now.getTime() ?? 0);
  await attest(silent);
  expect((await appOf(silent)).attestationDueAt?.getTime()).toBeGreaterThan(Date.now() + 364 * DAY_MS);
});

test('where the operator said so, silence is a finding; a closed campaign does nothing any more', async () => {
  const reporting = await open({ onSilence: 'report', dueAt: inDays(2).toISOString(), warnDays: [1] });
  const closed = await open({ dueAt: inDays(2).toISOString() });
  await closeCampaign(deps, operator, closed.campaignId, { reason: 'Opened twice.' });
  expect(await refusedWith(closeCampaign(deps, operator, closed.campaignId, { reason: 'x' }))).toEqual([
    'state_conflict',
  ]);
  world.clock.advance(2.5 * DAY_MS);
  await round();
  await round();
  const findings = await world.store.prisma.finding.findMany({ where: { kind: 'attestation_missed' } });
  expect(findings.map(({ appId, event }) => [appId, event]).sort()).toEqual(
    [attested, silent].sort().map((appId) => [appId, reporting.campaignId]),
  );
  expect((await appOf(silent)).suspendedAt).toBeNull();
  expect(failures).toEqual([]);
});

test('a snapshot tells what was used, by the decisions of resource servers', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser());
  await world.introspect(accessToken);
  expect((await decide(world, readOf(accessToken))).decision).toBe(true);
  const { organizationId } = await appOf(world.clientId);
  const { campaignId: id } = await open({ selection: { organizationId } });
  const { facts } = await snapshotOf(world.clientId, id);
  const { use } = facts as unknown as Snapshot;
  expect(use).toMatchObject({ liveConsents: 1, livePatients: 1, accesses: 1 });
  expect(use.lastUsedAt).not.toBeNull();
  const state = (scope: string) => use.scopes.find((one) => one.scope.startsWith(scope));
  expect(state('patient/Patient')).toMatchObject({ state: 'used', used: 'r' });
  expect(use.scopes.map((one) => one.state)).toContain('unused');
});

test('the command line opens, lists, shows and closes them', async () => {
  const said: string[] = [];
  const output: Output = {
    ...{ print: (line) => said.push(line), progress: () => undefined },
    write: async (text) => void said.push(text),
  };
  const run = async (words: string, ...args: string[]) => {
    said.length = 0;
    const command = [...campaignCommands, ...statementCommands].find((one) => one.words === words);
    const given = command && readArgs(command, args);
    if (command === undefined || given === undefined) throw new Error(`there is no ${words}`);
    const sign = createSigner(await readSigningKeys(world.store, world.secret));
    const its = { ...deps, sign } as never;
    const code = await ('runAlone' in command
      ? command.runAlone(its, given, output)
      : command.run(its, given, output));
    return { code, text: said.join('\n') };
  };
  const opened = await run(
    'campaigns open',
    '--due',
    inDays(9).toISOString().slice(0, 10),
    '--reason',
    'Why',
    '--json',
  );
  const { campaignId: id, apps } = JSON.parse(opened.text) as { campaignId: string; apps: number };
  expect(apps).toBeGreaterThan(2);
  expect((await run('campaigns list')).text).toContain(id);
  expect((await run('campaigns show', id, '--unanswered')).text).toMatch(/Silent .*unanswered/);
  expect((await run('campaigns remind', id)).text).toContain(`${apps} apps`);
  const file = join(world.config.dataDirectory, 'evidence.jws');
  const keys = join(world.config.dataDirectory, 'jwks.json');
  await writeFile(file, (await run('campaigns export', id)).text);
  await writeFile(keys, await (await fetch(`${world.issuer}/jwks`)).text());
  expect((await run('attestations verify', file, '--jwks', keys)).text).toContain(
    `campaign ${id} with ${apps} apps`,
  );
  await writeFile(file, 'no evidence');
  expect((await run('attestations verify', file, '--jwks', keys)).code).toBe(1);
  expect((await run('campaigns close', id, '--reason', 'Done')).code).toBe(0);
  expect((await run('campaigns list', '--closed', '--json')).text).toContain(id);
});
