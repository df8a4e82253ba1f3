import { canonicalConstraints, narrows } from './constraint.ts';
import { mergeInteractions, type ResourceScope, type Scope, withInteractions } from './scope.ts';

/** True when the granted scopes together allow everything that is asked, interaction by interaction. */
export function covers(granted: readonly Scope[], asked: Scope): boolean {
  if (asked.kind !== 'resource') return granted.some((scope) => includesOther(scope, asked));
  const letters = granted.flatMap((scope) =>
    scope.kind === 'resource' && reaches(scope, asked) ? [...scope.interactions] : [],
  );
  return asked.interactions !== '' && [...asked.interactions].every((letter) => letters.includes(letter));
}

export function coversAll(granted: readonly Scope[], asked: readonly Scope[]): boolean {
  return asked.every((scope) => covers(granted, scope));
}

/** The most that both sides allow, spelled as the first side spells it. */
export function intersect(a: readonly Scope[], b: readonly Scope[]): Scope[] {
  const meets = (left: Scope) => b.flatMap((right) => meet(left, right) ?? []);
  return mergeInteractions(shortest(a).flatMap((left) => shortest(meets(left))));
}

export function union(a: readonly Scope[], b: readonly Scope[]): Scope[] {
  return shortest([...a, ...b]);
}

/** All resources of the narrow scope are among those of the wide one; levels are never exchanged. */
function reaches(wide: ResourceScope, narrow: ResourceScope): boolean {
  const type = wide.resourceType === '*' || wide.resourceType === narrow.resourceType;
  return wide.level === narrow.level && type && narrows(narrow.constraints, wide.constraints);
}

function includesOther(wide: Scope, narrow: Scope): boolean {
  switch (wide.kind) {
    case 'identity':
    case 'refresh':
      return narrow.kind === wide.kind && narrow.name === wide.name;
    case 'launch': // without a role it allows any role of that type (SMART §launch context, ?role=)
      return (
        narrow.kind === 'launch' &&
        narrow.context === wide.context &&
        (wide.role === undefined || wide.role === narrow.role)
      );
    case 'resource':
      return false;
  }
}

function meet(a: Scope, b: Scope): Scope | undefined {
  if (a.kind !== 'resource' || b.kind !== 'resource') {
    if (includesOther(b, a)) return a;
    return includesOther(a, b) ? b : undefined;
  }
  const letters = [...a.interactions].filter((letter) => b.interactions.includes(letter)).join('');
  const types = [a.resourceType, b.resourceType].filter((type) => type !== '*');
  if (a.level !== b.level || letters === '' || (types.length === 2 && types[0] !== types[1]))
    return undefined;
  const constraints = canonicalConstraints([...a.constraints, ...b.constraints]);
  return withInteractions({ ...a, resourceType: types[0] ?? '*' }, letters, constraints);
}

/** Merged, and without any scope that another one covers alone. */
function shortest(scopes: readonly Scope[]): Scope[] {
  return mergeInteractions(scopes).reduce<Scope[]>((kept, scope) => {
    if (kept.some((other) => covers([other], scope))) return kept;
    return [...kept.filter((other) => !covers([scope], other)), scope];
  }, []);
}
