// What the developers of an app read about its refusals.
import { listRefusalRows, type Refusal } from '../../src/store/refusals.ts';
import type { World } from './world.ts';

export async function refusalsOf(world: World, appId: string): Promise<readonly Refusal[]> {
  return (await listRefusalRows(world.store, appId, null, { limit: 200 })).rows;
}

/** The newest one: which door, and why. */
export async function latestRefusal(world: World, appId: string): Promise<[string?, Refusal['diagnosis']?]> {
  const [newest] = await refusalsOf(world, appId);
  return newest === undefined ? [] : [newest.door, newest.diagnosis];
}
