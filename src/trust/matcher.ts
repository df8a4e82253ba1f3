import { type Demographics, onlyMatch } from '../policy/demographics.ts';
import type { Store } from '../store/database.ts';
import { findDemographics } from '../store/patient-demographics.ts';

/** Which patient somebody is who proved who she is: exactly one, or none. */
export interface PatientMatcher {
  match(person: Demographics): Promise<string | undefined>;
}

/** By the demographics that the operator recorded. */
export const strictMatcher = (store: Store): PatientMatcher => ({
  match: async (person) => onlyMatch(person, await findDemographics(store, person))?.patientId,
});
