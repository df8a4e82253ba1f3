// Waits for what comes by itself: no longer than it takes, and as long as a slow or busy machine may need.
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 120_000;

/** Looks again until what it sees is there, and answers with it. */
export async function until<Seen>(
  look: () => Seen | Promise<Seen>,
  missing: () => string = () => 'it never came to that',
): Promise<NonNullable<Seen>> {
  // Not Date, which tests move.
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; await sleep(20)) {
    const seen = await look();
    if (seen) return seen;
  }
  throw new Error(missing());
}
