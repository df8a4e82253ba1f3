// A resource server asks with a key instead of a secret (RFC 7662 §2.1, RFC 7523 §2.2).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createResourceServer, suspendResourceServer } from '../../src/registry/resource-servers.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { askAs, assertedBy, type KeyPair, keyPair, setKeys } from '../setup/keyed-server.ts';
import { introspectAs } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

const REFUSED = [401, 'invalid_client'];

describe.each(['postgresql'] as const)('%s', (kind) => {
  let world: World;
  let token: string;
  let own: KeyPair;
  let rsa: KeyPair;

  beforeAll(async () => {
    world = await createWorld(kind);
    token = (await connect(world, await world.patientBrowser())).accessToken;
    [own, rsa] = [await keyPair('own'), await keyPair('rsa', 'RS384')];
  });
  afterAll(() => world.stop());

  const ask = async (pair: KeyPair, assertion = {}) =>
    askAs(world, token, await assertedBy(world, pair, assertion));

  test('with keys beside its secret it is heard by either, in both algorithms, about its own tokens', async () => {
    expect(await refusalOf(await ask(own))).toEqual(REFUSED);
    await setKeys(world, world.resourceServer.id, [own, rsa]);
    const bySecret = await world.introspect(token);
    expect(bySecret).toMatchObject({ active: true, client_id: world.clientId });
    for (const response of [await ask(own), await ask(rsa, { alg: 'RS384' })]) {
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual(bySecret);
    }
  });

  test('an assertion passes once, also in parallel (RFC 7523 §3)', async () => {
    const proof = await assertedBy(world, own);
    const answers = await Promise.all(Array.from({ length: 6 }, () => askAs(world, token, proof)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    expect((await askAs(world, token, proof)).status).toBe(401);
  });

  test('a key that is replaced is refused at once, and the new one is heard; without any only the secret is', async () => {
    const next = await keyPair('own');
    await setKeys(world, world.resourceServer.id, [next]);
    expect(await refusalOf(await ask(own))).toEqual(REFUSED);
    expect(await (await ask(next)).json()).toMatchObject({ active: true });
    await setKeys(world, world.resourceServer.id, []);
    expect(await refusalOf(await ask(next))).toEqual(REFUSED);
    const { jwks } = await world.store.prisma.resourceServer.findUniqueOrThrow({
      where: { id: world.resourceServer.id },
    });
    expect(jwks).toBeNull();
    expect((await introspectAs(world, world.resourceServer, token)).status).toBe(200);
  });

  test('a server with keys alone hears nothing of tokens for other servers, and nothing at all when suspended', async () => {
    const deps = registryDeps(world);
    const other = await keyPair('other');
    const { resourceServerId: clientId } = await createResourceServer(deps, operator, {
      ...{ name: 'Keyed FHIR', jwks: { keys: [other.publicKey] } },
      fhirBases: [{ url: 'https://keyed.example/r4', slug: 'keyed', environment: 'production' }],
    });
    expect(await (await ask(other, { clientId })).text()).toBe('{"active":false}');
    await suspendResourceServer(deps, operator, clientId, { reason: 'A test' });
    expect(await refusalOf(await ask(other, { clientId }))).toEqual(REFUSED);
  });
});
