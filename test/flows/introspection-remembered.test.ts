// Introspection remembers what it read of the registry, and asks the database each time whether that is still so: whatever
// changes there changes the next answer, on every instance, and so does its undoing.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { registerResourceServer } from '../setup/registrations.ts';
import { addInstance, type Instances } from '../setup/second-instance.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let instances: Instances;
let connection: Connection;
let backend: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  instances = await addInstance(world);
  connection = await connect(world, await world.patientBrowser());
  backend = ((await (await backendToken(world)).json()) as { access_token: string }).access_token;
  await registerResourceServer(world);
});
afterAll(async () => {
  await instances.stop();
  await world.stop();
});

const exec = (sql: string) => world.store.prisma.$executeRawUnsafe(sql);

/** What the two instances say about a token: active or not, or the status of a refusal. */
async function heard(token = connection.accessToken, server = world.resourceServer) {
  const authorization = basic(server.id, server.secret);
  const ask = async (instance: 0 | 1) => {
    const { status, body } = await instances.post(instance, '/introspect', { token }, { authorization });
    return status === 200 ? body.active : status;
  };
  return [await ask(0), await ask(1)];
}

const YES = [true, true];
const NO = [false, false];

describe('what ends a token ends it at once, although it was remembered, and undone it is active again', () => {
  test.each([
    ['app', `suspended_at = now()`, `suspended_at = NULL`],
    ['app', `reviewed_at = NULL`, `reviewed_at = created_at`],
    ['app', `attestation_due_at = now()`, `attestation_due_at = now() + interval '90 days'`],
    ['organization', `suspended_at = now()`, `suspended_at = NULL`],
    ['person', `left_at = now()`, `left_at = NULL`],
    ['contract', `ends_at = now()`, `ends_at = now() + interval '90 days'`],
    ['fhir_base', `environment = 'sandbox'`, `environment = 'production'`],
    ['access_token', `revoked_at = now()`, `revoked_at = NULL`],
    ['access_token', `expires_at = now()`, `expires_at = now() + interval '1 hour'`],
    ['consent', `withdrawn_at = now()`, `withdrawn_at = NULL`],
    ['oidc_payload', `revoked_at = now()`, `revoked_at = NULL`],
  ])('%s: %s', async (table, change, back) => {
    expect(await heard()).toEqual(YES);
    await exec(`UPDATE ${table} SET ${change}`);
    expect(await heard()).toEqual(NO);
    await exec(`UPDATE ${table} SET ${back}`);
    expect(await heard()).toEqual(YES);
  });

  test('the last key of a client', async () => {
    expect(await heard(backend)).toEqual(YES);
    await exec(`UPDATE app_key SET revoked_at = now()`);
    expect(await heard(backend)).toEqual(NO);
    await exec(`UPDATE app_key SET revoked_at = NULL`);
    expect(await heard(backend)).toEqual(YES);
  });

  test('a recorded change that stops its scopes', async () => {
    const id = world.clientId;
    expect(await heard()).toEqual(YES);
    await exec(`INSERT INTO app_change (id, app_id, kind, description, affected_scopes, recorded_by)
      VALUES ('stop', '${id}', 'vendor', 'x', '{patient/*.cruds,launch/patient,openid,fhirUser,offline_access}', 'test')`);
    expect(await heard()).toEqual(NO);
    await exec(`UPDATE app_change SET cleared_at = now()`);
    expect(await heard()).toEqual(YES);
  });
});

describe('what ends a resource server ends it at once, although its secret was remembered', () => {
  test.each([
    ['resource_server', `suspended_at = now()`, `suspended_at = NULL`],
    ['resource_server_secret', `revoked_at = now()`, `revoked_at = NULL`],
    ['resource_server_secret', `ends_at = now()`, `ends_at = now() + interval '1 day'`],
  ])('%s: %s', async (table, change, back) => {
    expect(await heard()).toEqual(YES);
    await exec(`UPDATE ${table} SET ${change}`);
    expect(await heard()).toEqual([401, 401]);
    await exec(`UPDATE ${table} SET ${back}`);
    expect(await heard()).toEqual(YES);
  });

  test('a secret whose end comes is refused from then on, without any change', async () => {
    await exec(`UPDATE resource_server_secret SET ends_at = now() + interval '1 minute'`);
    expect(await heard()).toEqual(YES);
    world.clock.advance(61_000);
    expect(await heard()).toEqual([401, 401]);
    await exec(`UPDATE resource_server_secret SET ends_at = now() + interval '1 day'`);
    expect(await heard()).toEqual(YES);
  });

  test('a FHIR base that is another server’s: it hears nothing more of its tokens', async () => {
    const { id } = world.resourceServer;
    expect(await heard()).toEqual(YES);
    await exec(`UPDATE fhir_base SET resource_server_id = (SELECT id FROM resource_server WHERE id <> '${id}')
      WHERE url = '${world.fhirBase}'`);
    expect(await heard()).toEqual(NO);
    await exec(`UPDATE fhir_base SET resource_server_id = '${id}' WHERE url = '${world.fhirBase}'`);
    expect(await heard()).toEqual(YES);
  });
});
