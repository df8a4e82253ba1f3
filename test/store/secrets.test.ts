import { afterAll, expect, test } from '@jest/globals';
import { createSecrets, hashSecret } from '../../src/store/secrets.ts';
import { movableClock } from '../setup/clock.ts';

const clock = movableClock();
afterAll(() => clock.restore());

async function millisecondsFor(work: () => Promise<unknown>, times = 1): Promise<number> {
  const begun = performance.now();
  for (let count = 0; count < times; count += 1) await work();
  return (performance.now() - begun) / times;
}

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
  const once = await millisecondsFor(() => secrets.rightHash('right', [hash]));
  const remembered = await millisecondsFor(() => secrets.rightHash('right', [hash]), 20);
  const wrong = await millisecondsFor(() => secrets.rightHash('wrong', [hash]), 5);
  const unknown = await millisecondsFor(() => secrets.rightHash('right', []), 5);
  expect(remembered).toBeLessThan(once / 5);
  expect(wrong).toBeGreaterThan(remembered * 5);
  expect(unknown).toBeGreaterThan(remembered * 5);
  clock.advance(5 * 60_000);
  expect(await millisecondsFor(() => secrets.rightHash('right', [hash]))).toBeGreaterThan(remembered * 5);
});
