import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import { createKeyServer } from '../setup/key-server.ts';
import {
  backendMetadata,
  clientMetadata,
  faultsIn,
  freshKey,
  initialToken,
  registerClient,
} from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let sandbox: string;
let production: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  sandbox = await initialToken(world, vendor);
  production = await initialToken(world, vendor, { environment: 'production' });
});
afterAll(() => world.stop());

const appOf = ({ body }: { body: Record<string, unknown> }) =>
  world.store.prisma.app.findUniqueOrThrow({
    where: { id: String(body.client_id) },
    include: { keys: true, revision: true },
  });

test('a public client of the sandbox is there at once, owned by whom its token is bound to (RFC 7591 §3.2.1)', async () => {
  const metadata = await clientMetadata(world, { software_id: 'bright', software_version: '1.2' });
  const registered = await registerClient(world, sandbox, metadata);
  expect([registered.status, registered.headers.get('cache-control')]).toEqual([201, 'no-store']);
  const { body } = registered;
  expect(body).toMatchObject({ ...metadata, response_types: ['code'] });
  expect(body).not.toHaveProperty('client_secret');
  expect(body.registration_client_uri).toBe(`${world.issuer}/register/${body.client_id}`);
  expect(body.client_id_issued_at).toBeCloseTo(Date.now() / 1_000, -2);
  expect(body.contacts).toEqual([`owner@${vendor.id}.example`]);
  expect(body.registration_status).toEqual({
    ...{ environment: 'sandbox', review: 'not_needed', revision: 1, revision_in_force: 1, may_act: true },
  });
  const app = await appOf(registered);
  expect(app).toMatchObject({ organizationId: vendor.id, ownerId: vendor.ownerId, environment: 'sandbox' });
  expect(app.registeredThrough).toBe('registration');
  expect(JSON.stringify(app)).not.toContain(String(body.registration_access_token));
});

test('a registered client is a client: authorize asks a person for it', async () => {
  const origin = `${world.appOrigin}/callback`;
  const { body } = await registerClient(
    world,
    sandbox,
    await clientMetadata(world, { redirect_uris: [origin] }),
  );
  const patient = await world.patientBrowser();
  const { url } = authorizationRequest(world, {
    ...{
      client_id: String(body.client_id),
      redirect_uri: origin,
      aud: String((body.audiences as string[])[0]),
    },
    scope: 'openid launch/patient patient/Patient.rs',
  });
  const asked = await patient.send(url);
  expect(asked.headers.get('location')).toMatch(/^\/interaction\//);
});

test('what RFC 7591 §2 says of silence: authorization_code, client_secret_basic, code', async () => {
  const { grant_types: _, token_endpoint_auth_method: __, ...silent } = await clientMetadata(world);
  const registered = await registerClient(world, sandbox, { ...silent, policy_uri: null });
  expect(registered.body).toMatchObject({
    ...{ grant_types: ['authorization_code'], response_types: ['code'] },
    token_endpoint_auth_method: 'client_secret_basic',
  });
  expect(registered.body).not.toHaveProperty('policy_uri');
});

test('a secret is answered once, with its end, and only its hash is kept', async () => {
  const metadata = await clientMetadata(world, { token_endpoint_auth_method: 'client_secret_post' });
  const registered = await registerClient(world, sandbox, metadata);
  const secret = String(registered.body.client_secret);
  expect(secret).toMatch(/^[\w-]{43}$/);
  const [key] = (await appOf(registered)).keys;
  expect(key).toMatchObject({ kind: 'secret', createdBy: vendor.ownerId });
  expect(key?.secretHash).toMatch(/^\$argon2id\$/);
  expect(registered.body.client_secret_expires_at).toBe(Math.floor(Number(key?.endsAt) / 1_000));
});

test('a backend service registers its keys, and they are echoed', async () => {
  const keys = [await freshKey(), await freshKey()];
  const registered = await registerClient(world, sandbox, await backendMetadata(world, { jwks: { keys } }));
  expect([registered.status, faultsIn(registered)]).toEqual([201, ['undefined']]);
  expect(registered.body).toMatchObject({ response_types: [], grant_types: ['client_credentials'] });
  const { keys: echoed } = registered.body.jwks as { keys: { kid?: string }[] };
  expect(echoed.map(({ kid }) => kid).sort()).toEqual(keys.map(({ kid }) => kid).sort());
});

test('or says where it publishes them', async () => {
  const server = await createKeyServer([await freshKey()]);
  try {
    const metadata = await backendMetadata(world, { jwks_uri: server.url });
    const registered = await registerClient(world, sandbox, metadata);
    expect([registered.status, registered.body.jwks_uri]).toEqual([201, server.url]);
    expect(server.fetches).toBe(1);
  } finally {
    await server.stop();
  }
});

describe('in production', () => {
  const metadata = (changes = {}) => clientMetadata(world, changes, 'production');

  test('a whole registration waits for review, and gives no access until then', async () => {
    const registered = await registerClient(
      world,
      production,
      await metadata({ backup_owner_id: vendor.developerId }),
    );
    expect(registered.body.registration_status).toEqual({
      ...{ environment: 'production', review: 'waiting', revision: 1, revision_in_force: null },
      ...{ may_act: false, reason: 'client_not_reviewed' },
    });
    const app = await appOf(registered);
    expect(app).toMatchObject({ contractId: vendor.contractId, backupOwnerId: vendor.developerId });
    const review = await world.store.prisma.review.findFirstOrThrow({ where: { appId: app.id } });
    expect(review).toMatchObject({ revisionId: app.revisionId, submittedBy: vendor.ownerId, closedAt: null });
    const patient = await world.patientBrowser();
    const { url } = authorizationRequest(world, {
      ...{ client_id: app.id, redirect_uri: String((await metadata()).redirect_uris), prompt: 'none' },
      scope: 'patient/Patient.rs',
    });
    const { status, headers } = await patient.send(url);
    // RFC 9700 §4.11.2: nobody is sent to an address that nobody has looked at.
    expect([status, headers.get('location')]).toEqual([403, null]);
  });

  test('what is missing for a review is told, in the names of the members', async () => {
    const silent = await metadata({ use_case: undefined, data_use: undefined });
    const { status, body } = await registerClient(world, production, silent);
    const { review, missing } = body.registration_status as {
      review: string;
      missing: { field: string; code: string; text: string }[];
    };
    expect([status, review]).toEqual([201, 'not_submitted']);
    expect(missing.map(({ field, code }) => `${field} ${code}`)).toEqual(
      expect.arrayContaining([
        ...['use_case.categories required', 'data_use.ai.answer required', 'backup_owner_id required'],
      ]),
    );
    expect(missing[0]?.text).toMatch(/\w+ \w+/);
  });
});
