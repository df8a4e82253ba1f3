// One request to a FHIR server, as policy sees it.
import type { Constraint } from '../smart/constraint.ts';

/** FHIR R4 http §2.21.0: what a request does. */
export const FHIR_INTERACTIONS = [
  ...(['read', 'vread', 'search', 'history', 'create', 'update', 'patch', 'delete', 'operation'] as const),
] as const;
export type FhirInteraction = (typeof FHIR_INTERACTIONS)[number];

export interface FhirRequest {
  readonly interaction: FhirInteraction;
  /** `$export`, where the interaction is an operation. */
  readonly operation?: string;
  /** `*`: the whole system. */
  readonly resourceType: string;
  readonly resourceId?: string;
  /** The Patient in whose compartment all of it is, as the resource server says or the address of a compartment search. */
  readonly patientId?: string;
  /** Security labels of the resource, `system|code`; undefined: the resource server does not tell them. */
  readonly labels?: readonly string[];
  /** Of a search what it asks for; of anything else the search parameters and values by which the resource is found. */
  readonly parameters: readonly Constraint[];
}
