import type { Actor } from '../policy/permissions.ts';
import type { Page, Paging } from '../store/paging.ts';
import { listRefusalRows, type Refusal } from '../store/refusals.ts';
import { readableApp } from './app-records.ts';
import type { RegistryDeps } from './deps.ts';
import { eventPlaceAfter } from './input.ts';

export { REFUSAL_DAYS } from '../store/refusals.ts';

/** Why requests of an app were refused in the last days, the newest first: with what the answers had to hide. */
export async function listRefusals(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  paging: Paging = {},
): Promise<Page<Refusal>> {
  const { id } = await readableApp(deps, actor, appId);
  return listRefusalRows(deps.store, id, eventPlaceAfter(paging), paging);
}
