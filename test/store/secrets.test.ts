import { afterAll, expect, test } from '@jest/globals';
import { createSecrets, hashSecret, LIVE_MAX } from '../../src/store/secrets.ts';
import { movableClock } from '../setup/clock.ts';
import { hashingsIn } from '../setup/hashings.ts';

const clock = movableClock();
afterAll(() => clock.restore());

test('a stored secret is argon2id with 19 MiB and 2 passes (OWASP), never the secret, never the same twice', async () => {
  const [first, second] = [await hashSecret('a secret'), await hashSecret('a secret')];
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(first).not.toContain('a secret');
  expect(first).not.toBe(second);
});

test('the right secret is right, again and again; another never is, also right after it', async () => {
  const secrets = createSecrets();
  const hash = await hashSecret('right');
  expect(await secrets.rightHash('wrong', [hash])).toBeUndefined();
  for (const _time of [1, 2]) {
    expect(await secrets.rightHash('right', [hash])).toBe(hash);
    expect(await secrets.rightHash('wrong', [hash])).toBeUndefined();
    expect(await secrets.rightHash('', [hash])).toBeUndefined();
    expect(await secrets.rightHash('right', [await hashSecret('other')])).toBeUndefined();
  }
  expect(await secrets.rightHash('right', [])).toBeUndefined();
});

test('of two live secrets each is right; no third is', async () => {
  const secrets = createSecrets();
  const live = [await hashSecret('old'), await hashSecret('new')];
  expect(await secrets.rightHash('old', live)).toBe(live[0]);
  expect(await secrets.rightHash('new', live)).toBe(live[1]);
  expect(await secrets.rightHash('other', live)).toBeUndefined();
  expect(await secrets.rightHash('old', live.slice(1))).toBeUndefined();
});

test('a right secret is hashed once in five minutes; a wrong one and an unknown id each time', async () => {
  const secrets = createSecrets();
  const hash = await hashSecret('right');
  await secrets.rightHash('what it begins with', []);
  const hashings = (secret: string, of: readonly string[]) => hashingsIn(() => secrets.rightHash(secret, of));
  expect(await hashings('right', [hash])).toBe(LIVE_MAX);
  for (const _time of [1, 2]) {
    expect(await hashings('right', [hash])).toBe(0);
    expect(await hashings('wrong', [hash])).toBe(LIVE_MAX);
    expect(await hashings('right', [])).toBe(LIVE_MAX);
  }
  clock.advance(5 * 60_000);
  expect(await hashings('right', [hash])).toBe(LIVE_MAX);
});
