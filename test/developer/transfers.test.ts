// An app goes to another organization: searched by name, offered to an owner, accepted with her contract, approved.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decideReview } from '../../src/registry/reviews.ts';
import { submitRevision } from '../../src/registry/submissions.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { reviewer } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, production, register, send, textOf } from './portal.ts';

let world: World;
let tidal: Vendor;
let dana: TestBrowser;
let noor: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  tidal = await registerVendor(world, { legalName: 'Tidal Apps' });
  await registerVendor(world, { legalName: 'Tidal Sandbox Only', admittedAt: null });
  dana = await staffBrowser(world, 'dana-whitfield');
  noor = await staffBrowser(world, tidal.ownerId);
});
afterAll(() => world.stop());

const read = async (browser: TestBrowser, path: string) => textOf((await browser.open(path)).html);
const LIST = '/developer/transfers';

async function propose(appId: string, newOwnerId = `owner@${tidal.id}.example`, toOrganizationId = tidal.id) {
  const path = `/developer/apps/${appId}/transfer`;
  return send(dana, path, path, { toOrganizationId, newOwnerId, to: 'Tidal' });
}

/** The page on which the new owner answers. */
async function offer(app: string): Promise<string> {
  const { html } = await noor.open(LIST);
  const row = html.split('<tr>').find((one) => one.includes(app) && one.includes('See the offer')) ?? '';
  return /href="(\/developer\/transfers\/[^"]+)"/.exec(row)?.[1] ?? '';
}

describe('the search for the other organization', () => {
  test('takes three letters of its name or its ID, and finds what the app can go to', async () => {
    const id = await register(dana, { ...production(world), name: 'Searched' });
    const path = `/developer/apps/${id}/transfer`;
    expect(await read(dana, path)).not.toContain('Tidal');
    expect(await read(dana, `${path}?to=ti`)).toContain('No organization was found');
    const found = await read(dana, `${path}?to=tidal`);
    expect(found).toContain('Tidal Apps (United States)');
    expect(found).not.toContain('Tidal Sandbox Only');
    expect(await read(dana, `${path}?to=${tidal.id}`)).toContain('Tidal Apps');
    // Neither one's own nor one that only processes data for others.
    for (const name of ['Lantern', 'Cumulus'])
      expect(await read(dana, `${path}?to=${name}`)).toContain('No organization was found');
    const sandbox = await register(dana, { ...harbor(world), name: 'Searched too' });
    expect(await read(dana, `/developer/apps/${sandbox}/transfer?to=tidal`)).toContain('Tidal Sandbox Only');
  });

  test('is for owners', async () => {
    const miguel = await staffBrowser(world, 'miguel-santos');
    const { response } = await miguel.open(`/developer/apps/${world.clientId}/transfer?to=tidal`);
    expect(response.status).toBe(403);
  });

  test.each<[string, () => [string, string?], string]>([
    ['an address that nobody has there', () => ['noor@elsewhere.example'], 'newOwnerId'],
    ['an address of another organization', () => ['dana@lantern.example'], 'newOwnerId'],
    ['someone who is not an owner', () => [`developer@${tidal.id}.example`], 'newOwnerId'],
    ['an ID of nobody', () => ['nobody'], 'newOwnerId'],
    ['nothing', () => [''], 'newOwnerId'],
    ['an organization that is not there', () => ['nobody', 'nowhere'], 'toOrganizationId'],
  ])('%s is refused at its field, with what was typed', async (_, whom, field) => {
    const [owner, organization] = whom();
    const answer = await propose(world.clientId, owner, organization);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(`id="field-${field}-fault"`);
    expect(html).toContain(`name="newOwnerId" type="text" value="${owner}"`);
  });
});

