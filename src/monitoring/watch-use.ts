// One pass over the apps that nobody read for an hour: first how they were used, then what the rules say of it.
import { appsToRead, readUse } from '../store/app-use.ts';
import { findGovernedApp } from '../store/governed-apps.ts';
import type { GovernanceDeps } from './deps.ts';
import { ASKED, ASKED_WITHOUT_USE, verdictsOf, verdictsWithoutUse } from './dormancy.ts';
import { follow } from './follow.ts';

const APPS_A_PASS = 100;
/** For each app, until it goes on where it was left. */
const READING_MS = 10_000;

interface Stopping {
  readonly asked: boolean;
}

/** The leader's alone. */
export async function watchUse(deps: GovernanceDeps, stopping: Stopping = { asked: false }): Promise<void> {
  const { store, log } = deps;
  for (const appId of await appsToRead(store, APPS_A_PASS)) {
    if (stopping.asked) return;
    // One that cannot be judged does not keep the others.
    await watchApp(deps, appId, stopping).catch((error) =>
      log.error({ err: error, app: appId }, 'an app was not judged'),
    );
  }
}

async function watchApp(deps: GovernanceDeps, appId: string, stopping: Stopping): Promise<void> {
  const until = Date.now() + READING_MS;
  let isRead = await readUse(deps.store, appId);
  while (!isRead && Date.now() < until && !stopping.asked) isRead = await readUse(deps.store, appId);
  const app = await findGovernedApp(deps.store, appId);
  if (app === undefined) return;
  if (isRead) await follow(deps, app, await verdictsOf(deps.store, app), ASKED);
  // Until all was read it might only seem idle.
  else await follow(deps, app, await verdictsWithoutUse(deps.store, app), ASKED_WITHOUT_USE);
}
