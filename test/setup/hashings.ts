// How often argon2 runs: what a secret costs, on whatever machine.
import { createHook } from 'node:async_hooks';

export async function hashingsIn(work: () => Promise<unknown>): Promise<number> {
  let hashings = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'argon2:HashWorker') hashings += 1;
    },
  }).enable();
  await work().finally(() => hook.disable());
  return hashings;
}
