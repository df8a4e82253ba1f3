// Which resources the scopes of a token reach with one request, and by which search parameters all others are left out.
import { type Constraint, canonicalConstraints, narrows } from '../smart/constraint.ts';
import type { ResourceScope } from '../smart/scope.ts';
import type { Need } from './needs.ts';
import { withinPatient } from './patient-reach.ts';
import { alternativesOf, mayBeSame } from './search-values.ts';

/** What a token reaches with. */
export interface Holder {
  readonly scopes: readonly ResourceScope[];
  /** The patient in context (SMART scopes-and-launch-context). */
  readonly patient: string | undefined;
  readonly fhirUser: string | undefined;
}

/** Alternatives, each of search parameters that all hold; an empty one leaves nothing out, none at all reaches nothing. */
export type Reach = readonly (readonly Constraint[])[];

export function reachOf(holder: Holder, need: Need): Reach {
  const alternatives: Constraint[][] = [];
  for (const scope of holder.scopes) {
    const alternative = reachOfScope(holder, scope, need);
    if (alternative?.length === 0) return EVERYTHING;
    if (alternative !== undefined) alternatives.push(alternative);
  }
  return shortest(alternatives);
}

/** What leaves nothing out includes all others. */
const EVERYTHING: Reach = [[]];

function reachOfScope(holder: Holder, scope: ResourceScope, need: Need): Constraint[] | undefined {
  const constraints = withinConstraints(scope, need);
  const person = constraints && withinLevel(holder, scope, need);
  if (person === undefined || constraints === undefined) return undefined;
  // What is not answered is not filtered: where the way leads over no patient, it may not be of one alone.
  if (need.isOfAnybody === true && person.length > 0) return undefined;
  return canonicalConstraints([...person, ...constraints]);
}

/** Whether a scope covers the interaction at all, whoever the patient may be. */
export const isCovered = ({ scopes }: Holder, need: Need): boolean =>
  scopes.some((scope) => withinConstraints(scope, need) !== undefined);

/** What of the constraints is left to check; undefined: the scope has nothing to do with it, or excludes it. */
function withinConstraints(scope: ResourceScope, need: Need): Constraint[] | undefined {
  const isOfType = scope.resourceType === '*' || scope.resourceType === need.resourceType;
  const isOfLevel = need.level === undefined || scope.level === need.level;
  if (!isOfType || !isOfLevel || !scope.interactions.includes(need.letter)) return undefined;
  if (scope.constraints.length === 0) return [];
  if (need.unconstrained === true) return undefined;
  const answers = scope.constraints.map((constraint) => [constraint, holds(constraint, need)] as const);
  if (answers.some(([, answer]) => answer === 'no')) return undefined;
  return answers.flatMap(([constraint, answer]) => (answer === 'yes' ? [] : [constraint]));
}

/** SMART scopes-and-launch-context: the patient in context, what the user may see, or everything. */
function withinLevel(holder: Holder, { level }: ResourceScope, need: Need): Constraint[] | undefined {
  if (level === 'system') return [];
  if (level === 'patient')
    return holder.patient === undefined ? undefined : withinPatient(holder.patient, need);
  const [, type, id = ''] = USER.exec(holder.fhirUser ?? '') ?? [];
  if (type === 'Patient') return withinPatient(id, need);
  // What a clinician may see is known to the EHR alone.
  return type === undefined ? undefined : [];
}

const USER = /(?:^|\/)(Patient|Practitioner|PractitionerRole)\/([A-Za-z0-9\-.]{1,64})$/;

function holds([name, value]: Constraint, { reads, parameters }: Need): 'yes' | 'no' | 'open' {
  const wanted = alternativesOf(value);
  const given = parameters.filter(([one]) => one === name).map(([, text]) => text);
  const excludes = (one: string) => TOKENS.includes(name) && !wanted.some((other) => mayBeSame(one, other));
  if (reads === 'search') {
    const lists = given.map(alternativesOf).filter((list) => list.length > 0);
    if (lists.some((list) => list.every((one) => wanted.includes(one)))) return 'yes';
    return lists.some((list) => list.every(excludes)) ? 'no' : 'open';
  }
  if (reads === 'fact' && given.some((one) => wanted.includes(one))) return 'yes';
  return given.length > 0 && given.every(excludes) ? 'no' : 'open';
}

/** Of these a value says what it excludes; of a date, a modifier or a chain it does not. */
const TOKENS: readonly string[] = [
  ...(['category', 'code', 'status', 'type', 'class', 'clinical-status', 'verification-status'] as const),
  ...(['intent', '_id', '_security', '_tag'] as const),
];

/** Without the alternatives that another one includes. */
function shortest(alternatives: Reach): Reach {
  return alternatives.reduce<Reach>((kept, one) => {
    if (kept.some((wide) => narrows(one, wide))) return kept;
    return [...kept.filter((other) => !narrows(other, one)), one];
  }, []);
}
