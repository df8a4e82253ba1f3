// From an hour that is out of the ordinary to its finding, and to what an operator said should follow: both at once or not
// at all. Where nobody said anything the finding is all.
import { type Judgement, judgeHour, type Profile } from '../policy/anomaly.ts';
import { anomalyRule, reachedBy, scopesOfKinds } from '../policy/anomaly-rules.ts';
import type { GovernancePolicy } from '../policy/governance.ts';
import { byPolicy } from '../policy/permissions.ts';
import { suspendHeld } from '../registry/app-standing.ts';
import { type Figure, openRuleFinding } from '../registry/findings.ts';
import { policyFor } from '../registry/governance-policies.ts';
import { restrictApp } from '../registry/restrictions.ts';
import { holdAppRow } from '../store/app-records.ts';
import { cutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import {
  eventsOfHour,
  hourName,
  recordsOfHour,
  type TrafficHourRow,
  wasClosedSince,
  wasReleasedSince,
} from '../store/traffic-past.ts';
import type { GovernanceDeps } from './deps.ts';

export type AnomalyDeps = Pick<GovernanceDeps, 'store' | 'log'>;

const SHOWN = 20;

export async function raiseAnomaly(deps: AnomalyDeps, row: TrafficHourRow, profile: Profile): Promise<void> {
  const judgement = judgeHour({ ...row, counts: row }, profile);
  const { store } = deps;
  const rules = judgement.terms.map(({ detector }) => anomalyRule(detector));
  const policies = await Promise.all(
    rules.map(async (name) => [name, await policyFor(store.prisma, name)] as const),
  );
  const reached = reachedBy(judgement, new Map(policies));
  if (reached === undefined) return;
  const { rule, policy } = reached;
  const { appId, resourceServerId: server, hour } = row;
  const resourceServerId = server === '' ? null : server;
  // Who looked at this hour and closed it is not told again.
  if (await wasClosedSince(store, { kind: rule, appId, resourceServerId }, hour)) return;
  const records = [
    ...(await eventsOfHour(store, row, hour, SHOWN)).map((id) => ({ type: 'audit_event', id })),
    ...(await recordsOfHour(store, row, hour, SHOWN)).map((id) => ({ type: 'access_record', id })),
  ];
  const about = { appId, ...(resourceServerId === null ? {} : { resourceServerId }) };
  const found = {
    ...about,
    event: hourName(hour),
    kind: rule,
    rule,
    figures: figuresOf(judgement, row),
    records,
  };
  await store.prisma.$transaction(async (tx) => {
    const { id } = await openRuleFinding(tx, store, { ...found, score: judgement.score });
    // Also of one that is open: what another policy says, or what the hour has come to since.
    if (policy.action !== 'alert' && !(await wasReleasedSince(tx, { appId, action: policy.action }, hour)))
      await followUp(tx, deps, { row, policy, findingId: id, judgement });
  });
}

/** Each term with its threshold and its points, and what was new by name. */
function figuresOf({ terms }: Judgement, { hour, newNetworks, newKinds }: TrafficHourRow): Figure[] {
  const news = [
    { name: 'networks', values: newNetworks, detector: 'new_network' },
    { name: 'kinds', values: newKinds, detector: 'new_kinds' },
  ].filter(({ detector }) => terms.some((term) => term.detector === detector));
  return [
    { name: 'hour', value: hour.toISOString() },
    ...terms.flatMap(({ detector, figure, value, threshold, points }) => [
      { name: `${detector}.${figure}`, value, threshold },
      { name: `${detector}.points`, value: points },
    ]),
    ...news.map(({ name, values }) => ({ name, value: values.slice(0, SHOWN).join(' ') })),
  ];
}

interface Raised {
  readonly row: TrafficHourRow;
  readonly policy: GovernancePolicy;
  readonly findingId: string;
  readonly judgement: Judgement;
}

/** The reason names what it rests on (45 CFR 171.203), and the way to answer. */
async function followUp(
  tx: Transaction,
  { store }: AnomalyDeps,
  { row, policy: { action, rule, reason: said }, findingId, judgement: { terms, score } }: Raised,
): Promise<void> {
  const { appId, newKinds } = row;
  const figures = terms
    .map(({ detector, value, threshold }) => `${detector} ${value} (${threshold})`)
    .join(', ');
  const reason = `${rule}: ${figures}; score ${score}. For security (45 CFR 171.203)${said === null ? '' : `: ${said}`}. Answer the finding ${findingId} in the developer portal.`;
  const because = { appId, reason, findingId, by: byPolicy };
  const scopes = scopesOfKinds(newKinds);
  if (action === 'narrow' && scopes !== '')
    await restrictApp(tx, { store }, { ...because, kind: 'narrow', scopes });
  if (action === 'quarantine' || action === 'step_up') {
    const id = await restrictApp(tx, { store }, { ...because, kind: action });
    // Who may be a thief does not go on until the tokens run out; consents wait.
    const cut = { kind: 'client', subjectIds: [appId], endsGrants: false } as const;
    if (id !== undefined) await cutOff(tx, store, { ...cut, cause: 'app.restricted' });
  }
  if (action !== 'suspend') return;
  const app = await holdAppRow(tx, appId);
  if (app !== null && app.suspendedAt === null && app.offboardedAt === null)
    await suspendHeld(tx, store, byPolicy, app, reason);
}
