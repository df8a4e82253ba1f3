import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { addFhirBase } from '../../src/registry/fhir-bases.ts';
import {
  changeResourceServer,
  createResourceServer,
  findResourceServerFor,
  listFhirBases,
  listResourceServers,
  resumeResourceServer,
  suspendResourceServer,
} from '../../src/registry/resource-servers.ts';
import { addServerSecret } from '../../src/registry/server-secrets.ts';
import { connect } from '../setup/connection.ts';
import { introspectAs } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let count = 0;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
});

const base = (changes: object = {}) => {
  count += 1;
  const url = `https://fhir${count}.example/r4`;
  return { url, slug: `base-${count}`, environment: 'production', ...changes };
};
const server = (changes: object = {}) => ({
  ...{ name: 'Riverside FHIR', organizationId: vendor.id, ownerId: vendor.ownerId, fhirBases: [base()] },
  ...changes,
});
const create = async (changes: object = {}) =>
  (await createResourceServer(deps, operator, server(changes))).resourceServerId;
const because = { reason: 'Under investigation.' };

test('a server is made with its bases, its organization and its owner, and may then have a secret', async () => {
  const fhirBases = [base(), base({ environment: 'sandbox' })];
  const id = await create({ fhirBases });
  await addServerSecret(deps, operator, id);
  const found = await findResourceServerFor(deps, vendor.developer, id);
  expect(found).toMatchObject({
    ...{
      name: 'Riverside FHIR',
      organizationName: vendor.legalName,
      ownerName: 'The owner',
      suspendedAt: null,
    },
    ...{ fhirBases, secrets: [{ id: expect.any(String) }] },
  });
  expect(JSON.stringify(found)).not.toContain('argon2');
  const sandbox = (await listFhirBases(deps, 'sandbox')).map(({ url }) => url);
  expect(sandbox).toContain(fhirBases[1]?.url);
  expect(sandbox).not.toContain(fhirBases[0]?.url);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { resourceServerId: id },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type, organizationId }) => [type, organizationId])).toEqual(
    ['resource_server.created', 'fhir_base.added', 'fhir_base.added', 'server_secret.added'].map((type) => [
      ...[type, vendor.id],
    ]),
  );
});

test('suspended it is refused at introspection at once, and heard again after', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser());
  const status = async () => (await introspectAs(world, world.resourceServer, accessToken)).status;
  expect(await status()).toBe(200);
  await suspendResourceServer(deps, securityOfficer, world.resourceServer.id, because);
  expect(await status()).toBe(401);
  // Its bases are offered to no new app meanwhile.
  expect(await listFhirBases(deps, 'production')).not.toContainEqual(
    expect.objectContaining({ url: world.fhirBase }),
  );
  const { id } = world.resourceServer;
  expect(await refusedWith(suspendResourceServer(deps, operator, id, because))).toEqual(['state_conflict']);
  expect(await refusedWith(resumeResourceServer(deps, securityOfficer, id, because))).toEqual([
    'not_allowed',
  ]);
  await resumeResourceServer(deps, operator, id, because);
  expect(await status()).toBe(200);
  expect(await refusedWith(resumeResourceServer(deps, operator, id, {}))).toEqual([
    ...['input_invalid', 'reason required'],
  ]);
});

test.each([
  [{ url: 'http://fhir.example/r4' }, 'url url_https_required'],
  [{ url: 'http://localhost:9/r4' }, 'url url_https_required'],
  [{ url: 'https://fhir.example/r4/' }, 'url url_not_canonical'],
  [{ url: 'https://fhir.example/r4?tenant=1' }, 'url url_not_canonical'],
  [{ url: 'https://FHIR.example/r4' }, 'url url_not_canonical'],
  [{ url: 'https://u:p@fhir.example/r4' }, 'url url_user_info'],
  [{ url: 'https://fhir.example/r4#x' }, 'url url_fragment'],
  [{ url: 'file:///etc' }, 'url url_scheme'],
  [{ slug: 'A b' }, 'slug slug_unreadable'],
  [{ slug: '../x' }, 'slug slug_unreadable'],
  [{ environment: 'staging' }, 'environment not_one_of'],
  [{ resourceServerId: 'x' }, 'resourceServerId unknown_field'],
])('a base with %j is refused', async (changes, fault) => {
  const id = await create();
  expect(await refusedWith(addFhirBase(deps, operator, id, base(changes)))).toEqual(['input_invalid', fault]);
  const [field = '', code = ''] = fault.split(' ');
  const whole = createResourceServer(deps, operator, server({ fhirBases: [base(), base(changes)] }));
  expect(await refusedWith(whole)).toEqual(['input_invalid', `fhirBases.1.${field} ${code}`]);
});