test('in the sandbox an app moves when it is accepted, and is then not there for the old owner', async () => {
  const id = await register(dana, { ...harbor(world), name: 'Driftwood' });
  const path = `/developer/apps/${id}`;
  expect((await propose(id)).headers.get('location')).toBe(`${path}/people?done=transfer-proposed`);
  expect(await read(noor, LIST)).toMatch(/Driftwood Lantern Health, Inc\. Tidal Apps .* See the offer/);
  const page = await offer('Driftwood');
  expect((await noor.open(page)).html).not.toContain('newContractId');
  expect((await dana.open(page)).response.status).toBe(404);
  expect((await send(dana, LIST, `${page}/accept`)).status).toBe(404);
  const accepted = await send(noor, page, `${page}/accept`);
  expect(accepted.headers.get('location')).toBe(`${LIST}?done=transfer-accepted`);
  expect(await read(noor, path)).toContain('Owner The owner');
  expect((await dana.open(path)).response.status).toBe(404);
  expect((await send(noor, LIST, `${page}/accept`)).status).toBe(409);
});

describe('in production', () => {
  test('the new owner accepts with a contract of hers, and the app moves with the next approval', async () => {
    const deps = registryDeps(world);
    const id = await register(dana, { ...production(world), name: 'Tideline' });
    const path = `/developer/apps/${id}`;
    await send(dana, `${path}/people`, `${path}/people`, {
      ...{ ownerId: 'dana-whitfield', backupOwnerId: 'miguel-santos' },
    });
    await propose(id);
    const page = await offer('Tideline');
    expect(await read(noor, page)).toMatch(/next approval of a review.*Agreement 1, until/);
    for (const newContractId of ['', 'lantern-2026', 'none']) {
      const refused = await send(noor, page, `${page}/accept`, { newContractId });
      expect([newContractId, refused.status]).toEqual([newContractId, 422]);
      expect(await refused.text()).toContain('id="field-newContractId-fault"');
    }
    await send(noor, page, `${page}/accept`, { newContractId: tidal.contractId });
    expect(await read(noor, LIST)).toMatch(/Tideline .* Accepted/);
    expect(await read(dana, `${path}/people`)).toMatch(/The owner accepted on .* has to be submitted/);
    const danaHerself = {
      personId: 'dana-whitfield',
      organizationId: 'lantern',
      roles: ['owner'],
      via: 'portal',
    } as const;
    const { revisionId } = await world.store.prisma.app.findUniqueOrThrow({ where: { id } });
    const { reviewId } = await submitRevision(deps, danaHerself, id, revisionId ?? '');
    await decideReview(deps, reviewer, reviewId, { decision: 'approve', reason: 'It is as it should be.' });
    expect(await read(noor, path)).toMatch(/In production .*Owner The owner .*Agreement 1,/);
    expect((await dana.open(path)).response.status).toBe(404);
  });

  test('without a contract in force there is nothing to accept with, and it can be declined', async () => {
    const id = await register(dana, { ...production(world), name: 'Slackwater' });
    await propose(id);
    const page = await offer('Slackwater');
    const terms = { where: { id: tidal.contractId } };
    const { endsAt } = await world.store.prisma.contract.findUniqueOrThrow(terms);
    await world.store.prisma.contract.update({ ...terms, data: { endsAt: new Date() } });
    const { html } = await noor.open(page);
    await world.store.prisma.contract.update({ ...terms, data: { endsAt } });
    expect(textOf(html)).toContain('no contract in force');
    expect(html).not.toContain(`${page}/accept`);
    const declined = await send(noor, page, `${page}/decline`);
    expect(declined.headers.get('location')).toBe(`${LIST}?done=transfer-declined`);
    expect(await read(dana, LIST)).toMatch(/Slackwater .* Declined/);
  });

  test('an offer that went wrong otherwise cannot be accepted, and can be withdrawn', async () => {
    const id = await register(dana, { ...production(world), name: 'Neap' });
    await propose(id);
    const page = await offer('Neap');
    const where = { id: tidal.id };
    await world.store.prisma.organization.update({ where, data: { admittedAt: null } });
    const refused = await send(noor, page, `${page}/accept`, { newContractId: tidal.contractId });
    await world.store.prisma.organization.update({ where, data: { admittedAt: new Date() } });
    expect(refused.status).toBe(409);
    const withdrawn = await send(dana, LIST, `${page}/withdraw`);
    expect(withdrawn.headers.get('location')).toBe(`${LIST}?done=transfer-withdrawn`);
    expect((await noor.open(page)).response.status).toBe(404);
  });
});
