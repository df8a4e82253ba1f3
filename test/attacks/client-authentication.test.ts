import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashSecret } from '../../src/store/secrets.ts';
import {
  type Assertion,
  authenticated,
  backendToken,
  post,
  seconds,
  signAssertion,
} from '../setup/backend-client.ts';
import { reasonsOf, refusalOf } from '../setup/connection.ts';
import { registerApp, secretHashOf } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());

const refused = async (assertion: Assertion | string, expected = [401, 'invalid_client']) =>
  expect(await refusalOf(await backendToken(world, {}, assertion))).toEqual(expected);

describe('how the client proves itself', () => {
  test('two ways at once are refused (RFC 6749 §2.3)', async () => {
    const parameters = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
    const both = await post(
      `${world.issuer}/token`,
      { ...parameters, ...(await authenticated(world)) },
      { authorization: basic(world.backendId, 'x') },
    );
    expect(await refusalOf(both)).toEqual([400, 'invalid_request']);
    const another = await backendToken(world, { client_id: world.clientId });
    expect(await refusalOf(another)).toEqual([400, 'invalid_request']);
  });

  test('no proof, or one of another kind than registered, is refused', async () => {
    const parameters = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
    const ask = async (more: Record<string, string>, headers = {}) =>
      refusalOf(await post(`${world.issuer}/token`, { ...parameters, ...more }, headers));
    const invalidClient = [401, 'invalid_client'];
    expect(await ask({ client_id: world.backendId })).toEqual(invalidClient);
    expect(await ask({ client_id: world.backendId, client_secret: 'x' })).toEqual(invalidClient);
    expect(await ask({}, { authorization: basic(world.backendId, 'x') })).toEqual(invalidClient);
    expect(await ask(await authenticated(world, { clientId: world.clientId }))).toEqual(invalidClient);
    const { client_assertion } = await authenticated(world);
    expect(await ask({ client_assertion, client_assertion_type: 'urn:evil' })).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await ask({ client_assertion })).toEqual([400, 'invalid_request']);
  });

  test('a resource server is no client, and its secret opens nothing here', async () => {
    const { id, secret } = world.resourceServer;
    const headers = { authorization: basic(id, secret) };
    const response = await post(`${world.issuer}/token`, { grant_type: 'client_credentials' }, headers);
    expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  });
});

describe('a shared secret', () => {
  const secret = 'a secret that the app was given once';
  const registered = async (authMethod: string) =>
    registerApp(world, world.clientId, { authMethod, secretHash: await hashSecret(secret) });
  const ask = (parameters: Record<string, string>, headers = {}) =>
    post(
      `${world.issuer}/token`,
      { grant_type: 'refresh_token', refresh_token: 'x', ...parameters },
      headers,
    );

  test('passes the way that was registered only', async () => {
    const [basicId, postId] = [
      await registered('client_secret_basic'),
      await registered('client_secret_post'),
    ];
    const inBody = (client_id: string) => ({ client_id, client_secret: secret });
    const invalidGrant = [400, 'invalid_grant'];
    expect(await refusalOf(await ask({}, { authorization: basic(basicId, secret) }))).toEqual(invalidGrant);
    expect(await refusalOf(await ask(inBody(postId)))).toEqual(invalidGrant);
    const invalidClient = [401, 'invalid_client'];
    expect(await refusalOf(await ask({}, { authorization: basic(postId, secret) }))).toEqual(invalidClient);
    expect(await refusalOf(await ask(inBody(basicId)))).toEqual(invalidClient);
    expect(await refusalOf(await ask({ client_id: basicId }))).toEqual(invalidClient);
    expect(await refusalOf(await ask(inBody(world.clientId)))).toEqual(invalidClient);
    const twice = await ask(inBody(basicId), { authorization: basic(basicId, secret) });
    expect(await refusalOf(twice)).toEqual([400, 'invalid_request']);
  });

  test('that is wrong, its own hash, of nobody or of a suspended app gets the same bytes', async () => {
    const id = await registered('client_secret_basic');
    const suspended = await registered('client_secret_basic');
    const { prisma } = world.store;
    await prisma.app.update({ where: { id: suspended }, data: { suspendedAt: new Date() } });
    const secretHash = await secretHashOf(world, id);
    const heard = async (who: string, what: string) => {
      const answer = await ask({}, { authorization: basic(who, what) });
      return [answer.status, answer.headers.get('www-authenticate'), await answer.text()];
    };
    const wrong = await heard(id, 'wrong');
    expect(wrong[0]).toBe(401);
    expect(wrong[1]).toMatch(/^Basic realm=/); // RFC 6749 §5.2
    for (const [who, what] of [
      [id, secretHash],
      ['nobody', secret],
      [suspended, secret],
      [suspended, 'wrong'],
      [world.backendId, secret],
    ] as const)
      expect([who, await heard(who, what)]).toEqual([who, wrong]);
  });
});

