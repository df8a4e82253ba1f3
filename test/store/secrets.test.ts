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
  expect(await secrets.isRight('wrong', [hash])).toBe(false);
  for (const _time of [1, 2]) {
    expect(await secrets.isRight('right', [hash])).toBe(true);
    expect(await secrets.isRight('wrong', [hash])).toBe(false);
    expect(await secrets.isRight('', [hash])).toBe(false);
    expect(await secrets.isRight('right', [await hashSecret('other')])).toBe(false);
  }
  expect(await secrets.isRight('right', [])).toBe(false);
});

test('of two live secrets each is right; no third is', async () => {
  const secrets = createSecrets();
  const live = [await hashSecret('old'), await hashSecret('new')];
  expect(await secrets.isRight('old', live)).toBe(true);
  expect(await secrets.isRight('new', live)).toBe(true);
  expect(await secrets.isRight('other', live)).toBe(false);
  expect(await secrets.isRight('old', live.slice(1))).toBe(false);
});

test('a right secret is hashed once in five minutes; a wrong one and an unknown id each time', async () => {
  const secrets = createSecrets();
  const hash = await hashSecret('right');
  const once = await millisecondsFor(() => secrets.isRight('right', [hash]));
  const remembered = await millisecondsFor(() => secrets.isRight('right', [hash]), 20);
  const wrong = await millisecondsFor(() => secrets.isRight('wrong', [hash]), 5);
  const unknown = await millisecondsFor(() => secrets.isRight('right', []), 5);
  expect(remembered).toBeLessThan(once / 5);
  expect(wrong).toBeGreaterThan(remembered * 5);
  expect(unknown).toBeGreaterThan(remembered * 5);
  clock.advance(5 * 60_000);
  expect(await millisecondsFor(() => secrets.isRight('right', [hash]))).toBeGreaterThan(remembered * 5);
});
