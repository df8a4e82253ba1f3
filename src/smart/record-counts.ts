// How much of each kind there is in a record: which searches tell it. Of what is sensitive, or of no patient, nothing is counted.
import type { ConsentChoice } from './consent-choices.ts';
import { PATIENT_COMPARTMENT } from './patient-compartment.ts';
import { formatScope, withInteractions } from './scope.ts';

export interface CountSearch {
  readonly choiceId: string;
  readonly resourceType: string;
  /** Beside the patient. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** What a token for it must say. */
  readonly scope: string;
}

/** At once. */
const MOST = 16;

export function countSearches(choices: readonly ConsentChoice[]): CountSearch[] {
  return choices.flatMap((choice) => searchFor(choice) ?? []).slice(0, MOST);
}

function searchFor({ id, access, level, broad, sensitive, scopes }: ConsentChoice): CountSearch | undefined {
  const [scope, ...others] = scopes;
  if (access !== 'view' || level !== 'patient' || broad || sensitive) return undefined;
  if (scope?.kind !== 'resource' || others.length > 0) return undefined;
  const { resourceType, constraints } = scope;
  if (resourceType === 'Patient' || !(resourceType in PATIENT_COMPARTMENT)) return undefined;
  const searching = formatScope(withInteractions(scope, 's'));
  return { choiceId: id, resourceType, parameters: constraints, scope: searching };
}
