import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { DEMO_EHR } from '../../src/demo/seed-launches.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  changeEhr,
  createEhr,
  findEhrFor,
  listEhrs,
  resumeEhr,
  suspendEhr,
} from '../../src/registry/ehrs.ts';
import { deposit, ehrAssertion } from '../setup/ehr-client.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
});

interface Pair {
  readonly publicKey: JWK;
  readonly privateKey: JWK;
}

async function newPair(kid: string): Promise<Pair> {
  const pair = await generateKeyPair('ES384', { extractable: true });
  return {
    publicKey: { ...(await exportJWK(pair.publicKey)), kid },
    privateKey: { ...(await exportJWK(pair.privateKey)), kid },
  };
}

const ehr = async (changes: object = {}) => ({
  ...{
    name: 'Riverside EHR',
    fhirBaseUrl: world.fhirBase,
    jwks: { keys: [(await newPair('k1')).publicKey] },
  },
  ...{ organizationId: vendor.id, ownerId: vendor.ownerId },
  ...changes,
});
const create = async (changes: object = {}) => (await createEhr(deps, operator, await ehr(changes))).ehrId;
const because = { reason: 'A key is lost.' };

/** The status of a deposit in the name of an EHR; 401: it is not taken for that one. */
const depositAs = async (ehrId: string, key: JWK) => {
  const claims = { iss: ehrId, sub: ehrId };
  return (await deposit(world, {}, await ehrAssertion(world, { key, claims }))).status;
};

test('an EHR is made with its keys, and may then deposit launches; changed keys are true at once', async () => {
  const [first, second] = [await newPair('k1'), await newPair('k2')];
  const ehrId = await create({ jwks: { keys: [{ ...first.publicKey, x5c: ['MII'] }] } });
  expect(await depositAs(ehrId, first.privateKey)).toBe(201);
  expect(await findEhrFor(deps, vendor.developer, ehrId)).toMatchObject({
    ...{ name: 'Riverside EHR', organizationName: vendor.legalName, ownerName: 'The owner' },
    // Bare: what else stood in the key is not kept.
    jwks: { keys: [{ ...first.publicKey, alg: 'ES384', use: 'sig' }] },
  });
  await changeEhr(deps, operator, ehrId, { jwks: { keys: [second.publicKey] } });
  expect(await depositAs(ehrId, first.privateKey)).toBe(401);
  expect(await depositAs(ehrId, second.privateKey)).toBe(201);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: vendor.id },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type, detail }) => [type, detail])).toEqual([
    [
      'ehr.created',
      {
        ...{ ehrId, fields: ['name', 'jwks', 'organizationId', 'ownerId'], via: 'portal' },
        after: expect.objectContaining({ name: 'Riverside EHR', jwks: ['k1'] }),
      },
    ],
    [
      'ehr.changed',
      { ehrId, fields: ['jwks'], before: { jwks: ['k1'] }, after: { jwks: ['k2'] }, via: 'portal' },
    ],
  ]);
});

test('suspended it deposits nothing, at once; resumed it does again', async () => {
  expect((await deposit(world)).status).toBe(201);
  await suspendEhr(deps, securityOfficer, DEMO_EHR, because);
  expect((await deposit(world)).status).toBe(401);
  expect(await refusedWith(suspendEhr(deps, operator, DEMO_EHR, because))).toEqual(['state_conflict']);
  expect(await refusedWith(resumeEhr(deps, securityOfficer, DEMO_EHR, because))).toEqual(['not_allowed']);
  await resumeEhr(deps, operator, DEMO_EHR, because);
  expect((await deposit(world)).status).toBe(201);
  expect(await refusedWith(resumeEhr(deps, operator, DEMO_EHR, { reason: ' ' }))).toEqual([
    ...['input_invalid', 'reason required'],
  ]);
});

test('its keys are public, strong and of different names; all faults are told at once', async () => {
  const [one, two] = [await newPair('k1'), await newPair('k1')];
  const keys = [
    one.publicKey,
    { ...two.publicKey, use: 'enc' },
    two.privateKey,
    { kty: 'oct', kid: 'k3', k: 'AQAB' },
  ];
  expect(await refusedWith(create({ jwks: { keys }, fhirBaseUrl: 'https://none.example/r4' }))).toEqual([
    ...['input_invalid', 'jwks.keys.1.use jwk_use', 'jwks.keys.1.kid duplicate', 'jwks.keys.2 jwk_private'],
    ...['jwks.keys.2.kid duplicate', 'jwks.keys.3 jwk_private', 'jwks.keys.3.kty jwk_type'],
    'fhirBaseUrl audience_unregistered',
  ]);
  const ehrId = await create();
  for (const [jwks, fault] of [
    [{ keys: [] }, 'jwks.keys required'],
    [{ keys: ['k1'] }, 'jwks.keys.0 not_an_object'],
    [{ keys: Array(11).fill(one.publicKey) }, 'jwks.keys too_many'],
    [{ keys: [two.privateKey] }, 'jwks.keys.0 jwk_private'],
    [{ keys: [one.publicKey], uri: 'https://x.example' }, 'jwks.uri unknown_field'],
  ] as const)
    expect(await refusedWith(changeEhr(deps, operator, ehrId, { jwks }))).toEqual(['input_invalid', fault]);
});

test('who answers for it exists and works there', async () => {
  for (const [changes, fault] of [
    [{ ownerId: 'dana-whitfield' }, 'ownerId person_unknown'],
    [{ organizationId: 'none', ownerId: null }, 'organizationId organization_unknown'],
    [{ name: 'a\u202eb' }, 'name text_unprintable'],
    [{ suspendedAt: null }, 'suspendedAt unknown_field'],
  ] as const)
    expect(await refusedWith(create(changes))).toEqual(['input_invalid', fault]);
  const ehrId = await create();
  await changeEhr(deps, operator, ehrId, { name: 'Harbor EHR', organizationId: null, ownerId: null });
  expect(await findEhrFor(deps, operator, ehrId)).toMatchObject({
    name: 'Harbor EHR',
    organizationName: null,
  });
  expect(await refusedWith(findEhrFor(deps, vendor.owner, ehrId))).toEqual(['record_unknown']);
});

test('EHRs are made by operators, and seen by their organization', async () => {
  const ehrId = await create();
  for (const who of [vendor.owner, reviewer])
    expect(await refusedWith(createEhr(deps, who, await ehr()))).toEqual(['not_allowed']);
  expect(await refusedWith(changeEhr(deps, vendor.owner, ehrId, {}))).toEqual(['not_allowed']);
  expect(await refusedWith(suspendEhr(deps, vendor.owner, ehrId, because))).toEqual(['not_allowed']);
  expect(await refusedWith(changeEhr(deps, operator, 'none', {}))).toEqual(['record_unknown']);
  expect(await refusedWith(findEhrFor(deps, vendor.owner, DEMO_EHR))).toEqual(['record_unknown']);
  expect((await listEhrs(deps, vendor.developer)).rows.map(({ id }) => id)).toEqual([ehrId]);
  const { rows: first, next } = await listEhrs(deps, reviewer, { limit: 1 });
  const { rows: rest } = await listEhrs(deps, reviewer, { after: next ?? '', limit: 200 });
  expect([...first, ...rest]).toEqual((await listEhrs(deps, operator, { limit: 200 })).rows);
});
