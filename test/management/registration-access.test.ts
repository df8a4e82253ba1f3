import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Hex } from '../../src/store/hash.ts';
import { connect } from '../setup/connection.ts';
import { clientMetadata, initialToken, manage, registerClient } from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

type Members = Record<string, unknown>;

let world: World;
let vendor: Vendor;
let sandbox: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  sandbox = await initialToken(world, vendor);
});
afterAll(() => world.stop());

const registered = async (changes: Members = {}) =>
  (await registerClient(world, sandbox, await clientMetadata(world, changes))).body;

describe('RFC 7592 §2.1: read', () => {
  test('what is registered, without what is shown once', async () => {
    const made = await registered({ token_endpoint_auth_method: 'client_secret_basic' });
    const { status, headers, body } = await manage('GET', made);
    const { registration_access_token: _, client_secret: __, client_secret_expires_at: ___, ...shown } = made;
    expect([status, headers.get('cache-control'), body]).toEqual([200, 'no-store', shown]);
  });

  test('a wrong token is 401', async () => {
    const made = await registered();
    for (const token of ['', 'x', sandbox, `postern_rat_${'x'.repeat(43)}`]) {
      const { status, body } = await manage('GET', { ...made, registration_access_token: token });
      expect([status, body.error]).toEqual([401, 'invalid_token']);
    }
    expect((await manage('GET', made)).status).toBe(200);
  });

  test('at the address of another client, there or not, it is 401, and the token is ended', async () => {
    const other = await registered();
    for (const clientId of [other.client_id, 'nothing', 'a%00b', '%E0%A4%A']) {
      const made = await registered();
      const uri = `${world.issuer}/register/${clientId}`;
      const { status } = await manage('GET', { ...made, registration_client_uri: uri });
      expect([clientId, status < 500 && status >= 400]).toEqual([clientId, true]);
      if (clientId === other.client_id || clientId === 'nothing') {
        expect([status, (await manage('GET', made)).status]).toEqual([401, 401]);
      }
    }
    expect((await manage('GET', other)).status).toBe(200);
  });
});

describe('RFC 7592 §2.3: end', () => {
  test('all access ends at once, the token too, and records stay', async () => {
    const registrationTokenHash = sha256Hex(`postern_rat_${'y'.repeat(43)}`);
    const patient = await world.patientBrowser();
    const { accessToken } = await connect(world, patient);
    const { prisma } = world.store;
    await prisma.app.update({ where: { id: world.clientId }, data: { registrationTokenHash } });
    const client = {
      registration_client_uri: `${world.issuer}/register/${world.clientId}`,
      registration_access_token: `postern_rat_${'y'.repeat(43)}`,
    };
    expect((await world.introspect(accessToken)).active).toBe(true);
    const ended = await manage('DELETE', client);
    expect([ended.status, ended.body]).toEqual([204, {}]);
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    for (const method of ['GET', 'DELETE'] as const) expect((await manage(method, client)).status).toBe(401);
    const app = await prisma.app.findUniqueOrThrow({ where: { id: world.clientId } });
    expect(app.offboardedAt).not.toBeNull();
    const events = await prisma.auditEvent.findMany({
      where: { appId: world.clientId, type: 'app.offboarded' },
    });
    expect(events[0]?.detail).toMatchObject({ via: 'registration' });
  });

  test('an app that was ended otherwise, or whose owner left, is managed by nobody', async () => {
    const other = await registerVendor(world);
    const token = await initialToken(world, other);
    const made = (await registerClient(world, token, await clientMetadata(world))).body;
    await world.store.prisma.person.update({ where: { id: other.ownerId }, data: { leftAt: new Date() } });
    for (const method of ['GET', 'DELETE'] as const) expect((await manage(method, made)).status).toBe(401);
  });
});
