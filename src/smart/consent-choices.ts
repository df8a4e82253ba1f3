import { type Constraint, formatConstraints } from './constraint.ts';
import {
  CATEGORIES,
  isResourceType,
  isSensitive,
  RESOURCE_TYPES,
  type WordingKey,
} from './resource-types.ts';
import { mergeInteractions, type ResourceScope, type Scope, withInteractions } from './scope.ts';
import { covers } from './scope-algebra.ts';

export type Access = 'view' | 'change';

export interface ConsentChoice {
  /** Stable, and safe as a form value: 'Observation.laboratory.view', 'user.Patient.view'. */
  readonly id: string;
  readonly level: 'patient' | 'user';
  /** The wording: a resource type, a category, or 'everything' for '*'. */
  readonly category: WordingKey;
  /** The resource type, or '*'. */
  readonly group: string;
  readonly access: Access;
  /** Narrower choices for the same data stand beside it. */
  readonly broad: boolean;
  readonly sensitive: boolean;
  /** The search parameters of a constraint that has no wording of its own. */
  readonly detail?: string;
  readonly scopes: Scope[];
}

export interface ConsentRequest {
  /** The negotiated scopes that a person can grant: of system/, and of types without a wording, none. */
  readonly scopes: readonly Scope[];
  readonly identity: boolean;
  readonly offline: boolean;
  readonly online: boolean;
  /** Kept whatever is ticked. */
  readonly always: readonly Scope[];
  readonly choices: readonly ConsentChoice[];
}

const LETTERS: Readonly<Record<Access, string>> = { view: 'rs', change: 'cud' };

export function consentRequest(negotiated: readonly Scope[]): ConsentRequest {
  const scopes = negotiated.filter((scope) => scope.kind !== 'resource' || isGrantable(scope));
  const always = scopes.filter((scope) => scope.kind === 'identity' || scope.kind === 'launch');
  const has = (name: string) => scopes.some((scope) => scope.kind === 'refresh' && scope.name === name);
  return {
    scopes,
    identity: always.some((scope) => scope.kind === 'identity'),
    offline: has('offline_access'),
    online: has('online_access'),
    always,
    choices: merged(scopes.flatMap((scope) => (scope.kind === 'resource' ? choicesFor(scope) : []))),
  };
}

/** What was ticked, as scopes; undefined for a choice that was never offered. Always covered by the request. */
export function grantedScopes(
  request: ConsentRequest,
  chosenIds: ReadonlySet<string>,
  keepOffline: boolean,
): Scope[] | undefined {
  const chosen = request.choices.filter((choice) => chosenIds.has(choice.id));
  if (chosen.length !== chosenIds.size) return undefined;
  const ticked = chosen.flatMap((choice) => choice.scopes);
  // Fully ticked scopes go back as asked, since apps look for the very scope that they asked for.
  const whole = request.scopes.filter((scope) =>
    scope.kind === 'resource'
      ? covers(ticked, scope)
      : scope.kind !== 'refresh' || scope.name === 'online_access' || keepOffline,
  );
  return [...whole, ...mergeInteractions(ticked.filter((scope) => !covers(whole, scope)))];
}

function choicesFor(scope: ResourceScope): ConsentChoice[] {
  return (['view', 'change'] as const).flatMap((access) => {
    const letters = [...scope.interactions].filter((letter) => LETTERS[access].includes(letter)).join('');
    return letters === '' ? [] : parts(withInteractions(scope, letters), access);
  });
}

/** The narrower choices first, the whole one after them. */
function parts(scope: ResourceScope, access: Access): ConsentChoice[] {
  if (scope.constraints.length > 0) return [constrained(scope, access)];
  const narrower = scope.resourceType === '*' ? typesOf(scope, access) : categoriesOf(scope, access);
  return [...narrower, choice(scope, access, wordingOf(scope), narrower.length > 0)];
}

function typesOf(scope: ResourceScope, access: Access): ConsentChoice[] {
  return RESOURCE_TYPES.flatMap((resourceType) => parts({ ...scope, resourceType }, access));
}

function categoriesOf(scope: ResourceScope, access: Access): ConsentChoice[] {
  if (access === 'change') return [];
  return CATEGORIES.filter((one) => one.resourceType === scope.resourceType).map((category) => {
    const constraints: Constraint[] = [['category', category.token]];
    return choice(withInteractions(scope, scope.interactions, constraints), access, category.key, false);
  });
}

function constrained(scope: ResourceScope, access: Access): ConsentChoice {
  const category = categoryOf(scope);
  if (category) return choice(scope, access, category.key, false);
  return choice(scope, access, wordingOf(scope), false, formatConstraints(scope.constraints));
}

function categoryOf({ constraints, resourceType }: ResourceScope) {
  const [[name, value] = [], ...others] = constraints;
  if (name !== 'category' || others.length > 0) return undefined;
  return CATEGORIES.find((one) => one.resourceType === resourceType && one.token === value);
}

function choice(
  scope: ResourceScope,
  access: Access,
  category: WordingKey,
  broad: boolean,
  detail?: string,
): ConsentChoice {
  const level = scope.level === 'user' ? 'user' : 'patient';
  const group = scope.resourceType;
  const part = detail === undefined ? (category === wordingOf(scope) ? [] : [category]) : [formSafe(detail)];
  const id = [...(level === 'user' ? [level] : []), wordingOf(scope), ...part, access].join('.');
  const sensitive = isSensitive(category);
  return { id, level, category, group, access, broad, sensitive, detail, scopes: [scope] };
}

const wordingOf = ({ resourceType }: ResourceScope) =>
  isResourceType(resourceType) ? resourceType : 'everything';

const formSafe = (text: string) =>
  text.replace(/[^A-Za-z0-9]/gu, (character) => `-${character.codePointAt(0)?.toString(16)}-`);

function isGrantable({ level, resourceType }: ResourceScope): boolean {
  return level !== 'system' && (resourceType === '*' || isResourceType(resourceType));
}

/** One choice for each id, those of one resource type together. */
function merged(choices: readonly ConsentChoice[]): ConsentChoice[] {
  const groups = new Map<string, Map<string, ConsentChoice>>();
  for (const one of choices) {
    const key = `${one.level}/${one.group}`;
    const group = groups.get(key) ?? new Map<string, ConsentChoice>();
    const earlier = group.get(one.id);
    const scopes = mergeInteractions([...(earlier?.scopes ?? []), ...one.scopes]);
    group.set(one.id, { ...one, scopes });
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => [...group.values()]);
}
