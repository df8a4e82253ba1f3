import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  changeResourceServer,
  createResourceServer,
  findResourceServerFor,
} from '../../src/registry/resource-servers.ts';
import { type KeyPair, keyPair } from '../setup/keyed-server.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;

beforeAll(async () => {
  world = await createWorld('embedded');
  deps = registryDeps(world);
});
afterAll(() => world.stop());

const fhirBases = [{ url: 'https://fhir.example/r4', slug: 'base', environment: 'production' }];
const create = (changes: object) =>
  createResourceServer(deps, operator, { name: 'Riverside FHIR', fhirBases, ...changes });

test('its keys are held to the rules of all keys, replaced at once or removed, and each change is recorded', async () => {
  const [one, two] = [await keyPair('k1'), await keyPair('k2', 'RS384')];
  const bare = ({ publicKey }: KeyPair, alg: string) => ({ ...publicKey, alg, use: 'sig' });
  const weak = { jwks: { keys: [one.privateKey, one.publicKey, { kty: 'oct', kid: 'k3', k: 'AQAB' }] } };
  const faults = [
    ...['input_invalid', 'jwks.keys.0 jwk_private', 'jwks.keys.1.kid duplicate'],
    ...['jwks.keys.2 jwk_private', 'jwks.keys.2.kty jwk_type'],
  ];
  expect(await refusedWith(create(weak))).toEqual(faults);
  const { resourceServerId: id } = await create({ jwks: { keys: [{ ...one.publicKey, x5c: ['MII'] }] } });
  const kept = async () => (await findResourceServerFor(deps, operator, id)).jwks;
  expect(await kept()).toEqual({ keys: [bare(one, 'ES384')] });
  expect(await refusedWith(changeResourceServer(deps, operator, id, weak))).toEqual(faults);
  for (const [jwks, fault] of [
    [{ keys: [] }, 'jwks.keys required'],
    [{ keys: Array(11).fill(one.publicKey) }, 'jwks.keys too_many'],
    [{ keys: [one.publicKey], uri: 'https://x.example' }, 'jwks.uri unknown_field'],
  ] as const)
    expect(await refusedWith(changeResourceServer(deps, operator, id, { jwks }))).toEqual([
      ...['input_invalid', fault],
    ]);
  await changeResourceServer(deps, operator, id, { jwks: { keys: [two.publicKey] } });
  expect(await kept()).toEqual({ keys: [bare(two, 'RS384')] });
  await changeResourceServer(deps, operator, id, { name: 'Renamed' });
  expect(await kept()).toEqual({ keys: [bare(two, 'RS384')] });
  await changeResourceServer(deps, operator, id, { jwks: null });
  expect(await kept()).toBeNull();
  const events = await world.store.prisma.auditEvent.findMany({
    where: { resourceServerId: id, type: { startsWith: 'resource_server.' } },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ detail }) => (detail as { fields: string[] }).fields)).toEqual([
    expect.arrayContaining(['jwks']),
    ...[['jwks'], ['name'], ['jwks']],
  ]);
});
