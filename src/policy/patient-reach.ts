// What keeps a request within the compartment of one patient (FHIR R4 CompartmentDefinition/patient).
import type { Constraint } from '../smart/constraint.ts';
import { isShared, PATIENT_COMPARTMENT, patientParameter } from '../smart/patient-compartment.ts';
import type { Need } from './needs.ts';
import { alternativesOf, patientIn } from './search-values.ts';

/** What must be asked for beside; undefined: it is not, or cannot be, about this patient alone. */
export function withinPatient(patient: string, need: Need): Constraint[] | undefined {
  const { resourceType, resourceId, patientId, reads } = need;
  if (resourceType === 'Patient' && resourceId !== undefined) return resourceId === patient ? [] : undefined;
  if (patientId !== undefined) return patientId === patient ? [] : undefined;
  // Of no patient: it may be read by whoever may read such, and is nobody's own to write.
  if (isShared(resourceType)) return reads === 'write' ? undefined : [];
  const parameter = patientParameter(resourceType);
  if (parameter === undefined || (resourceType === 'Patient' && reads === 'write')) return undefined;
  const answer = isOf(patient, parameter, need);
  if (answer === 'no') return undefined;
  return answer === 'yes' ? [] : [[parameter, patient]];
}

/** Whom a resource is about comes before who else has a part in it. */
const ABOUT = ['patient', 'subject', 'beneficiary'];

function isOf(patient: string, parameter: string, need: Need): 'yes' | 'no' | 'open' {
  const about = named(need, [parameter, ...ABOUT], parameter);
  const hers = (ids: Ids) => ids.length > 0 && ids.every((id) => id === patient);
  const anothers = (ids: Ids) => ids.length > 0 && ids.every((id) => id !== undefined && id !== patient);
  if (need.reads === 'search') {
    // A server passes over a parameter that the type does not have (FHIR R4 search §3.1.1.7): it leaves nothing out.
    const parts = PATIENT_COMPARTMENT[need.resourceType] ?? [];
    const known = [parameter, ...parts.filter((one) => ABOUT.includes(one))];
    if (named(need, known, parameter).some(hers)) return 'yes';
    return about.some(anothers) ? 'no' : 'open';
  }
  if (need.reads === 'fact') {
    const parts = named(need, PATIENT_COMPARTMENT[need.resourceType] ?? [], parameter);
    if ((about.length > 0 ? about : parts).some(hers)) return 'yes';
  }
  return about.length > 0 && about.every(anothers) ? 'no' : 'open';
}

type Ids = readonly (string | undefined)[];

/** The patients in each of the parameters that have one of these names; `patient` and `subject:Patient` take a bare id. */
function named({ parameters }: Need, names: readonly string[], parameter: string): Ids[] {
  return parameters.flatMap(([name, value]) => {
    const bare = name.replace(/:Patient$/, '');
    const meansPatient = bare === parameter || bare === 'patient' || bare !== name;
    return names.includes(bare) ? [alternativesOf(value).map((one) => patientIn(one, meansPatient))] : [];
  });
}
