import { isResourceType } from './resource-types.ts';
import { formatScope, type Scope } from './scope.ts';
import { covers, intersect } from './scope-algebra.ts';

export interface Negotiation {
  /** In the order and spelling asked for; narrowed where the ceiling is narrower. */
  readonly accepted: Scope[];
  /** Asked for, and nothing of it is left. */
  readonly refused: Scope[];
}

/** What an app asks for, met with the ceiling that it was approved for. */
export function negotiate(requested: readonly Scope[], ceiling: readonly Scope[]): Negotiation {
  const accepted = new Map<string, Scope>();
  const refused: Scope[] = [];
  for (const asked of requested) {
    const met = covers(ceiling, asked) ? [asked] : intersect([asked], ceiling);
    const known = met.filter(isKnown);
    if (known.length === 0) refused.push(asked);
    for (const scope of known) accepted.set(formatScope(scope), scope);
  }
  return { accepted: [...accepted.values()], refused };
}

function isKnown(scope: Scope): boolean {
  return scope.kind !== 'resource' || scope.resourceType === '*' || isResourceType(scope.resourceType);
}
