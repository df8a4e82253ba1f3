// An app whose keys can be fetched no more has gone, or will find its door shut: known before anybody asks.
import { dayOf, daysBetween } from '../policy/days.ts';
import { publicKeys } from '../provider/key-set.ts';
import { policyFor } from '../registry/governance-policies.ts';
import { findGovernedApp } from '../store/governed-apps.ts';
import { jwksToCheck, keepJwksCheck, type PublishingApp } from '../store/jwks-checks.ts';
import type { GovernanceDeps } from './deps.ts';
import { follow } from './follow.ts';
import type { Verdict } from './verdicts.ts';

const APPS_A_PASS = 20;

/** The leader's alone. */
export async function watchKeys(
  deps: GovernanceDeps,
  stopping: { readonly asked: boolean } = { asked: false },
): Promise<void> {
  for (const app of await jwksToCheck(deps.store, APPS_A_PASS)) {
    if (stopping.asked) return;
    await check(deps, app).catch((error) =>
      deps.log.error({ err: error, app: app.id }, 'keys were not looked at'),
    );
  }
}

async function check(deps: GovernanceDeps, publishing: PublishingApp): Promise<void> {
  const fault = await faultAt(deps, publishing.jwksUri);
  const failingSince = await keepJwksCheck(deps.store, publishing, fault);
  const app = await findGovernedApp(deps.store, publishing.id);
  if (app === undefined) return;
  const policy = await policyFor(deps.store.prisma, 'jwks_unreachable');
  const days = policy.afterDays ?? 0;
  const failing = failingSince === null ? -1 : Math.floor(daysBetween(failingSince, app.now));
  const figures = [
    { name: 'failing_days', value: failing, threshold: days },
    { name: 'since', value: failingSince === null ? '' : dayOf(failingSince) },
    { name: 'fault', value: fault ?? '' },
  ];
  const reason = `Its keys could not be fetched for ${failing} days.`;
  const verdict: Verdict = { policy, figures, reason, records: [{ type: 'app', id: app.id }] };
  await follow(deps, app, failing >= days ? [verdict] : [], ['jwks_unreachable']);
}

async function faultAt({ fetch }: GovernanceDeps, url: string): Promise<string | null> {
  const fetched = await fetch(url);
  if ('fault' in fetched) return fetched.fault;
  const { status, text } = fetched.answer;
  if (status !== 200) return `status_${status}`;
  return (keysIn(text)?.length ?? 0) > 0 ? null : 'no_keys';
}

function keysIn(text: string) {
  try {
    return publicKeys(JSON.parse(text));
  } catch {
    return undefined;
  }
}
