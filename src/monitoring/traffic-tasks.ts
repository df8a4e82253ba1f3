import type { AnomalyDeps } from './anomalies.ts';
import { createTrafficWatch } from './traffic-watch.ts';

/** For the instance that leads, in a loop of its own: what is to be isolated within a minute waits for nothing else. */
export const trafficTasks = (deps: AnomalyDeps) => [
  { name: 'traffic of apps', everyMs: 15_000, run: createTrafficWatch(deps) },
];