test('one URL and one slug belong to one base; a server that is refused leaves nothing behind', async () => {
  const known = base();
  const id = await create({ fhirBases: [known] });
  const before = await world.store.prisma.resourceServer.count();
  for (const twin of [base({ url: known.url }), base({ slug: known.slug })]) {
    expect(await refusedWith(addFhirBase(deps, operator, id, twin))).toEqual([
      'input_invalid',
      'url duplicate',
    ]);
    const second = createResourceServer(deps, operator, server({ fhirBases: [base(), twin] }));
    expect(await refusedWith(second)).toEqual(['input_invalid', 'fhirBases.1.url duplicate']);
  }
  expect(await world.store.prisma.resourceServer.count()).toBe(before);
});

test('who answers for it exists, works there, and is changed with an event', async () => {
  const faults = [
    [{ organizationId: 'none', ownerId: null }, 'organizationId organization_unknown'],
    [{ ownerId: 'dana-whitfield' }, 'ownerId person_unknown'],
    [{ organizationId: null, ownerId: 'none' }, 'ownerId person_unknown'],
    [{ fhirBases: [] }, 'fhirBases required'],
    [{ secretHash: 'x' }, 'secretHash unknown_field'],
  ] as const;
  for (const [changes, fault] of faults) {
    const made = createResourceServer(deps, operator, server(changes));
    expect(await refusedWith(made)).toEqual(['input_invalid', fault]);
  }
  const id = await create({ organizationId: null });
  await changeResourceServer(deps, operator, id, { name: 'Renamed', ownerId: null });
  expect(await findResourceServerFor(deps, operator, id)).toMatchObject({ name: 'Renamed', ownerName: null });
  const foreign = changeResourceServer(deps, operator, id, {
    organizationId: 'lantern',
    ownerId: vendor.ownerId,
  });
  expect(await refusedWith(foreign)).toEqual(['input_invalid', 'ownerId person_unknown']);
});

test('servers are made by operators, and seen by their organization', async () => {
  const id = await create();
  for (const who of [vendor.owner, reviewer])
    expect(await refusedWith(createResourceServer(deps, who, server()))).toEqual(['not_allowed']);
  expect(await refusedWith(changeResourceServer(deps, vendor.owner, id, {}))).toEqual(['not_allowed']);
  expect(await refusedWith(addFhirBase(deps, vendor.owner, id, base()))).toEqual(['not_allowed']);
  const foreign = world.resourceServer.id;
  expect(await refusedWith(findResourceServerFor(deps, vendor.owner, foreign))).toEqual(['record_unknown']);
  for (const unknown of ['none', 'a\0b'])
    expect(await refusedWith(findResourceServerFor(deps, operator, unknown))).toEqual(['record_unknown']);
  expect((await listResourceServers(deps, vendor.owner)).rows.map((row) => row.id)).toEqual([id]);
});

test('the list goes on page by page, also among servers of one name', async () => {
  const { rows: all } = await listResourceServers(deps, reviewer, { limit: 200 });
  const rows = [];
  let after: string | null = '';
  while (after !== null) {
    const page: Awaited<ReturnType<typeof listResourceServers>> = await listResourceServers(deps, operator, {
      ...{ limit: 2, after },
    });
    rows.push(...page.rows);
    after = page.next;
  }
  expect(rows).toEqual(all);
  expect(all.length).toBeGreaterThan(4);
});
