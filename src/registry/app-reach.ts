// What an app reaches now, and how it was used on each of the last sixty days.
import type { Actor } from '../policy/permissions.ts';
import { type DayOfUse, readDaysOfUse, readReach } from '../store/app-reach.ts';
import { readableApp } from './app-records.ts';
import type { RegistryDeps } from './deps.ts';

export type { DayOfUse } from '../store/app-reach.ts';

export interface ReachPart {
  /** A scope, or the id of a FHIR server. */
  readonly id: string;
  readonly name: string;
  readonly patients: number;
}

export interface AppReach {
  readonly patients: number;
  /** The widest first. */
  readonly scopes: readonly ReachPart[];
  readonly servers: readonly ReachPart[];
  /** The oldest first. */
  readonly days: readonly DayOfUse[];
}

export async function reachOfApp(deps: RegistryDeps, actor: Actor, appId: string): Promise<AppReach> {
  await readableApp(deps, actor, appId);
  const [reached, days] = await Promise.all([readReach(deps.store, appId), readDaysOfUse(deps.store, appId)]);
  const of = (wanted: string): ReachPart[] =>
    reached.flatMap(({ part, ...rest }) => (part === wanted ? [rest] : []));
  return { patients: of('all')[0]?.patients ?? 0, scopes: of('scope'), servers: of('server'), days };
}
