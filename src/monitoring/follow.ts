// From what a rule says to the finding, and to what an operator said should follow. Done twice it does no harm: the finding
// is one, a restriction holds once, and what is suspended or ended already is left alone.

import { daysBefore } from '../policy/days.ts';
import { byPolicy } from '../policy/permissions.ts';
import { endKey } from '../registry/app-keys.ts';
import { offboardApp, suspendApp } from '../registry/app-standing.ts';
import { closeFindingIn, type FindingKind, openRuleFinding } from '../registry/findings.ts';
import { policyFor } from '../registry/governance-policies.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import { restrictApp } from '../registry/restrictions.ts';
import { endGrantsWithin } from '../store/consents.ts';
import type { Transaction } from '../store/database.ts';
import {
  findTakenBack,
  type GovernedApp,
  patientsOfGrants,
  type RuleFinding,
  ruleFindingsOf,
} from '../store/governed-apps.ts';
import { wasReleasedSince } from '../store/traffic-past.ts';
import type { GovernanceDeps } from './deps.ts';
import type { Verdict } from './verdicts.ts';

const REMEMBERED_DAYS = 3_650;

/** Acts on all verdicts about an app; what is open of these rules and was not said again is closed. */
export async function follow(
  deps: GovernanceDeps,
  app: GovernedApp,
  verdicts: readonly Verdict[],
  asked: readonly FindingKind[],
): Promise<void> {
  const known = await ruleFindingsOf(deps.store.prisma, app.id, daysBefore(app.now, REMEMBERED_DAYS));
  for (const verdict of verdicts) {
    if (!isAnswered(known, verdict, app.now) && !isTold(known, verdict)) await act(deps, app, verdict);
  }
  for (const finding of known.filter(({ closedAt, holding }) => closedAt === null && holding === 0)) {
    if (
      asked.some((kind) => kind === finding.kind) &&
      !verdicts.some((verdict) => isAbout(finding, verdict))
    ) {
      await deps.store.prisma.$transaction((tx) =>
        closeFindingIn(tx, deps, byPolicy, { id: finding.id, reason: 'The rule does not find it any more.' }),
      );
    }
  }
}

const isAbout = ({ kind, event }: RuleFinding, { policy, event: about }: Verdict) =>
  kind === policy.rule && event === (about ?? null);

/** It is open, and nothing more follows. */
const isTold = (known: readonly RuleFinding[], verdict: Verdict) =>
  verdict.policy.action === 'alert' &&
  known.some((finding) => isAbout(finding, verdict) && finding.closedAt === null);

/** Who confirmed it, or closed it with a reason, is not asked again until as many days have passed. */
const isAnswered = (known: readonly RuleFinding[], verdict: Verdict, now: Date) =>
  known.some(
    (finding) =>
      isAbout(finding, verdict) &&
      finding.closedAt !== null &&
      finding.closedAt > daysBefore(now, verdict.policy.afterDays ?? 1),
  );

async function act(deps: GovernanceDeps, app: GovernedApp, verdict: Verdict): Promise<void> {
  const { policy, event, figures, records = [], reason, scopes = [], keyId, grantIds = [] } = verdict;
  const { rule, action } = policy;
  const about = { appId: app.id, ...(event === undefined ? {} : { event }) };
  const follows = await deps.store.prisma.$transaction(async (tx) => {
    if (!(await isSaidStill(tx, verdict))) return false;
    const found = { kind: rule, rule, figures, records, isRoutine: true };
    const { id: findingId, isNew } = await openRuleFinding(tx, deps.store, { ...about, ...found });
    if (!isNew && (await isTakenBack(tx, app.id, findingId, verdict))) return false;
    const because = { appId: app.id, reason, findingId, by: byPolicy };
    if (action === 'narrow' && scopes.length > 0)
      await restrictApp(tx, deps, { ...because, kind: 'narrow', scopes: scopes.join(' ') });
    if (action === 'quarantine' || action === 'step_up')
      await restrictApp(tx, deps, { ...because, kind: action, ...(keyId === undefined ? {} : { keyId }) });
    if (action === 'end' && rule === 'dormant_consent') await endConsents(deps, app, grantIds, tx);
    return true;
  });
  if (!follows || rule === 'dormant_consent') return;
  if (action === 'suspend') await unlessDone(suspendApp(deps, byPolicy, app.id, { reason }));
  if (action !== 'end') return;
  const ending = keyId === undefined ? offboardApp(deps, byPolicy, app.id, { reason }) : undefined;
  await unlessDone(ending ?? endKey(deps, byPolicy, app.id, keyId ?? '', { when: 'now', reason }));
}

/** The policies of a pass were read when it began: where an operator has said otherwise since, the next pass asks anew. */
async function isSaidStill(
  tx: Transaction,
  { policy: { rule, action, afterDays } }: Verdict,
): Promise<boolean> {
  if (action === 'alert') return true;
  const now = await policyFor(tx, rule);
  return now.action === action && now.afterDays === afterDays;
}

/** Who lifted what followed from an open finding, or resumed the app, is not overruled until it is closed. */
async function isTakenBack(
  tx: Transaction,
  appId: string,
  findingId: string,
  { policy: { rule, action }, keyId }: Verdict,
): Promise<boolean> {
  const { openedAt, isLifted } = await findTakenBack(tx, findingId);
  if (isLifted) return true;
  const stopsApp = action !== 'narrow' && keyId === undefined && rule !== 'dormant_consent';
  return stopsApp && wasReleasedSince(tx, { appId, action: 'suspend' }, openedAt);
}

/** Each patient is told with her receipt. */
async function endConsents(
  { store }: GovernanceDeps,
  app: GovernedApp,
  grantIds: readonly string[],
  tx: Transaction,
): Promise<void> {
  for (const { grantId, patientId } of await patientsOfGrants(tx, grantIds)) {
    const { eventIds } = await endGrantsWithin(tx, store, [grantId], { by: 'dormancy' });
    const [receipt] = eventIds;
    if (receipt === undefined || patientId === null) continue;
    const values = { app: app.name, receipt: String(receipt) };
    await tellPatient(tx, { type: 'patient.sharing_unused', patientId, values });
  }
}

async function unlessDone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RegistryRefusal && error.reason === 'state_conflict')) throw error;
  }
}
