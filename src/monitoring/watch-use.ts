// One pass over the apps that nobody read for an hour: first how they were used, then what the rules say of it.
import { appsToRead, readUse } from '../store/app-use.ts';
import { findGovernedApp } from '../store/governed-apps.ts';
import type { GovernanceDeps } from './deps.ts';
import { ASKED, verdictsOf } from './dormancy.ts';
import { follow } from './follow.ts';

const APPS_A_PASS = 100;

/** The leader's alone; each app costs the same however much it was used, and goes on where it was left. */
export async function watchUse(
  deps: GovernanceDeps,
  stopping: { readonly asked: boolean } = { asked: false },
): Promise<void> {
  const { store, log } = deps;
  for (const appId of await appsToRead(store, APPS_A_PASS)) {
    if (stopping.asked) return;
    // One that cannot be judged does not keep the others.
    await watchApp(deps, appId).catch((error) =>
      log.error({ err: error, app: appId }, 'an app was not judged'),
    );
  }
}

async function watchApp(deps: GovernanceDeps, appId: string): Promise<void> {
  // Until all was read it might only seem idle.
  if (!(await readUse(deps.store, appId))) return;
  const app = await findGovernedApp(deps.store, appId);
  if (app !== undefined) await follow(deps, app, await verdictsOf(deps.store, app), ASKED);
}
