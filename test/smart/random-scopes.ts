// Random scopes over a small world, and what they mean there: an oracle that shares no code with the algebra.
import fc from 'fast-check';
import type { Constraint } from '../../src/smart/constraint.ts';
import type { ResourceScope, Scope } from '../../src/smart/scope.ts';

// In canonical order, so that a subset is canonical too.
const ATOMS: readonly Constraint[] = [
  ['category', 'a,b c=d&e?f#g%h"i\\j|é'],
  ['category', 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'],
  ['code:in', 'http://valueset.example.org/ValueSet/diabetes-codes'],
];
const V1 = ['rs', 'cud', 'cruds'];
const SMART = 'http://smarthealthit.org/fhir/scopes/';
const OPENID = 'http://openid.net/specs/openid-connect-core-1_0#';

export const anyResourceScope: fc.Arbitrary<ResourceScope> = fc
  .record({
    level: fc.constantFrom('patient' as const, 'user' as const),
    resourceType: fc.constantFrom('Patient', 'Observation', '*'),
    interactions: fc.subarray([...'cruds'], { minLength: 1 }).map((letters) => letters.join('')),
    constraints: fc.oneof(fc.constant([]), fc.subarray([...ATOMS])),
    spelledAsV1: fc.boolean(),
    prefix: fc.option(fc.constant(SMART), { nil: undefined, freq: 4 }),
  })
  .map(({ spelledAsV1, prefix, ...scope }) => ({
    kind: 'resource',
    ...scope,
    v1: spelledAsV1 && scope.constraints.length === 0 && V1.includes(scope.interactions),
    ...(prefix === undefined ? {} : { prefix }),
  }));

const anyOtherScope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constantFrom<Scope>({ kind: 'launch' }, { kind: 'identity', name: 'fhirUser', prefix: SMART }),
  fc.record({
    kind: fc.constant('launch' as const),
    context: fc.constantFrom('patient', 'encounter', 'list'),
  }),
  fc.record({
    kind: fc.constant('launch' as const),
    context: fc.constantFrom('patient', 'list'),
    role: fc.constantFrom('friend', 'https://example.org/med-list-at-home?x=1&y= é'),
  }),
  fc.constantFrom<Scope>(
    { kind: 'identity', name: 'openid' },
    { kind: 'identity', name: 'openid', prefix: OPENID },
    { kind: 'identity', name: 'fhirUser' },
    { kind: 'identity', name: 'profile' },
    { kind: 'refresh', name: 'online_access' },
    { kind: 'refresh', name: 'offline_access', prefix: OPENID },
    { kind: 'refresh', name: 'offline_access' },
  ),
);

export const anyScope: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 4, arbitrary: anyResourceScope },
  { weight: 1, arbitrary: anyOtherScope },
);
export const anyScopes = fc.array(anyScope, { maxLength: 6 });

/** Three scopes, each allowing the one before and perhaps more, by construction. */
export const anyWidening: fc.Arbitrary<readonly [Scope, Scope, Scope]> = fc
  .tuple(anyResourceScope, anyResourceScope, anyResourceScope)
  .map(([narrow, b, c]) => {
    const middle = widened(narrow, b);
    return [narrow, middle, widened(middle, c)];
  });

function widened(scope: ResourceScope, by: ResourceScope): ResourceScope {
  return {
    ...scope,
    resourceType: by.resourceType === scope.resourceType ? scope.resourceType : '*',
    interactions: [...'cruds'].filter((one) => (scope.interactions + by.interactions).includes(one)).join(''),
    constraints: scope.constraints.filter((one) => by.constraints.includes(one)),
    v1: false,
  };
}

/** Text that is nearly a scope, so that the grammar is tried at its edges. */
export const anyNearScope: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      ...[
        'patient/',
        'user/',
        'system/',
        'launch',
        'launch/',
        'Observation',
        'patient',
        '*',
        '.',
        'c',
        'r',
        'u',
      ],
      ...['d', 's', 'read', 'write', '?', '=', '&', 'category', '%', '%7C', '%00', '|', '"', '\\', ' ', '/'],
      ...[
        SMART,
        OPENID,
        'openid',
        'offline_access',
        '?role=',
        'é',
        '\u202e',
        '\u0000',
        '%E2%80%AE',
        '__proto__',
      ],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

export interface FhirRequest {
  readonly level: string;
  readonly resourceType: string;
  readonly letter: string;
  /** Which of the constraints the resource satisfies. */
  readonly satisfied: readonly Constraint[];
}

const subsets = ATOMS.reduce<Constraint[][]>(
  (all, atom) => all.flatMap((set) => [set, [...set, atom]]),
  [[]],
);

/** Every request of the small world; ImagingStudy is the type that comes "in future". */
export const everyRequest: readonly FhirRequest[] = ['patient', 'user'].flatMap((level) =>
  ['Patient', 'Observation', 'ImagingStudy'].flatMap((resourceType) =>
    [...'cruds'].flatMap((letter) =>
      subsets.map((satisfied) => ({ level, resourceType, letter, satisfied })),
    ),
  ),
);

export function allows(scopes: readonly Scope[], request: FhirRequest): boolean {
  return scopes.some(
    (scope) =>
      scope.kind === 'resource' &&
      scope.level === request.level &&
      ['*', request.resourceType].includes(scope.resourceType) &&
      scope.interactions.includes(request.letter) &&
      scope.constraints.every(([name, value]) =>
        request.satisfied.some(([n, v]) => n === name && v === value),
      ),
  );
}
