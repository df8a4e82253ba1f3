// From an evaluation to one FHIR request and its circumstances, as policy/access has them.
import type { RequestContext } from '../policy/access.ts';
import { FHIR_INTERACTIONS, type FhirInteraction, type FhirRequest } from '../policy/fhir-request.ts';
import type { Evaluation } from './evaluation-request.ts';

/** Codes of FHIR's TypeRestfulInteraction and SystemRestfulInteraction that say the level, too. */
const LEVELED: Readonly<Record<string, FhirInteraction>> = {
  'search-type': 'search',
  'search-system': 'search',
  'history-instance': 'history',
  'history-type': 'history',
  'history-system': 'history',
};

const OPERATION = /^\$[A-Za-z][A-Za-z0-9-]{0,63}$/;
const TYPE = /^([A-Z][A-Za-z]{1,63}|\*)$/;
/** FHIR R4 datatypes, id. */
const ID = /^[A-Za-z0-9.-]{1,64}$/;
/** Instead of an id: the request is to the type, or to the system. */
const NO_ID = '*';

const NEEDS_ID: readonly FhirInteraction[] = ['read', 'vread'];
const HAS_NO_ID: readonly FhirInteraction[] = ['search', 'create'];

/** Undefined: no request to a FHIR server is like that. */
export function fhirRequestOf({ action, resource }: Evaluation): FhirRequest | undefined {
  const { name } = action;
  const interaction = OPERATION.test(name) ? 'operation' : (LEVELED[name] ?? known(name));
  const { patient, labels, parameters = {} } = resource.properties ?? {};
  const resourceId = resource.id === NO_ID ? undefined : resource.id;
  const patientId = patient?.replace(/^Patient\//, '');
  if (interaction === undefined || !TYPE.test(resource.type)) return undefined;
  if ([resourceId, patientId].some((id) => id !== undefined && !ID.test(id))) return undefined;
  if ((resourceId === undefined ? NEEDS_ID : HAS_NO_ID).includes(interaction)) return undefined;
  return {
    interaction,
    resourceType: resource.type,
    ...(interaction === 'operation' && { operation: name }),
    ...(resourceId !== undefined && { resourceId }),
    ...(patientId !== undefined && { patientId }),
    ...(labels !== undefined && { labels }),
    parameters: Object.entries(parameters).flatMap(([parameter, values]) =>
      [values].flat().map((value) => [parameter, value] as const),
    ),
  };
}

// Which operation it is stands in its name alone.
const known = (name: string): FhirInteraction | undefined =>
  FHIR_INTERACTIONS.find((one) => one === name && one !== 'operation');

export function requestContextOf({ context }: Evaluation): RequestContext {
  const { caller_role, transaction_type, exchange_profile, fhir_base, purpose_of_use } = context;
  const { network, device, time, acr_values, max_age } = context;
  return {
    ...(network !== undefined && { network }),
    ...(device !== undefined && { device }),
    ...(caller_role !== undefined && { callerRole: caller_role }),
    ...(transaction_type !== undefined && { transactionType: transaction_type }),
    ...(exchange_profile !== undefined && { exchangeProfile: exchange_profile }),
    ...(time !== undefined && { time: new Date(time) }),
    ...(fhir_base !== undefined && { fhirBase: fhir_base }),
    ...(purpose_of_use !== undefined && { purpose: purpose_of_use }),
    ...(acr_values !== undefined && { acrValues: acr_values }),
    ...(max_age !== undefined && { maxAge: max_age }),
  };
}

/** For the audit: what was opened or searched, never by which values. */
export function resourceNamed({ resource }: Evaluation, request: FhirRequest | undefined): string {
  if (request === undefined) return TYPE.test(resource.type) ? resource.type : 'unknown';
  const { resourceType, resourceId, operation } = request;
  const path = [resourceType, resourceId, operation].filter((part) => part !== undefined).join('/');
  const names = parameterNames(request);
  return names.length === 0 ? path : `${path}?${names.join(',')}`;
}

export const parameterNames = ({ parameters }: FhirRequest): string[] =>
  [...new Set(parameters.map(([name]) => name))].sort();
