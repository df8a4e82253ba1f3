// One pass over the apps that nobody read for an hour: first how they were used, then what the rules say of it. It works
// for a third of the time at most, so that a round over thousands of apps takes minutes and keeps nobody waiting.
import { setTimeout as sleep } from 'node:timers/promises';
import { appsToRead, noteTry, readUse } from '../store/app-use.ts';
import { findGovernedApp } from '../store/governed-apps.ts';
import { noteStopped } from '../store/unusable-apps.ts';
import type { GovernanceDeps } from './deps.ts';
import {
  ASKED,
  ASKED_WITHOUT_USE,
  type Policies,
  policiesNow,
  verdictsOf,
  verdictsWithoutUse,
} from './dormancy.ts';
import { follow } from './follow.ts';

/** More than one pass can read: those that wait for longest come first. */
const APPS_A_PASS = 5_000;
/** Then it is found out again whether this instance still leads, and other tasks have their turn. */
const PASS_MS = 30_000;
/** For each app, until it goes on where it was left. */
const READING_MS = 10_000;
/** A rest is so many times as long as the work before it took: the busier the database, the slower. */
const REST = 2;
const REST_MOST_MS = 1_000;

interface Stopping {
  readonly asked: boolean;
}

async function paced<Value>(work: () => Promise<Value>): Promise<Value> {
  const began = performance.now();
  const done = await work();
  await sleep(Math.min(REST_MOST_MS, REST * (performance.now() - began)));
  return done;
}

/** The leader's alone. */
export async function watchUse(
  deps: GovernanceDeps,
  stopping: Stopping = { asked: false },
  passMs = PASS_MS,
): Promise<void> {
  const { store, log } = deps;
  const began = performance.now();
  const policies = await policiesNow(store);
  for (const appId of await appsToRead(store, APPS_A_PASS, ASKED)) {
    if (stopping.asked || performance.now() - began >= passMs) return;
    // One that cannot be judged does not keep the others.
    await watchApp(deps, { appId, policies }, stopping).catch((error) =>
      log.error({ err: error, app: appId }, 'an app was not judged'),
    );
  }
}

interface Watched {
  readonly appId: string;
  readonly policies: Policies;
}

async function watchApp(
  deps: GovernanceDeps,
  { appId, policies }: Watched,
  stopping: Stopping,
): Promise<void> {
  const { store } = deps;
  const began = performance.now();
  const read = () =>
    paced(() => readUse(store, appId)).catch(async (error) => {
      await noteTry(store, appId);
      throw error;
    });
  let isRead = await read();
  while (!isRead && performance.now() - began < READING_MS && !stopping.asked) isRead = await read();
  await paced(async () => {
    const found = await findGovernedApp(store, appId);
    // Whoever lets it again says so, too: this is for what ends by itself, as a platform whose contract is renewed.
    if (found === undefined || found.isPlatformStopped) await noteStopped(store, appId);
    if (found === undefined) return;
    const app = { ...found, policies };
    if (isRead && !app.isPlatformStopped) await follow(deps, app, await verdictsOf(store, app), ASKED);
    // Until all was read it might only seem idle; what cannot act is not idle.
    else await follow(deps, app, verdictsWithoutUse(app), ASKED_WITHOUT_USE);
  });
}