describe('an assertion is good once (RFC 7523 §3)', () => {
  test('the second use is refused', async () => {
    const assertion = await signAssertion(world);
    expect((await backendToken(world, {}, assertion)).status).toBe(200);
    await refused(assertion);
    await refused({ claims: { jti: JSON.parse(atob(assertion.split('.')[1] ?? '')).jti } });
  });

  test('of twenty uses at once one passes', async () => {
    const assertion = await signAssertion(world);
    const answers = await Promise.all(Array.from({ length: 20 }, () => backendToken(world, {}, assertion)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 401)]);
  });
});

describe('what the assertion says', () => {
  const changed = (what: string, change: () => Record<string, unknown>) => [what, change] as const;

  test.each([
    changed('aud of another server', () => ({ aud: 'https://evil.example/token' })),
    changed('aud with a slash', () => ({ aud: `${world.issuer}/` })),
    changed('aud of another endpoint', () => ({ aud: `${world.issuer}/revoke` })),
    changed('aud of ours and of another', () => ({
      aud: [`${world.issuer}/token`, 'https://evil.example'],
    })),
    changed('aud as a list', () => ({ aud: [`${world.issuer}/token`] })),
    changed('aud missing', () => ({ aud: undefined })),
    changed('exp missing', () => ({ exp: undefined })),
    changed('exp in the past', () => ({ exp: seconds() - 1 })),
    changed('exp further than 5 minutes and a minute of skew', () => ({ exp: seconds() + 420 })),
    changed('exp in ten years', () => ({ exp: seconds() + 315_360_000 })),
    changed('exp as text', () => ({ exp: String(seconds() + 60) })),
    changed('exp with a fraction', () => ({ exp: seconds() + 60.5 })),
    changed('exp beyond numbers', () => ({ exp: 1e308 })),
    changed('nbf in the future', () => ({ nbf: seconds() + 120 })),
    changed('iat an hour ahead', () => ({ iat: seconds() + 3_600 })),
    changed('jti missing', () => ({ jti: undefined })),
    changed('jti as an object', () => ({ jti: { a: 1 } })),
    changed('jti of 256 characters', () => ({ jti: 'j'.repeat(256) })),
    changed('iss of another client', () => ({ iss: world.clientId })),
    changed('sub of another client', () => ({ sub: world.clientId })),
    changed('sub that nobody is', () => ({ iss: 'nobody', sub: 'nobody' })),
    changed('sub as a number', () => ({ iss: 5, sub: 5 })),
  ])('%s is refused', async (_what, change) => {
    await refused({ claims: change() });
  });

  test('each of these is on record with its reason', async () => {
    await refused({ claims: { aud: [world.issuer] } });
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('assertion_unacceptable');
  });

  test('the token URL is no audience at the revocation endpoint', async () => {
    const proof = await authenticated(world);
    const response = await post(`${world.issuer}/revoke`, { token: 'x', ...proof });
    expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  });

  test('claims of 50 KB are too many', async () => {
    await refused({ claims: { filler: 'x'.repeat(50_000) } }, [400, 'invalid_request']);
  });
});
