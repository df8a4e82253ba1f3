// Whose records a request asks for, as far as it says so: what counts in the budget of patients.
import { PATIENT_COMPARTMENT, patientParameter } from '../smart/patient-compartment.ts';
import type { FhirRequest } from './fhir-request.ts';
import { alternativesOf, patientIn } from './search-values.ts';

/** The Patient that it is about: as the resource server says, or as its search parameters name one alone. */
export function patientNamed(request: FhirRequest): string | undefined {
  const told = patientTold(request);
  if (told !== undefined || request.parameters.length === 0) return told;
  const [one, ...more] = namesIn(request);
  return one === undefined || more.length > 0 ? undefined : one.id;
}

/** Whether it searches for several at once, who cannot be counted as one. */
export const namesSeveral = (request: FhirRequest): boolean =>
  ['search', 'operation'].includes(request.interaction) &&
  patientTold(request) === undefined &&
  namesIn(request).length > 1;

const patientTold = ({ resourceType, resourceId, patientId }: FhirRequest) =>
  patientId ?? (resourceType === 'Patient' ? resourceId : undefined);

/** Undefined: it may be any patient. */
interface Named {
  readonly id: string | undefined;
}

/** Parameters narrow one another, but a server passes over those that the type does not have (FHIR R4 search §3.1.1.7). */
function namesIn({ resourceType, parameters }: FhirRequest): readonly Named[] {
  const own = patientParameter(resourceType);
  const parts = PATIENT_COMPARTMENT[resourceType] ?? [];
  const lists = parameters.flatMap(([name, value]) => {
    const bare = name.replace(/:Patient$/, '');
    const meansPatient = bare !== name || bare === 'patient' || bare === own;
    if (!['patient', 'subject', 'beneficiary', own].includes(bare)) return [];
    const found = alternativesOf(value).map((one) => ({ text: one, id: patientIn(one, meansPatient) }));
    const isNarrowing = found.length > 0 && (bare === own || parts.includes(bare));
    return [{ isNarrowing, found: distinct(found) }];
  });
  const [narrowest] = lists
    .filter(({ isNarrowing }) => isNarrowing)
    .sort((a, b) => a.found.length - b.found.length);
  return narrowest?.found ?? distinct(lists.flatMap(({ found }) => found));
}

const distinct = <One extends Named & { readonly text: string }>(found: readonly One[]): One[] => [
  ...new Map(found.map((one) => [one.id ?? `? ${one.text}`, one])).values(),
];
