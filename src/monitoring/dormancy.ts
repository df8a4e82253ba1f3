// What nobody uses: apps, credentials, scopes, consents. One app at a time, each question bounded.
import { dayOf, daysBefore } from '../policy/days.ts';
import { idleDays, lastUsed, opaqueParts, unusedScopes, usableSpan } from '../policy/dormancy.ts';
import { defaultPolicy, type GovernancePolicy, type GovernanceRuleName } from '../policy/governance.ts';
import { policyFor } from '../registry/governance-policies.ts';
import { dormantConsents, seenSince, usedThroughOn } from '../store/app-use.ts';
import type { Store } from '../store/database.ts';
import { type GovernedApp, liveKeysOf } from '../store/governed-apps.ts';
import type { Verdict } from './verdicts.ts';

const CONSENTS_A_PASS = 200;
const SHOWN = 20;

/** What operators said of each rule, read once for many apps. */
export type Policies = ReadonlyMap<GovernanceRuleName, GovernancePolicy>;

export async function policiesNow(store: Store): Promise<Policies> {
  return new Map(
    await Promise.all(ASKED.map(async (rule) => [rule, await policyFor(store.prisma, rule)] as const)),
  );
}

interface Asked extends GovernedApp {
  readonly policies: Policies;
}

/** In the order in which they are acted on: of an app that nobody uses nothing more is asked. */
export async function verdictsOf(store: Store, app: Asked): Promise<Verdict[]> {
  const idle = await idleApp(store, app);
  const of = [...(idle.length > 0 ? [] : [idleKeys, idleScopes]), idleConsents];
  const found = await Promise.all(of.map((rule) => rule(store, app)));
  return [...idle, ...verdictsWithoutUse(app), ...found.flat()];
}

/** Of what needs no reading of its use. */
export function verdictsWithoutUse(app: Asked): Verdict[] {
  return [...contractOver(app), ...opaque(app)];
}
export const ASKED_WITHOUT_USE: readonly GovernanceRuleName[] = ['contract_over', 'integration_opaque'];

/** The rules that `verdictsOf` asks: what is open of them and not said again is over. */
export const ASKED: readonly GovernanceRuleName[] = [
  ...(['dormant_app', 'dormant_key', 'unused_scope', 'dormant_consent'] as const),
  ...ASKED_WITHOUT_USE,
];

function policyOf({ policies }: Asked, rule: GovernanceRuleName) {
  const policy = policies.get(rule) ?? defaultPolicy(rule);
  return { policy, days: policy.afterDays ?? 0 };
}

/** What lies in quarantine is as idle as it was when that began. */
const spanOf = (app: Asked) => usableSpan([app.inForceSince, app.unusableUntil], app.quarantines, app.now);

async function idleApp(store: Store, app: Asked): Promise<Verdict[]> {
  const { policy, days } = policyOf(app, 'dormant_app');
  const [seen, through] = await Promise.all([
    seenSince(store, app.id, dayOf(app.now)),
    usedThroughOn(store, app.id),
  ]);
  const lastUsedOn = lastUsed(seen.lastUsedOn, through);
  const lastUsedAt = lastUsedOn === null ? null : new Date(lastUsedOn);
  const { since, until } = spanOf(app);
  const idle = idleDays(lastUsedAt, since, until);
  if (idle < days) return [];
  const last = { name: 'last_used', value: lastUsedOn ?? 'never' };
  const figures = [{ name: 'unused_days', value: idle, threshold: days }, last];
  return [{ policy, figures, records: [{ type: 'app', id: app.id }], reason: `Not used for ${idle} days.` }];
}

async function idleKeys(store: Store, app: Asked): Promise<Verdict[]> {
  const { policy, days } = policyOf(app, 'dormant_key');
  const keys = await liveKeysOf(store, app.id, app.now);
  return keys.flatMap(({ id, lastUsedAt, createdAt, restrictions }): Verdict[] => {
    const stops = [...restrictions, ...app.quarantines];
    const { since, until } = usableSpan([createdAt, app.unusableUntil], stops, app.now);
    const idle = idleDays(lastUsedAt, since, until);
    if (idle < days) return [];
    const last = { name: 'last_used', value: lastUsedAt === null ? 'never' : dayOf(lastUsedAt) };
    return [
      {
        ...{ policy, event: id, keyId: id, reason: `The credential was not used for ${idle} days.` },
        figures: [{ name: 'unused_days', value: idle, threshold: days }, last],
        records: [{ type: 'app_key', id }],
      },
    ];
  });
}

async function idleScopes(store: Store, app: Asked): Promise<Verdict[]> {
  const { policy, days } = policyOf(app, 'unused_scope');
  const span = spanOf(app);
  const since = daysBefore(span.until, days);
  if (span.since > since) return [];
  const seen = await seenSince(store, app.id, dayOf(since));
  const { scopes, stoppable, evidence } = unusedScopes(app.scopeCeiling, seen.issued, seen);
  if (scopes.length === 0) return [];
  const figures = [
    { name: 'unused_scopes', value: scopes.length, threshold: 1 },
    { name: 'scopes', value: scopes.join(' ') },
    { name: 'days', value: days },
    // Of tokens alone it is known what they held, not what they were used for.
    { name: 'evidence', value: evidence },
  ];
  const reason = `Not used for ${days} days: ${scopes.join(' ')}`;
  return [{ policy, figures, reason, scopes: stoppable, records: [{ type: 'app', id: app.id }] }];
}

async function idleConsents(store: Store, app: Asked): Promise<Verdict[]> {
  const { policy, days } = policyOf(app, 'dormant_consent');
  // Consents outlive revisions.
  const { since, until } = usableSpan([new Date(0), app.unusableUntil], app.quarantines, app.now);
  const before = daysBefore(until, days);
  if (since > before) return [];
  const found = await dormantConsents(store, app.id, before, CONSENTS_A_PASS);
  if (found.length === 0) return [];
  const figures = [
    { name: 'unused_consents', value: found[0]?.all ?? 0, threshold: 1 },
    { name: 'days', value: days },
  ];
  const grantIds = found.map(({ grantId }) => grantId);
  const records = grantIds.slice(0, SHOWN).map((id) => ({ type: 'consent', id }));
  return [{ policy, figures, records, grantIds, reason: `Consents that were not used for ${days} days.` }];
}

function contractOver(app: Asked): Verdict[] {
  const { id, contractEndsAt, now } = app;
  const { policy, days } = policyOf(app, 'contract_over');
  if (contractEndsAt === null || contractEndsAt > daysBefore(now, days)) return [];
  const over = idleDays(null, contractEndsAt, now);
  const figures = [
    { name: 'days_over', value: over, threshold: days },
    { name: 'ended', value: dayOf(contractEndsAt) },
  ];
  return [
    { policy, figures, records: [{ type: 'app', id }], reason: `The contract ended ${over} days ago.` },
  ];
}

function opaque(app: Asked): Verdict[] {
  const missing = opaqueParts(app);
  if (missing.length === 0) return [];
  const { policy, days } = policyOf(app, 'integration_opaque');
  if (app.inForceSince > daysBefore(app.now, days)) return [];
  const figures = [{ name: 'not_shown', value: missing.join(' ') }];
  return [
    {
      policy,
      figures,
      records: [{ type: 'app', id: app.id }],
      reason: `It does not show: ${missing.join(', ')}.`,
    },
  ];
}
