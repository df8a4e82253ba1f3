import type { GovernanceDeps } from './deps.ts';
import { watchKeys } from './watch-keys.ts';
import { watchUse } from './watch-use.ts';

/** For the instance that leads. */
export const useTasks = (deps: GovernanceDeps) => [
  {
    name: 'use of apps',
    everyMs: 60_000,
    run: (stopping: { readonly asked: boolean }) => watchUse(deps, stopping),
  },
  {
    name: 'published keys',
    everyMs: 60_000,
    run: (stopping: { readonly asked: boolean }) => watchKeys(deps, stopping),
  },
];
