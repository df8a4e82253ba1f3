import { CATEGORIES, RESOURCE_TYPES } from '../smart/resource-types.ts';
import { formatScopes, parseScopes, type ResourceScope, type Scope } from '../smart/scope.ts';

/** Boxes of kinds of data and what is done with them, and the scopes that they stand for. */
export const LEVELS = ['patient', 'user', 'system'] as const;
export type BuilderLevel = (typeof LEVELS)[number];

/** Scopes that open no record by themselves, each with what a box of it adds. */
export const BESIDES = [
  ['launch-patient', 'launch/patient'],
  ['launch', 'launch'],
  ['sign-in', 'openid'],
  ['fhir-user', 'fhirUser'],
  ['profile', 'profile'],
  ['offline', 'offline_access'],
  ['online', 'online_access'],
] as const;

export interface BuilderRow {
  /** A wording of the consent page. */
  readonly key: string;
  /** The resource type of which it is a part. */
  readonly within: string | null;
  readonly view: string;
  /** Parts of a type can be viewed only. */
  readonly change: string | null;
}

const partsOf = (type: string) => CATEGORIES.filter(({ resourceType }) => resourceType === type);

export const BUILDER_ROWS: readonly BuilderRow[] = ['everything', ...RESOURCE_TYPES].flatMap((type) => [
  { key: type, within: null, view: `${type}.view`, change: `${type}.change` },
  ...partsOf(type).map(({ key }) => ({ key, within: type, view: `${key}.view`, change: null })),
]);

const LETTERS = { view: 'rs', change: 'cud' } as const;

function boxesOf(scope: ResourceScope): string[] {
  const key = keyOf(scope);
  if (key === undefined || scope.v1 || scope.prefix !== undefined) return [];
  const accesses = (['view', 'change'] as const).filter((access) =>
    [...LETTERS[access]].every((letter) => scope.interactions.includes(letter)),
  );
  const exact = accesses.map((access) => LETTERS[access]).join('').length === scope.interactions.length;
  const boxes = accesses.map((access) => `${key}.${access}`);
  return exact && boxes.every((box) => known.has(box)) ? boxes : [];
}

const known: ReadonlySet<string> = new Set(
  BUILDER_ROWS.flatMap(({ view, change }) => (change === null ? [view] : [view, change])),
);

function keyOf({ resourceType, constraints }: ResourceScope): string | undefined {
  const [first, ...others] = constraints;
  if (first === undefined) return resourceType === '*' ? 'everything' : resourceType;
  if (others.length > 0 || first[0] !== 'category') return undefined;
  return CATEGORIES.find((one) => one.resourceType === resourceType && one.token === first[1])?.key;
}

const besideOf = (scope: Scope) => BESIDES.find(([, text]) => text === formatScopes([scope]))?.[0];

/** The boxes that say the same as the scopes; what no box can say stays in the text alone. */
export function tickedBoxes(text: string, level: BuilderLevel): ReadonlySet<string> {
  const { scopes } = parseScopes(text);
  return new Set(
    scopes.flatMap((scope) => {
      if (scope.kind !== 'resource') return besideOf(scope) ?? [];
      return scope.level === level ? boxesOf(scope) : [];
    }),
  );
}

/** The level of most of the scopes. */
export function levelOf(text: string): BuilderLevel {
  const levels = parseScopes(text).scopes.flatMap((scope) => (scope.kind === 'resource' ? scope.level : []));
  const count = (level: BuilderLevel) => levels.filter((one) => one === level).length;
  return LEVELS.reduce((most, level) => (count(level) > count(most) ? level : most));
}

/** The scopes after the boxes were ticked: those that boxes stand for are replaced, the others stay as they are. */
export function scopesOf(boxes: ReadonlySet<string>, level: BuilderLevel, text: string): string {
  const { scopes, refused } = parseScopes(text);
  const kept = scopes.filter((scope) =>
    scope.kind === 'resource'
      ? scope.level !== level || boxesOf(scope).length === 0
      : besideOf(scope) === undefined,
  );
  const beside = BESIDES.flatMap(([box, said]) => (boxes.has(box) ? [said] : []));
  const built = BUILDER_ROWS.flatMap((row) => {
    const letters = `${row.change !== null && boxes.has(row.change) ? 'cud' : ''}${boxes.has(row.view) ? 'rs' : ''}`;
    return letters === '' ? [] : [resourceScope(row, level, letters)];
  });
  const parsed = parseScopes(beside.join(' ')).scopes;
  return [formatScopes([...parsed, ...built, ...kept]), ...refused].filter((part) => part !== '').join(' ');
}

function resourceScope({ key, within }: BuilderRow, level: BuilderLevel, letters: string): ResourceScope {
  const interactions = [...'cruds'].filter((letter) => letters.includes(letter)).join('');
  const token = CATEGORIES.find((one) => one.key === key)?.token;
  return {
    kind: 'resource',
    level,
    resourceType: within ?? (key === 'everything' ? '*' : key),
    interactions,
    constraints: token === undefined ? [] : [['category', token]],
    v1: false,
  };
}
