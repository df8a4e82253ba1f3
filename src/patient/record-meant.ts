import type { RepresentationLimit } from '../policy/representation.ts';
import type { Prompt } from '../provider/prompts.ts';
import { findRecordId } from '../store/patients.ts';
import { listRepresented } from '../store/representations.ts';
import type { PatientDeps } from './deps.ts';

export interface RecordMeant {
  readonly patientId: string;
  /** The Patient resource at the FHIR server that the app asks for. */
  readonly fhirId: string;
  /** The patient's name; null for the signed-in person herself. */
  readonly name: string | null;
  /** null: her own record. */
  readonly representationId: string | null;
  /** What a decision for another is held to; null: her own record. */
  readonly limit: RepresentationLimit | null;
}

/** Whose record the request is about: the choice was made on an earlier page, and is held to what is true now. */
export async function recordMeant(
  { store, ageRules }: Pick<PatientDeps, 'store' | 'ageRules'>,
  { audience, representationId }: Prompt,
  accountId: string,
): Promise<RecordMeant | undefined> {
  if (representationId === undefined) {
    const fhirId = await findRecordId(store, accountId, audience);
    return fhirId === undefined
      ? undefined
      : { patientId: accountId, fhirId, name: null, representationId: null, limit: null };
  }
  const represented = await listRepresented(store, accountId, audience, ageRules);
  const meant = represented.find((one) => one.representationId === representationId);
  return meant && { ...meant, fhirId: meant.recordId };
}
