// U+0000 stands in no text of the database, which fails on it: a list that is asked for it is refused in words.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listApps } from '../../src/registry/app-records.ts';
import { listContracts } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { findDestinations } from '../../src/registry/destinations.ts';
import { listDomains, startDomainProof } from '../../src/registry/domains.ts';
import {
  createInitialAccessToken,
  listInitialAccessTokens,
} from '../../src/registry/initial-access-tokens.ts';
import { listOrganizations } from '../../src/registry/organizations.ts';
import { listPeople } from '../../src/registry/person-records.ts';
import { listReviews } from '../../src/registry/reviews.ts';
import { listSubprocessors } from '../../src/registry/subprocessors.ts';
import { listTransfers, proposeTransfer } from '../../src/registry/transfers.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator, reviewer, submittedApp } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  const [to] = [await registerVendor(world), await registerVendor(world, { kind: 'subprocessor' })];
  ({ appId } = await approvedApp(world, deps, vendor));
  await submittedApp(world, deps, vendor, { name: 'Next Results' });
  const destination = { toOrganizationId: to.id, newOwnerId: to.ownerId };
  await proposeTransfer(deps, vendor.owner, appId, destination);
  await startDomainProof(deps, vendor.owner, vendor.id, { domain: 'vendor.example' });
  const token = { organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox' };
  await createInitialAccessToken(deps, operator, token);
});
afterAll(() => world.stop());

type Listed = Promise<readonly unknown[] | { readonly rows: readonly unknown[] }>;
const LISTS: readonly (readonly [list: string, field: string, read: (more: string) => Listed])[] = [
  ['apps by name', 'name', (more) => listApps(deps, operator, { filter: { name: more } })],
  [
    'apps by organization',
    'organizationId',
    (more) => listApps(deps, operator, { filter: { organizationId: vendor.id + more } }),
  ],
  ['organizations by name', 'name', (more) => listOrganizations(deps, operator, { filter: { name: more } })],
  ['people by name', 'name', (more) => listPeople(deps, operator, { filter: { name: more } })],
  [
    'people by organization',
    'organizationId',
    (more) => listPeople(deps, operator, { filter: { organizationId: vendor.id + more } }),
  ],
  [
    'reviews by organization',
    'organizationId',
    (more) => listReviews(deps, reviewer, { filter: { organizationId: vendor.id + more } }),
  ],
  ['transfers by app', 'appId', (more) => listTransfers(deps, operator, { appId: appId + more })],
  ['subprocessors by name', 'name', (more) => listSubprocessors(deps, operator, { name: `Vendor${more}` })],
  [
    'destinations by name',
    'name',
    (more) => findDestinations(deps, operator, { environment: 'sandbox', name: `Vendor${more}` }),
  ],
  ['contracts', 'organizationId', (more) => listContracts(deps, operator, vendor.id + more)],
  ['domains', 'organizationId', (more) => listDomains(deps, operator, vendor.id + more)],
  [
    'initial access tokens',
    'organizationId',
    (more) => listInitialAccessTokens(deps, operator, vendor.id + more),
  ],
];

describe('a list refuses to be asked for U+0000, and finds something without it', () => {
  test.each(LISTS)('%s', async (_list, field, read) => {
    const found = await read('');
    expect('rows' in found ? found.rows : found).not.toEqual([]);
    for (const more of ['\0', '\0x'])
      expect(await refusedWith(read(more))).toEqual(['input_invalid', `${field} text_unprintable`]);
  });
});

test.each(['apps', 'organizations', 'people'])('the page of %s says so, and none fails', async (page) => {
  const priya = await staffBrowser(world, 'priya-raman');
  const statusOf = async (name: string) => (await priya.send(`/admin/${page}?${name}=a%00b`)).status;
  // NUL is in no address of ours, and no column holds it.
  for (const name of ['name', 'state', 'kind', 'organizationId', 'after'])
    expect([name, await statusOf(name)]).toEqual([name, 404]);
});
