import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decideReview } from '../../src/registry/reviews.ts';
import { apiUser } from '../setup/api-client.ts';
import { latestRefusal } from '../setup/refusals.ts';
import {
  backendMetadata,
  clientMetadata,
  faultsIn,
  freshKey,
  initialToken,
  manage,
  registerClient,
} from '../setup/registration-client.ts';
import { registryDeps } from '../setup/registry-deps.ts';
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

/** What a PUT may hold of an answer: RFC 7592 §2.2 forbids the rest. */
function whole(information: Members): Members {
  const {
    client_id_issued_at: _,
    registration_client_uri: __,
    registration_access_token: ___,
    ...rest
  } = information;
  const { client_secret_expires_at: ____, registration_status: _____, ...metadata } = rest;
  return metadata;
}

describe('RFC 7592 §2.2: replace', () => {
  test('in the sandbox it is in force at once, and what is left out is gone', async () => {
    const made = await registered({ software_id: 'bright' });
    const { software_id: _, policy_uri: __, ...metadata } = whole(made);
    const { status, body } = await manage('PUT', made, { ...metadata, client_name: 'Brighter' });
    expect([status, body.client_name, body.client_id]).toEqual([200, 'Brighter', made.client_id]);
    expect(body).not.toHaveProperty('software_id');
    expect(body).not.toHaveProperty('policy_uri');
    expect(body.registration_status).toMatchObject({ revision: 2, revision_in_force: 2 });
  });

  test('what the server answered may be sent back as it is: nothing changes', async () => {
    const made = await registered();
    const { status, body } = await manage('PUT', made, whole(made));
    expect([status, body.registration_status]).toEqual([200, made.registration_status]);
  });

  test.each([
    ['registration_access_token', 'x'],
    ['registration_client_uri', 'https://x.example'],
    ['client_secret_expires_at', 0],
    ['client_id_issued_at', 1],
    ['registration_status', {}],
    ['backup_owner_id', 'somebody'],
    ['status', 'approved'],
  ])('%s is not for a client to change', async (member, value) => {
    const made = await registered();
    const answer = await manage('PUT', made, { ...whole(made), [member]: value });
    expect([answer.status, faultsIn(answer)]).toEqual([
      400,
      ['invalid_client_metadata', `${member} unknown_field`],
    ]);
  });

  test('client_id is there and right; a secret is the one that was given', async () => {
    const made = await registered({ token_endpoint_auth_method: 'client_secret_basic' });
    const metadata = whole(made);
    expect((await manage('PUT', made, metadata)).status).toBe(200);
    const wrong: Members[] = [
      { ...metadata, client_id: undefined },
      { ...metadata, client_id: 'another' },
      { ...metadata, client_secret: 'mine from now on' },
      { ...metadata, client_secret: 7 },
    ];
    const answers = await Promise.all(wrong.map((body) => manage('PUT', made, body)));
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    const keys = await world.store.prisma.appKey.count({ where: { appId: String(made.client_id) } });
    expect(keys).toBe(1);
  });

  test('a client that is to prove itself with a secret from now on is given one', async () => {
    const made = await registered();
    const next = { ...whole(made), token_endpoint_auth_method: 'client_secret_basic' };
    const { body } = await manage('PUT', made, next);
    expect(body.client_secret).toMatch(/^[\w-]{43}$/);
    expect(body.client_secret_expires_at).toBeGreaterThan(Date.now() / 1_000);
    expect((await manage('PUT', made, next)).body).not.toHaveProperty('client_secret');
  });

  test('keys that are left out end at once; with a fault nothing is changed', async () => {
    const [old, next] = [await freshKey(), await freshKey()];
    const made = (
      await registerClient(world, sandbox, await backendMetadata(world, { jwks: { keys: [old] } }))
    ).body;
    const put = (keys: object[]) =>
      manage('PUT', made, { ...whole(made), client_name: 'Next', jwks: { keys } });
    expect(faultsIn(await put([{ ...next, use: 'enc' }]))[0]).toBe('invalid_client_metadata');
    expect((await manage('GET', made)).body).toMatchObject({
      client_name: made.client_name,
      jwks: { keys: [{ kid: old.kid }] },
    });
    expect((await put([next])).body).toMatchObject({
      client_name: 'Next',
      jwks: { keys: [{ kid: next.kid }] },
    });
    const rows = await world.store.prisma.appKey.findMany({ where: { kid: String(old.kid) } });
    expect(rows[0]?.revokedAt).not.toBeNull();
  });
});

test('in production the revision in force stays as it is until the next one is approved', async () => {
  const token = await initialToken(world, vendor, { environment: 'production' });
  const given = await clientMetadata(world, { backup_owner_id: vendor.developerId }, 'production');
  const made = (await registerClient(world, token, given)).body;
  const appId = String(made.client_id);
  const network = await registerVendor(world, { kind: 'network' });
  const { personId } = await apiUser(world, network.id, ['reviewer']);
  const reviewer = { personId, organizationId: network.id, roles: ['reviewer'], via: 'console' } as const;
  const approve = async () => {
    const { id } = await world.store.prisma.review.findFirstOrThrow({ where: { appId, closedAt: null } });
    await decideReview(registryDeps(world), reviewer, id, {
      decision: 'approve',
      reason: 'It is as it should be.',
    });
  };
  await approve();
  expect((await manage('GET', made)).body.registration_status).toMatchObject({
    review: 'approved',
    may_act: true,
  });

  const changed = { ...whole(made), redirect_uris: ['https://bright.example/other'] };
  const { status, body } = await manage('PUT', made, changed);
  expect([status, body.redirect_uris]).toEqual([200, changed.redirect_uris]);
  expect(body.registration_status).toMatchObject({ review: 'waiting', revision: 2, revision_in_force: 1 });
  const inForce = async () =>
    (await world.store.prisma.app.findUniqueOrThrow({ where: { id: appId }, include: { revision: true } }))
      .revision;
  expect((await inForce())?.redirectUris).toEqual(given.redirect_uris);
  await manage('PUT', made, changed);
  expect(await world.store.prisma.review.count({ where: { appId } })).toBe(2);
  await approve();
  expect((await inForce())?.redirectUris).toEqual(changed.redirect_uris);
});

test('why a registration was refused stands in the log of the app, without what was sent', async () => {
  const made = await registered();
  await manage('PUT', made, {
    ...(await clientMetadata(world)),
    client_id: made.client_id,
    status: 'x-secret',
  });
  const [door, diagnosis] = await latestRefusal(world, String(made.client_id));
  expect([door, diagnosis]).toEqual(['register', { code: 'input_invalid', got: 'status unknown_field' }]);
});
