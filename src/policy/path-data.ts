import type { Access } from '../smart/consent-choices.ts';
import { CATEGORIES, RESOURCE_TYPES } from '../smart/resource-types.ts';
import { parseScopes, type ResourceScope } from '../smart/scope.ts';

/** Which PHI a path opens. */
export interface PathData {
  /** Wording keys of smart/resource-types, or the name of a resource type that has no wording. */
  readonly categories: readonly string[];
  readonly access: readonly Access[];
}

const ACCESS = [
  ['view', /[rs]/],
  ['change', /[cud]/],
] as const;

/** What scopes open together; of a whole only the whole is named. */
export function dataOf(scopes: readonly string[]): PathData {
  const opened = scopes
    .flatMap((text) => parseScopes(text).scopes)
    .filter((scope) => scope.kind === 'resource');
  const keys = new Set(opened.map(categoryOf));
  const wholes = (key: string) => CATEGORIES.find((category) => category.key === key)?.resourceType ?? '';
  const named = [...keys].filter((key) => !keys.has(wholes(key)));
  const categories = keys.has('everything') ? ['everything'] : named.sort((a, b) => placeOf(a) - placeOf(b));
  const access = ACCESS.filter(([, letters]) =>
    opened.some(({ interactions }) => letters.test(interactions)),
  );
  return { categories, access: access.map(([name]) => name) };
}

function categoryOf({ resourceType, constraints }: ResourceScope): string {
  if (resourceType === '*') return 'everything';
  const [[name, value] = [], ...others] = constraints;
  const category = CATEGORIES.find((one) => one.resourceType === resourceType && one.token === value);
  return name === 'category' && others.length === 0 && category !== undefined ? category.key : resourceType;
}

const KNOWN: readonly string[] = RESOURCE_TYPES.flatMap((resourceType) => [
  resourceType,
  ...CATEGORIES.filter((category) => category.resourceType === resourceType).map(({ key }) => key),
]);

function placeOf(key: string): number {
  const place = KNOWN.indexOf(key);
  return place < 0 ? KNOWN.length : place;
}
