// Why a request is allowed or not: each rule, the facts that it looked at and what it said.
import { type Reason, refusals } from '../errors.ts';
import { type AccessDecision, type AccessFacts, access, decideAccess } from './access.ts';
import type { Rule } from './rules.ts';

export interface RuleOutcome {
  /** The refusal that the rule gives. */
  readonly rule: Reason;
  readonly holds: boolean;
  /** By their paths, `token.tokenExpiresAt`, as they were looked at. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Explanation {
  readonly decision: AccessDecision;
  /** The public words of a refusal. */
  readonly says: string | undefined;
  readonly rules: readonly RuleOutcome[];
}

/** All rules, also those after the first that does not hold. */
export function explainAccess(facts: AccessFacts): Explanation {
  const decision = decideAccess(facts);
  return {
    decision,
    says: decision.permitted ? undefined : refusals[decision.reason].text,
    rules: access.map((rule) => explainRule(rule, facts)),
  };
}

export function explainRule<Facts extends object>([rule, holds]: Rule<Facts>, facts: Facts): RuleOutcome {
  const seen = new Map<string, unknown>();
  const outcome = holds(watched(facts, '', seen));
  // Of a part the members that were looked at are told, not the part.
  const paths = [...seen.keys()];
  const told = [...seen].filter(([path]) => !paths.some((other) => other.startsWith(`${path}.`)));
  return { rule, holds: outcome, facts: Object.fromEntries(told) };
}

function watched<Facts extends object>(facts: Facts, at: string, seen: Map<string, unknown>): Facts {
  return new Proxy(facts, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol') return value;
      const path = at === '' ? name : `${at}.${name}`;
      seen.set(path, value);
      return isPart(value, path) ? watched(value as object, path, seen) : value;
    },
  });
}

/** What is one fact, however much stands in it, is not taken apart. */
const isPart = (value: unknown, path: string) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !WHOLE.includes(path);

const WHOLE = ['app.hours', 'settings.bulkHours', 'token.contractLimits', 'token.extra'];
