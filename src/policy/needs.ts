// What scopes must cover for one request: the interaction itself, and what its search parameters bring in or look into.
import type { Constraint } from '../smart/constraint.ts';
import { isFhirType, isShared } from '../smart/patient-compartment.ts';
import type { Level } from '../smart/scope.ts';
import type { FhirRequest } from './fhir-request.ts';
import { alternativesOf } from './search-values.ts';

/** One letter of SMART on resources of one type. */
export interface Need {
  readonly letter: string;
  readonly resourceType: string;
  readonly resourceId?: string;
  readonly patientId?: string;
  readonly parameters: readonly Constraint[];
  /** `search`: the parameters narrow what is found. `fact`: they say what is true of it. `write`: they prove nothing. */
  readonly reads: 'search' | 'fact' | 'write';
  /** Only scopes of this level count. */
  readonly level?: Level;
  /** What a filter cannot leave out again, since it is looked into and never answered. */
  readonly unconstrained?: boolean;
  /** Found by way of what is of no patient, so that it may be any patient's. */
  readonly isOfAnybody?: boolean;
}

/** SMART scopes-and-launch-context, "Scopes for requesting FHIR resources". */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ read: 'r', vread: 'r', search: 's', create: 'c', update: 'u', patch: 'u', delete: 'd' },
};

/** An operation that nobody described here is not known to be harmless. */
export function isKnownRequest({ interaction, operation, resourceType }: FhirRequest): boolean {
  const isSystem = resourceType === '*' && (interaction === 'search' || interaction === 'history');
  if (interaction !== 'operation') return operation === undefined && (isSystem || isFhirType(resourceType));
  const ofType = TYPES_OF[operation as keyof typeof TYPES_OF] as readonly string[] | undefined;
  return ofType?.includes(resourceType) === true;
}

const TYPES_OF = {
  $everything: ['Patient'],
  $export: ['*', 'Patient', 'Group'],
  $lastn: ['Observation'],
  $docref: ['DocumentReference'],
  $match: ['Patient'],
} as const;

export const isWrite = ({ interaction }: FhirRequest): boolean =>
  ['create', 'update', 'patch', 'delete'].includes(interaction);

export const isExport = ({ interaction, operation }: FhirRequest): boolean =>
  interaction === 'operation' && operation === '$export';

const read = new WeakMap<FhirRequest, readonly Need[]>();

/** Several rules ask for them: of each request they are worked out once. */
export function needsOf(request: FhirRequest): readonly Need[] {
  const needs = read.get(request) ?? workedOut(request);
  read.set(request, needs);
  return needs;
}

function workedOut(request: FhirRequest): readonly Need[] {
  const { interaction, resourceType, resourceId, patientId, parameters } = request;
  if (interaction === 'operation') return needsOfOperation(request);
  const about = { resourceType, resourceId, patientId };
  if (isWrite(request)) {
    const write: Need = { ...about, letter: LETTERS[interaction] ?? '', parameters, reads: 'write' };
    // FHIR R4 http §3.1.0.7, §3.1.0.8.1: a conditional one searches first, a create if it is asked with parameters.
    const isConditional = resourceId === undefined && (interaction !== 'create' || parameters.length > 0);
    if (!isConditional) return [write];
    return [write, { ...about, letter: 's', parameters, reads: 'search' }, ...needsOfSearch(request)];
  }
  const isOfMany = interaction === 'search' || (interaction === 'history' && resourceId === undefined);
  if (!isOfMany) return [{ resourceType, resourceId, patientId, letter: 'r', parameters, reads: 'fact' }];
  // FHIR R4 http §3.1.0.13: a history is not searched, so what a parameter says leaves nothing out of it.
  const narrowing = interaction === 'search' ? parameters : [];
  return [{ ...about, letter: 's', parameters: narrowing, reads: 'search' }, ...needsOfSearch(request)];
}

function needsOfOperation(request: FhirRequest): Need[] {
  const { operation, resourceType, resourceId, patientId, parameters } = request;
  if (operation === '$everything') {
    const whole = {
      resourceType: '*',
      patientId: resourceId ?? patientId,
      parameters: [],
      reads: 'search',
    } as const;
    return [...'rs'].map((letter) => ({ ...whole, letter }));
  }
  if (operation !== '$export')
    return [{ resourceType, patientId, letter: 's', parameters, reads: 'search' }, ...needsOfSearch(request)];
  // Bulk Data Access: by a system, of the types that it names, or of all.
  const types = parameters.filter(([name]) => name === '_type').flatMap(([, value]) => alternativesOf(value));
  return (types.length > 0 ? types : ['*']).flatMap((type) =>
    [...'rs'].map((letter): Need => {
      return { letter, resourceType: type, parameters: [], reads: 'search', level: 'system' };
    }),
  );
}

function needsOfSearch({ resourceType: main, parameters }: FhirRequest): Need[] {
  return parameters.flatMap(([name, value]) => {
    const [, included] = /^_(include|revinclude)(?::.*)?$/.exec(name) ?? [];
    if (included !== undefined) return [include(included, value)];
    const looked = { letter: 's', parameters: [], reads: 'search', unconstrained: true } as const;
    return lookedInto(name, main).map((look): Need => ({ ...looked, ...look }));
  });
}

/** FHIR R4 search §3.1.1.5.3: `Source:parameter:Target`; what some read as several may be of any type. */
function include(how: string, value: string): Need {
  const [source = '', parameter = '', target] = value.includes(',') ? ['*'] : value.split(':');
  const resourceType = how === 'revinclude' ? source : (target ?? typeNamed(parameter));
  const [letter, reads] = how === 'revinclude' ? (['s', 'search'] as const) : (['r', 'fact'] as const);
  return { resourceType, letter, parameters: [], reads };
}

type Look = Required<Pick<Need, 'resourceType' | 'isOfAnybody'>>;

/**
 * The types on which a chain, `_has` or a filter language tests something (FHIR R4 search §3.1.1.4.16, §3.1.1.4.17): each may
 * follow the other, as in `patient._has:Group:member:_id`.
 */
function lookedInto(name: string, main: string): Look[] {
  if (/^_(filter|query|list|in)(?::|$)/.test(name)) return [{ resourceType: '*', isOfAnybody: true }];
  const steps = name.split('.').flatMap((link, at, links) => {
    const back = [...link.matchAll(/_has:([^:]*)/g)].map(([, type = '']) => ({ type, isBack: true }));
    const [parameter = '', type] = link.replace(/^(?:_has:[^:]*:[^:]*:)+/, '').split(':');
    const isLast = at === links.length - 1;
    return isLast ? back : [...back, { type: type ?? typeNamed(parameter), isBack: false }];
  });
  return steps.map(({ type, isBack }, at) => {
    return { resourceType: type, isOfAnybody: isBack && isShared(steps[at - 1]?.type ?? main) };
  });
}

/** Where a reference goes, as far as its name says so; otherwise it may be anything. */
function typeNamed(parameter: string): string {
  const name = `${parameter.slice(0, 1).toUpperCase()}${parameter.slice(1)}`;
  return isFhirType(name) ? name : '*';
}
