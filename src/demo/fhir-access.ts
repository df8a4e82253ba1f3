import type { Level, ResourceScope } from '../smart/scope.ts';
import { parseScopes } from '../smart/scope.ts';
import { covers } from '../smart/scope-algebra.ts';
import type { FhirResource } from './fhir-resource.ts';
import { patientOf, type SearchFilter, searchFacts } from './fhir-search.ts';

// What an introspection answer says about the reach of its token.
export interface TokenFacts {
  readonly scope?: string;
  readonly patient?: string;
  readonly fhirUser?: string;
}

export interface FhirRequest {
  readonly interaction: 'read' | 'search';
  readonly resourceType: string;
  readonly filters: readonly SearchFilter[];
}

export type Access =
  | { readonly allowed: false }
  | { readonly allowed: true; readonly shows: (resource: FhirResource) => boolean };

const letters = { read: 'r', search: 's' } as const;

/** Allowed is not everything: only resources that `shows` accepts may leave the server. */
export function decideAccess(token: TokenFacts, request: FhirRequest): Access {
  const letter = letters[request.interaction];
  const granted = parseScopes(token.scope ?? '').scopes.filter(
    (scope): scope is ResourceScope =>
      scope.kind === 'resource' && admits(scope, letter, request) && reaches(token, scope.level, request),
  );
  if (granted.length === 0) return { allowed: false };
  return {
    allowed: true,
    shows: (resource) =>
      granted.some(
        ({ level }) =>
          isWithin(compartmentOf(token, level), resource) &&
          covers(granted, describe(resource, level, letter)),
      ),
  };
}

// A search that names a category outside a granular scope is refused, not answered with nothing.
function admits(scope: ResourceScope, letter: string, request: FhirRequest): boolean {
  return (
    scope.interactions.includes(letter) &&
    (scope.resourceType === '*' || scope.resourceType === request.resourceType) &&
    scope.constraints.every(([name, value]) =>
      agrees(request.filters, name, (asked) => sameToken(asked, value)),
    )
  );
}

function reaches(token: TokenFacts, level: Level, request: FhirRequest): boolean {
  const compartment = compartmentOf(token, level);
  if (compartment === 'everyone') return true;
  if (compartment === undefined) return false;
  return agrees(
    request.filters,
    'patient',
    (asked) => asked.replace(/^Patient\//, '') === compartment.patient,
  );
}

// Silent about a parameter, or naming the value among the alternatives of one of its filters.
function agrees(
  filters: readonly SearchFilter[],
  name: string,
  matches: (value: string) => boolean,
): boolean {
  const named = filters.filter((filter) => filter.name === name);
  return named.length === 0 || named.some(({ alternatives }) => alternatives.some(matches));
}

// FHIR R4 search §3.1.1.4.10: a token without a system stands for the code in any system
function sameToken(a: string, b: string): boolean {
  return a === b || (a.includes('|') !== b.includes('|') && codeOf(a) === codeOf(b));
}

const codeOf = (token: string) => token.slice(token.indexOf('|') + 1);

type Compartment = { readonly patient: string } | 'everyone' | undefined;

// Undefined reaches nobody: a patient/ scope without a patient in context, a user/ scope without a known user.
function compartmentOf(token: TokenFacts, level: Level): Compartment {
  if (level === 'system') return 'everyone';
  if (level === 'patient') return token.patient ? { patient: token.patient } : undefined;
  const [, type, id] =
    /(?:^|\/)(Patient|Practitioner)\/([A-Za-z0-9.-]{1,64})$/.exec(token.fhirUser ?? '') ?? [];
  if (type === 'Practitioner') return 'everyone';
  return id === undefined ? undefined : { patient: id };
}

function isWithin(compartment: Compartment, resource: FhirResource): boolean {
  if (compartment === undefined) return false;
  return compartment === 'everyone' || compartment.patient === patientOf(resource);
}

// The resource as the narrowest scope that still asks for it: whatever covers this scope shows the resource.
function describe(resource: FhirResource, level: Level, letter: string): ResourceScope {
  return {
    kind: 'resource',
    level,
    resourceType: resource.resourceType,
    interactions: letter,
    constraints: searchFacts(resource),
    v1: false,
  };
}
