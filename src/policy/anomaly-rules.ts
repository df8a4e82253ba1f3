// What anomalies are called where operators say what should follow, and what a narrowing by one of them stops.
import { parseScopes } from '../smart/scope.ts';
import { type Detector, type Judgement, SCORE_LIMIT } from './anomaly.ts';
import { GOVERNANCE_ACTIONS, type GovernancePolicy } from './governance.ts';

export type AnomalyRule = `anomaly_${Detector}`;

export const anomalyRule = (detector: Detector): AnomalyRule => `anomaly_${detector}`;

/** Of kinds of requests, `Observation.search`, all that opens their resource types. */
export function scopesOfKinds(kinds: readonly string[]): string {
  const types = kinds
    .map((kind) => kind.split('.', 1)[0] ?? '')
    .filter((type) => /^[A-Z][A-Za-z]{1,63}$/.test(type));
  const levels = ['patient', 'user', 'system'];
  return [...new Set(types)].flatMap((type) => levels.map((level) => `${level}/${type}.cruds`)).join(' ');
}

const typesOf = (scopes: string): Set<string> =>
  new Set(
    parseScopes(scopes).scopes.flatMap((scope) => (scope.kind === 'resource' ? [scope.resourceType] : [])),
  );

/** Resource types that a revision opens by name and the one before it did not; one that opens all names none. */
export function typesLetIn(scopes: string, before: string): string[] {
  const [now, former] = [typesOf(scopes), typesOf(before)];
  return now.has('*') || former.has('*') ? [] : [...now].filter((type) => !former.has(type));
}

export interface Reached {
  /** The strongest term whose policy says that the score is enough names the finding. */
  readonly rule: AnomalyRule;
  /** The severest of what may follow, and who says so. */
  readonly policy: GovernancePolicy;
}

/** What follows from an hour, by the policies of all its terms; undefined: nothing. */
export function reachedBy(
  { terms, score }: Judgement,
  policies: ReadonlyMap<AnomalyRule, GovernancePolicy>,
): Reached | undefined {
  const reached = terms.flatMap(({ detector }) => {
    const rule = anomalyRule(detector);
    const policy = policies.get(rule);
    return policy !== undefined && score >= (policy.threshold ?? SCORE_LIMIT) ? [{ rule, policy }] : [];
  });
  const [first] = reached;
  if (first === undefined) return undefined;
  const severity = ({ policy }: Reached) => GOVERNANCE_ACTIONS.indexOf(policy.action);
  const severest = reached.reduce((most, one) => (severity(one) > severity(most) ? one : most));
  return { rule: first.rule, policy: severest.policy };
}
