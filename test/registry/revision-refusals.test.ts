import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import type { Revision } from '../../src/policy/revision.ts';
import { addKey } from '../../src/registry/app-keys.ts';
import { findAppFor, findRevisionFor, listRevisions } from '../../src/registry/app-records.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { createKeyServer } from '../setup/key-server.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { backend } from '../setup/sample-revision.ts';
import { fhirBaseOf, registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

async function newApp(
  environment: 'sandbox' | 'production',
  changes: Partial<Revision> = {},
): Promise<string> {
  const revision = await revisionFor(world, environment, changes);
  return (await createApp(deps, vendor.developer, { environment, revision })).appId;
}
const save = async (appId: string, environment: 'sandbox' | 'production', changes: Partial<Revision>) =>
  saveRevision(deps, vendor.developer, appId, await revisionFor(world, environment, changes));

describe('a revision is refused', () => {
  test.each<[string, Partial<Revision>, readonly string[]]>([
    ['with a name of a look-alike alphabet', { name: 'Lаntern' }, ['name name_mixed_scripts']],
    ['with a name of the operator', { name: 'Postern helper' }, ['name name_reserved']],
    [
      'with a redirect to anywhere',
      { redirectUris: ['https://*.example/cb', 'http://bright.example/'] },
      [...['redirectUris.0 url_wildcard', 'redirectUris.1 url_https_required']],
    ],
    [
      'with 21 redirect URIs',
      { redirectUris: Array.from({ length: 21 }, (_, n) => `https://bright.example/${n}`) },
      ['redirectUris too_many'],
    ],
    ['with a name of 40 KB', { name: 'x'.repeat(40_000) }, ['name too_long']],
    ['with 200 scopes', { scopeCeiling: 'patient/Patient.rs '.repeat(200) }, ['scopeCeiling too_long']],
    ['with a picture that is not there', { logoId: 'a'.repeat(64) }, ['logoId logo_unknown']],
    [
      'with a subprocessor that is not there',
      { subprocessors: [{ organizationId: 'nowhere', service: 'ai' }] },
      ['subprocessors.0.organizationId organization_unknown'],
    ],
    [
      'with a use that is over',
      { useCase: { ...backend.useCase, endsAt: '2026-01-01' } },
      ['useCase.endsAt date_past'],
    ],
  ])('%s', async (_, changes, faults) => {
    const appId = await newApp('production');
    expect(await refusedWith(save(appId, 'production', changes))).toEqual(['input_invalid', ...faults]);
    expect(await listRevisions(deps, vendor.developer, appId)).toHaveLength(1);
  });

  test('with its own organization as a subprocessor', async () => {
    const subprocessors = [{ organizationId: vendor.id, service: 'ai' as const }];
    expect(await refusedWith(save(await newApp('sandbox'), 'sandbox', { subprocessors }))).toEqual([
      ...['input_invalid', 'subprocessors.0.organizationId organization_is_own'],
    ]);
  });

  test('for an app that is offboarded, or of an organization that is', async () => {
    const appId = await newApp('sandbox');
    await world.store.prisma.app.update({ where: { id: appId }, data: { offboardedAt: new Date() } });
    expect(await refusedWith(save(appId, 'sandbox', { name: 'Other Results' }))).toEqual(['state_conflict']);
  });

  test('to those who may not know of the app, and to those who only look', async () => {
    const appId = await newApp('sandbox');
    const { owner: other } = await registerVendor(world);
    const revision = await revisionFor(world, 'sandbox');
    for (const [who, reason] of [
      [other, 'record_unknown'],
      [actor('operators', ['reviewer']), 'not_allowed'],
    ] as const) {
      expect(await refusedWith(saveRevision(deps, who, appId, revision))).toEqual([reason]);
    }
    expect(await refusedWith(findAppFor(deps, other, appId))).toEqual(['record_unknown']);
    expect(await refusedWith(listRevisions(deps, other, appId))).toEqual(['record_unknown']);
    for (const missing of ['nowhere', 'a\0b', '']) {
      expect(await refusedWith(saveRevision(deps, vendor.owner, missing, revision))).toEqual([
        'record_unknown',
      ]);
      expect(await refusedWith(findRevisionFor(deps, vendor.owner, appId, missing))).toEqual([
        'record_unknown',
      ]);
    }
  });
});

describe('published keys', () => {
  const published = async (jwksUri: string): Promise<Revision> => ({
    ...{ ...backend, jwksUri },
    audiences: [await fhirBaseOf(world, 'sandbox')],
  });

  test('are read before their address is registered, and not again while it stays', async () => {
    const server = await createKeyServer([]);
    const input = { environment: 'sandbox', revision: await published(server.url) };
    const { appId } = await createApp(deps, vendor.developer, input);
    expect(server.fetches).toBe(1);
    await server.stop();
    await saveRevision(deps, vendor.developer, appId, { ...input.revision, name: 'Bright Export' });
  });

  test.each([
    ['nobody answers', 'http://localhost:1/jwks'],
    ['the name is of no host', 'https://keys.invalid/jwks'],
  ])('are refused where %s', async (_, jwksUri) => {
    const command = createApp(deps, vendor.developer, {
      environment: 'sandbox',
      revision: await published(jwksUri),
    });
    expect(await refusedWith(command)).toEqual(['input_invalid', 'revision.jwksUri keys_unreadable']);
  });

  test('are refused where the answer is no key set', async () => {
    const server = await createKeyServer([]);
    server.status = 404;
    const command = createApp(deps, vendor.developer, {
      environment: 'sandbox',
      revision: await published(server.url),
    });
    expect(await refusedWith(command)).toEqual(['input_invalid', 'revision.jwksUri keys_unreadable']);
    await server.stop();
  });

  test('are not asked for where the operator keeps loopback out: no connection is made', async () => {
    const { createSafeFetch } = await import('../../src/outside/safe-fetch.ts');
    const strict = { ...deps, fetch: createSafeFetch({ allowLoopback: false }) };
    const server = await createKeyServer([]);
    const input = { environment: 'sandbox', revision: await published(server.url) };
    expect(await refusedWith(createApp(strict, vendor.developer, input))).toEqual([
      ...['input_invalid', 'revision.jwksUri keys_unreadable'],
    ]);
    expect(server.fetches).toBe(0);
    await server.stop();
  });

  test('do not stand beside registered ones, but for a draft of an app that goes on with those', async () => {
    const answer = { status: 200, headers: {}, text: '{"keys": []}', receivedAt: 0 };
    const there = { ...deps, fetch: () => Promise.resolve({ answer }) };
    const revision = { ...backend, audiences: [await fhirBaseOf(world, 'production')] };
    const { appId } = await createApp(there, vendor.developer, { environment: 'production', revision });
    const { publicKey } = await generateKeyPair('ES384', { extractable: true });
    await addKey(there, vendor.developer, appId, { ...(await exportJWK(publicKey)), kid: 'one' });
    const published = { ...revision, jwksUri: 'https://bright.example/jwks' };
    const publish = () => saveRevision(there, vendor.developer, appId, published);
    expect(await refusedWith(publish())).toEqual(['input_invalid', 'jwksUri keys_in_two_places']);
    await world.store.prisma.app.update({ where: { id: appId }, data: { reviewedAt: new Date() } });
    expect(await publish()).toMatchObject({ number: 2 });
  });
});
