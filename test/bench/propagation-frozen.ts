// The asked instance is stopped (SIGSTOP) before the revocation and goes on after its acknowledgement.
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchFault, say } from './bench.ts';
import type { Judged } from './propagation.ts';
import {
  createAsker,
  createRevoker,
  type Instances,
  REVOKED_FIRST,
  type Verdict,
} from './propagation-instances.ts';

export interface Freezes {
  readonly rounds: number;
  /** Tokens a freeze. */
  readonly each: number;
}

export interface Frozen extends Judged {
  /** Sent before the freeze, and answered active after it: true at the time they were sent, and no fault. */
  readonly activeOfInFlight: number;
}

/** Every tenth freeze outlives the statement timeout of introspection. */
const [SHORT_MS, LONG_MS] = [100, 3_000];

export async function freeze(instances: Instances, { rounds, each }: Freezes): Promise<Frozen> {
  const { b, token } = instances;
  const askers = Array.from({ length: 3 * each }, () => createAsker(instances, b.port));
  const revoker = createRevoker(instances);
  /** One question a connection. */
  const ask = (tokens: readonly string[], from: number) =>
    tokens.map((one, index) => askers[from + index]?.isActive(one) as Promise<Verdict>);
  let stalePermits = 0;
  let activeOfInFlight = 0;

  for (let round = 0; round < rounds; round += 1) {
    if (round % 10 === 0) say(`freeze ${round}`);
    const numbers = Array.from({ length: each }, (_, index) => REVOKED_FIRST + round * each + index);
    const tokens = numbers.map(token);
    const before = await Promise.all(ask(tokens, 0));
    if (before.some(({ active }) => active !== true)) throw new BenchFault('a token is not active before');
    const inFlight = ask(tokens, 0);
    // Some of them are read, some wait for the database, some are not read yet.
    if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    b.child.kill('SIGSTOP');
    for (const [index, n] of numbers.entries()) {
      const { status } = await revoker.revoke(n, tokens[index] ?? '');
      if (status !== 200) throw new BenchFault(`a revocation was answered with ${status}`);
    }
    const askedFrozen = ask(tokens, each);
    await sleep(round % 10 === 9 ? LONG_MS : SHORT_MS);
    b.child.kill('SIGCONT');
    const askedAfter = ask(tokens, 2 * each);
    const judged = await Promise.all([...askedFrozen, ...askedAfter]);
    stalePermits += judged.filter(({ active }) => active === true).length;
    activeOfInFlight += (await Promise.all(inFlight)).filter(({ active }) => active === true).length;
    for (const [index, one] of tokens.entries()) {
      // 503 is no permit, but it passes.
      while ((await askers[index]?.isActive(one))?.active === undefined) await sleep(20);
    }
  }
  for (const one of [...askers, revoker]) one.close();
  return { revocations: rounds * each, stalePermits, activeOfInFlight };
}
