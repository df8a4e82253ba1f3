import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { backendKey, signAssertion } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { basic, createWorld, type World } from '../setup/world.ts';
import { type Fields, harbor, register, send, textOf } from './portal.ts';

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

async function newKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const named = { kid, alg: 'ES384' };
  return {
    public: { ...(await exportJWK(publicKey)), ...named },
    private: { ...(await exportJWK(privateKey)), ...named },
  };
}

const backend = (): Fields => ({
  ...harbor(world),
  kind: 'backend',
  authMethod: 'private_key_jwt',
  redirectUris: '',
  maxConsentDays: '0',
  purposes: 'HQUALIMP',
  scopeCeiling: 'system/Patient.rs',
});

const tested = async (id: string, assertion: string) => {
  const path = `/developer/apps/${id}/test-key`;
  return textOf(await (await send(dana, path, path, { assertion })).text());
};

describe('the keys of a backend service', () => {
  let id: string;
  let path: string;

  beforeAll(async () => {
    id = await register(dana, backend());
    path = `/developer/apps/${id}/keys`;
  });

  const add = (jwk: object | string) =>
    send(dana, path, path, { jwk: typeof jwk === 'string' ? jwk : JSON.stringify(jwk) });

  test('a key is added, works, and a second takes over while the first ends after an overlap', async () => {
    const [first, second] = [await newKey('first'), await newKey('second')];
    expect((await add(first.public)).headers.get('location')).toBe(`${path}?done=key-added`);
    expect((await add(second.public)).status).toBe(303);
    expect(await tested(id, await signAssertion(world, { clientId: id, key: second.private }))).toContain(
      'This assertion would be accepted now.',
    );
    const row = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: id, kid: 'first' } });
    const ended = await send(dana, path, `${path}/${row.id}/end`, { when: '7', reason: 'A test' });
    expect(ended.headers.get('location')).toBe(`${path}?done=key-ended`);
    expect(textOf((await dana.open(path)).html)).toMatch(/first Public key Ends in 7 days/);
    await send(dana, path, `${path}/${row.id}/end`, { when: 'now', reason: 'A test' });
    expect(textOf((await dana.open(path)).html)).toMatch(/first Public key Ended/);
  });

  test('a private key that was pasted is refused and not sent back', async () => {
    const { private: jwk } = await newKey('private');
    const answer = await add(jwk);
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('id="field-jwk-fault"');
    expect(html).not.toContain(String(jwk.d));
  });

  test.each([['{'], ['[]'], ['null'], ['{"kty":"oct","kid":"a","k":"AAAA"}'], ['']])(
    'what is no public key is refused in words, and kept to be mended: %s',
    async (jwk) => {
      const answer = await add(jwk);
      expect(answer.status).toBe(422);
      expect(textOf(await answer.text())).toContain('to be corrected');
    },
  );

  test.each(['0', '31', '1.5', '-1', 'soon', ''])('an overlap of %s days is refused', async (when) => {
    const row = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: id, kid: 'second' } });
    expect((await send(dana, path, `${path}/${row.id}/end`, { when, reason: 'A test' })).status).toBe(422);
    const after = await world.store.prisma.appKey.findUniqueOrThrow({ where: { id: row.id } });
    expect(after.endsAt).toEqual(row.endsAt);
  });

  test('a key of another app, or none, cannot be ended here', async () => {
    const other = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: world.backendId } });
    for (const keyId of [other.id, 'nothing'])
      expect((await send(dana, path, `${path}/${keyId}/end`, { when: 'now', reason: 'A test' })).status).toBe(
        404,
      );
  });
});

test('a secret is shown once, works, and is nowhere on the next page', async () => {
  const id = await register(dana, { ...harbor(world), authMethod: 'client_secret_basic' });
  const path = `/developer/apps/${id}/keys`;
  const answer = await send(dana, path, `${path}/secret`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  const secret = /<pre class="code once"[^>]*><code>([^<]+)</.exec(await answer.text())?.[1] ?? '';
  expect(secret).toHaveLength(43);
  const asked = await fetch(`${world.issuer}/token`, {
    method: 'POST',
    headers: { authorization: basic(id, secret) },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'none' }),
  });
  expect(await asked.json()).toMatchObject({ error: 'invalid_grant' });
  expect((await dana.open(path)).html).not.toContain(secret);
});

test('a secret is made only soon after the passkey was shown', async () => {
  const id = await register(dana, { ...harbor(world), authMethod: 'client_secret_basic' });
  await world.store.prisma.staffSession.updateMany({
    data: { verifiedAt: new Date(Date.now() - 3_600_000) },
  });
  const path = `/developer/apps/${id}/keys`;
  const answer = await send(dana, path, `${path}/secret`);
  expect(answer.headers.get('location')).toMatch(/^\/staff\/verify\?next=/);
  expect(await world.store.prisma.appKey.count({ where: { appId: id } })).toBe(0);
  await world.store.prisma.staffSession.updateMany({ data: { verifiedAt: new Date() } });
});

describe('"test my key" names each failing claim', () => {
  const now = () => Math.floor(Date.now() / 1_000);

  test.each([
    ['aud', { claims: { aud: 'https://elsewhere.example' } }, /aud The audience must be one text/],
    ['iss', { claims: { iss: 'somebody' } }, /iss The issuer must be the client_id/],
    ['exp', { claims: { exp: now() - 90 } }, /exp It has expired.*(8\d|9\d|1\d\d) s/],
    ['iat', { claims: { iat: now() + 600 } }, /iat It was issued in the future/],
    ['jti', { claims: { jti: undefined } }, /jti The number of the assertion/],
    ['kid', { header: { kid: 'unknown' } }, /kid No live key of the app has this kid/],
  ])('%s', async (_claim, assertion, words) => {
    const text = await tested(world.backendId, await signAssertion(world, assertion));
    expect(text).toMatch(/thing(s are| is) wrong with this assertion/);
    expect(text).toMatch(words);
  });

  test('several at once, and a wrong signature', async () => {
    const { private: jwk } = await newKey('foreign');
    const { kid } = await backendKey(world, 'ES384');
    const claims = { aud: 'https://elsewhere.example', sub: 'somebody' };
    const text = await tested(
      world.backendId,
      await signAssertion(world, { claims, key: { ...jwk, kid: kid ?? '' } }),
    );
    expect(text).toContain('3 things are wrong');
    expect(text).toContain('The signature was not made with the key that kid names.');
  });

  test.each(['', 'nonsense', 'a.b.c', `${'x'.repeat(9_000)}.y.z`])(
    'what is no JWT is said to be none',
    async (text) => {
      expect(await tested(world.backendId, text)).toContain('It is not a signed JWT');
    },
  );

  test('the assertion is not used up, nor sent back, nor stored', async () => {
    const assertion = await signAssertion(world);
    const first = await tested(world.backendId, assertion);
    expect(first).toContain('would be accepted now');
    expect(await tested(world.backendId, assertion)).toBe(first);
    expect(first).not.toContain(assertion);
  });
});
