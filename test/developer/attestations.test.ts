// A campaign, from the console that opens it to the evidence that it leaves; the owners answer in the portal.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attestApp, findAsked } from '../../src/registry/attestations.ts';
import { verifyEvidence } from '../../src/registry/campaign-evidence.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator, reviewer, submittedAgain } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 86_400_000;
const ITEMS = ['use_case', 'purposes', 'scopes', 'contract', 'subprocessors'];
const GIVEN_UP = 'patient/MedicationRequest.rs';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let [priya, owner, stranger]: TestBrowser[] = [];
let campaignId: string;
const apps: Record<string, string> = {};

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  const other = await registerVendor(world);
  for (const name of ['Kept', 'Changed', 'Ending'])
    apps[name] = (await approvedApp(world, deps, vendor, { name })).appId;
  await approvedApp(world, deps, other, { name: 'Elsewhere' });
  priya = await staffBrowser(world, 'priya-raman');
  owner = await staffBrowser(world, vendor.ownerId);
  stranger = await staffBrowser(world, other.ownerId);
  const opened = await submit(browser(priya), '/admin/campaigns/new', {
    ...{ reason: 'The yearly look.', onSilence: 'suspend', warnDays: '14 3', unusedDays: '90' },
    dueAt: new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10),
    organizationId: vendor.id,
  });
  campaignId = /campaigns\/([^?]+)\?done=campaign-opened/.exec(opened.location ?? opened.html)?.[1] ?? '';
});
afterAll(() => world.stop());

function browser(one: TestBrowser | undefined): TestBrowser {
  if (one === undefined) throw new Error('nobody is signed in');
  return one;
}
const pageOf = (name: string) => `/developer/attestations/${campaignId}/${apps[name]}`;
const read = async (one: TestBrowser | undefined, path: string) =>
  textOf((await browser(one).open(path)).html);
const hashOf = async (name: string) =>
  (
    await world.store.prisma.campaignSnapshot.findFirstOrThrow({
      where: { appId: apps[name] ?? '' },
      orderBy: { number: 'desc' },
    })
  ).hash;
const answer = async (name: string, fields: Readonly<Record<string, string | readonly string[]>> = {}) =>
  submit(browser(owner), pageOf(name), {
    ...{ snapshotHash: await hashOf(name), decision: 'confirm', confirmed: ITEMS },
    ...fields,
  });
const appOf = (name: string) => world.store.prisma.app.findUniqueOrThrow({ where: { id: apps[name] ?? '' } });

test('a campaign asks about the apps that were selected, and nobody else is shown them', async () => {
  expect(await read(owner, '/developer/attestations')).toMatch(/Kept .*Not answered yet The yearly look\./);
  expect(await read(stranger, '/developer/attestations')).toContain('Nothing is asked now.');
  expect((await browser(stranger).open(pageOf('Kept'))).response.status).toBe(404);
  const page = await read(owner, pageOf('Kept'));
  expect(page).toContain(`${GIVEN_UP}: no live consent holds it`);
  expect(page).toContain('If nobody confirms it by then, the app is suspended.');
  expect(page).toContain('Compared with');
  expect(await read(priya, `/admin/campaigns/${campaignId}`)).toMatch(/0 of 3 answered .*3 3 .*Ending/);
});

