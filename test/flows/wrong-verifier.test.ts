import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, tokenRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { refusalOf } from '../setup/connection.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

async function code() {
  const request = authorizationRequest(world);
  return { request, callback: await patient.authorize(request.url) };
}

test.each([
  ['another', () => randomBytes(32).toString('base64url')],
  [
    'the challenge itself, as under "plain"',
    (own: string) => createHash('sha256').update(own).digest('base64url'),
  ],
  ['one that only begins right', (own: string) => `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`],
])('a code is not redeemed with %s as code_verifier (RFC 7636 §4.6)', async (_what, wrong) => {
  const { request, callback } = await code();
  const response = await redeem(world, request, callback, wrong(request.verifier));
  expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
});

test.each([
  ['42 characters', 'v'.repeat(42)],
  ['129 characters', 'v'.repeat(129)],
  ['a space', `${'v'.repeat(42)} `],
])('a verifier of %s is outside the grammar (RFC 7636 §4.1)', async (_what, wrong) => {
  const { request, callback } = await code();
  const [status, error] = await refusalOf(await redeem(world, request, callback, wrong));
  expect(status).toBe(400);
  expect(['invalid_request', 'invalid_grant']).toContain(error);
});

test('a code is not redeemed without code_verifier, nor for another redirect_uri (RFC 6749 §4.1.3)', async () => {
  const { request, callback } = await code();
  const parameters = {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    client_id: world.clientId,
  };
  const { redirectUri: redirect_uri, verifier: code_verifier } = request;
  const wrongs: Record<string, string>[] = [
    { redirect_uri },
    { redirect_uri: `${redirect_uri}/`, code_verifier },
  ];
  for (const wrong of wrongs) {
    const response = await tokenRequest(world, { ...parameters, ...wrong });
    expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
  }
  expect(await refusalOf(await tokenRequest(world, { ...parameters, code_verifier }))).toEqual([
    400,
    'invalid_request',
  ]);
});

test('the third wrong try burns the code, also for who has the right verifier (RFC 7636 §7.1)', async () => {
  const [patience, burnt] = [await code(), await code()];
  for (const [tries, { request, callback }] of [
    [2, patience],
    [3, burnt],
  ] as const)
    for (let n = 0; n < tries; n += 1) await redeem(world, request, callback, 'v'.repeat(43));
  expect((await redeem(world, patience.request, patience.callback)).status).toBe(200);
  const refused = await redeem(world, burnt.request, burnt.callback);
  expect(await refusalOf(refused)).toEqual([400, 'invalid_grant']);
});