describe('an answer', () => {
  test.each<[string, Record<string, string | readonly string[]>, RegExp]>([
    ['that leaves an item out', { confirmed: ITEMS.slice(1) }, /Everything is to be confirmed/],
    ['about another snapshot', { snapshotHash: 'f'.repeat(64) }, /Meanwhile the operator asked anew/],
    ['that gives up what it has not', { givenUpScopes: 'patient/*.cruds' }, /field-givenUpScopes-fault/],
    ['that it is to end, without why', { decision: 'end' }, /field-note-fault/],
    ['without a decision', { decision: '' }, /fault-summary/],
  ])('%s is none', async (_, fields, told) => {
    const sent = await answer('Kept', fields);
    expect(sent.status).toBe(422);
    expect(sent.html).toMatch(told);
    expect(await world.store.prisma.attestation.count()).toBe(0);
  });

  test('of an operator, or of who answers for another organization, is none', async () => {
    const input = { snapshotHash: await hashOf('Kept'), decision: 'confirm', confirmed: ITEMS };
    const about = { campaignId, appId: apps.Kept ?? '' };
    const by = (actor: object) =>
      refusedWith(attestApp(deps, { ...vendor.owner, verifiedAt: new Date(), ...actor }, about, input));
    expect(await by(operator)).toEqual(['not_allowed']);
    expect(await by({ organizationId: 'elsewhere' })).toEqual(['record_unknown']);
    expect(await by({ personId: 'a colleague' })).toEqual(['not_allowed']);
    expect(await by({ via: 'api', verifiedAt: undefined })).toEqual(['not_allowed']);
    const csrf = csrfIn((await browser(stranger).open('/developer/attestations')).html);
    const sent = await browser(stranger).form(pageOf('Kept'), [['csrf', csrf]]);
    expect(sent.status).toBe(404);
  });

  test('gives scopes up at once, sets the next date, and stands for good', async () => {
    const sent = await answer('Kept', { givenUpScopes: GIVEN_UP });
    expect(sent.location).toBe('/developer/attestations?done=attested');
    const left = (await appOf('Kept')).attestationDueAt?.getTime() ?? 0;
    expect(Math.round((left - Date.now()) / DAY_MS)).toBe(365);
    expect(
      await world.store.prisma.appRestriction.findMany({ where: { appId: apps.Kept ?? '' } }),
    ).toMatchObject([{ kind: 'narrow', scopes: [GIVEN_UP] }]);
    const row = await world.store.prisma.attestation.findFirstOrThrow();
    expect(row).toMatchObject({
      attestedBy: vendor.ownerId,
      snapshotHash: await hashOf('Kept'),
      confirmed: ITEMS,
    });
    expect((await answer('Kept')).status).toBe(409);
    const where = { id: row.id };
    await expect(world.store.prisma.attestation.update({ where, data: { note: 'x' } })).rejects.toThrow();
    await expect(world.store.prisma.attestation.delete({ where })).rejects.toThrow();
    expect(await read(owner, pageOf('Kept'))).toContain('Confirmed, scopes given up');
  });

  test('about what has changed since waits until the operator asks anew', async () => {
    const before = await hashOf('Changed');
    const { reviewId } = await submittedAgain(world, deps, vendor, apps.Changed ?? '', {
      maxConsentDays: 30,
    });
    await decideReview(deps, reviewer, reviewId, { decision: 'approve', reason: 'It is as it should be.' });
    const page = await browser(owner).open(pageOf('Changed'));
    expect(page.html).toContain('its revision in force');
    expect(page.html).not.toContain('name="decision"');
    const about = { campaignId, appId: apps.Changed ?? '' };
    const input = { snapshotHash: before, decision: 'confirm', confirmed: ITEMS };
    const actor = { ...vendor.owner, verifiedAt: new Date() };
    expect(await refusedWith(attestApp(deps, actor, about, input))).toEqual([
      ...['input_invalid', 'snapshotHash snapshot_outdated'],
    ]);
    const again = `/admin/campaigns/${campaignId}/ask-again/${apps.Changed}`;
    expect((await submit(browser(priya), again)).location).toContain('done=asked-again');
    expect((await answer('Changed', { snapshotHash: before })).status).toBe(422);
    expect((await answer('Changed')).status).toBe(303);
  });

  test('takes a passkey that was shown a short while ago', async () => {
    world.clock.advance(16 * 60_000);
    const { response } = await browser(owner).open(pageOf('Ending'));
    expect(response.url).toContain('/staff/verify');
    owner = await staffBrowser(world, vendor.ownerId);
    priya = await staffBrowser(world, 'priya-raman');
    expect((await answer('Ending', { decision: 'end', note: 'It is replaced.' })).status).toBe(303);
    expect(await read(priya, `/admin/campaigns/${campaignId}/apps`)).toMatch(/Ending .*Is to end/);
  });
});

test('to the organization that an app moved to the contract of before is not shown', async () => {
  const id = apps.Ending ?? '';
  const { id: organizationId } = (await registerVendor(world)) as Vendor;
  const seen = async (who: object) =>
    (await findAsked(deps, { ...vendor.owner, ...who }, campaignId, id)).snapshot.facts;
  expect((await seen({})).contract).not.toBeNull();
  await world.store.prisma.app.update({ where: { id }, data: { organizationId, ownerId: null } });
  expect(await seen({ organizationId })).toMatchObject({ contract: null, owner: null });
  expect((await seen(operator)).contract).not.toBeNull();
  await world.store.prisma.app.update({
    ...{ where: { id }, data: { organizationId: vendor.id, ownerId: vendor.ownerId } },
  });
});

test('the evidence proves itself, unless something of it was changed', async () => {
  const path = `${world.issuer}/admin/campaigns/${campaignId}/evidence`;
  const jws = (await browser(priya).open(`${path}.jws`)).html;
  const keys = (await (await fetch(`${world.issuer}/jwks`)).json()) as { keys: [] };
  const evidence = await verifyEvidence(keys, jws);
  expect(evidence?.apps.map(({ outcome }) => outcome).sort()).toEqual(['confirmed', 'ending', 'narrowed']);
  const [head = '', payload = '', signature = ''] = jws.split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace('narrowed', 'confirmed');
  const changed = [head, Buffer.from(forged).toString('base64url'), signature].join('.');
  expect(await verifyEvidence(keys, changed)).toBeUndefined();
  const csv = (await browser(priya).open(`${path}.csv`)).html;
  expect(csv.split('\r\n')).toHaveLength(5);
  expect(csv).toContain(`narrowed,`);
  const events = await world.store.prisma.auditEvent.count({ where: { type: 'campaign.exported' } });
  expect(events).toBe(2);
});
