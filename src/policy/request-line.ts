// A FHIR request as it stands in HTTP (FHIR R4 http §3.1.0), below the base of its server.
import type { Constraint } from '../smart/constraint.ts';
import type { FhirInteraction, FhirRequest } from './fhir-request.ts';

const TYPE = /^[A-Z][A-Za-z]{0,63}$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const OPERATION = /^\$[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** `GET /Observation?patient=1`; undefined: no such request is described. */
export function parseRequestLine(line: string): FhirRequest | undefined {
  const [, method = '', target = ''] = /^([A-Za-z]+)[ ]+(\/?\S*)$/.exec(line.trim()) ?? [];
  return method === '' ? undefined : parseFhirRequest(method, target);
}

/** `body`: the parameters of a search that was posted. */
export function parseFhirRequest(
  method: string,
  target: string,
  body: readonly Constraint[] = [],
): FhirRequest | undefined {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const parts = path.split('/').filter((part) => part !== '');
  const parameters = [...new URLSearchParams(query), ...body];
  const found = shapeOf(method.toUpperCase().replace('HEAD', 'GET'), parts);
  if (found === undefined) return undefined;
  // Only a search, or what begins with one, asks by parameters; those of a read say how it is answered.
  const searches = ['search', 'operation'].includes(found.interaction);
  const isConditional = found.resourceId === undefined && !['create', 'read'].includes(found.interaction);
  return { ...found, parameters: searches || isConditional ? parameters : [] };
}

type Shape = Omit<FhirRequest, 'parameters'>;

function shapeOf(method: string, parts: readonly string[]): Shape | undefined {
  const operation = parts.at(-1);
  if (operation?.startsWith('$')) return operationAt(method, parts.slice(0, -1), operation);
  const [first = '', second, third, version, ...more] = parts;
  if (parts.length === 0) return method === 'GET' ? { interaction: 'search', resourceType: '*' } : undefined;
  if (first === '_history' && method === 'GET' && parts.length === 1)
    return { interaction: 'history', resourceType: '*' };
  if (first === '_search' && method === 'POST' && parts.length === 1)
    return { interaction: 'search', resourceType: '*' };
  if (!TYPE.test(first) || more.length > 0) return undefined;
  if (third !== undefined) return belowInstance(method, [first, second ?? '', third, version]);
  return second === undefined ? ofType(method, first) : ofInstance(method, first, second);
}

function ofType(method: string, resourceType: string): Shape | undefined {
  const interactions: Readonly<Record<string, FhirInteraction>> = {
    ...{ GET: 'search', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  };
  const interaction = interactions[method];
  return interaction && { interaction, resourceType };
}

function ofInstance(method: string, resourceType: string, resourceId: string): Shape | undefined {
  if (resourceId === '_search')
    return method === 'POST' ? { interaction: 'search', resourceType } : undefined;
  if (resourceId === '_history')
    return method === 'GET' ? { interaction: 'history', resourceType } : undefined;
  const interactions: Readonly<Record<string, FhirInteraction>> = {
    ...{ GET: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  };
  const interaction = interactions[method];
  return interaction && ID.test(resourceId) ? { interaction, resourceType, resourceId } : undefined;
}

type Below = readonly [type: string, id: string, third: string, version: string | undefined];

/** A version, a history, or a search in the compartment of a patient (FHIR R4 http §3.1.0.9). */
function belowInstance(method: string, [resourceType, id, third, version]: Below): Shape | undefined {
  if (method !== 'GET' || !ID.test(id)) return undefined;
  if (third === '_history') {
    const interaction = version === undefined ? 'history' : 'vread';
    return version === undefined || ID.test(version)
      ? { interaction, resourceType, resourceId: id }
      : undefined;
  }
  if (resourceType !== 'Patient' || version !== undefined) return undefined;
  return third === '*' || TYPE.test(third)
    ? { interaction: 'search', resourceType: third, patientId: id }
    : undefined;
}

function operationAt(method: string, parts: readonly string[], operation: string): Shape | undefined {
  const [resourceType = '*', resourceId, ...more] = parts;
  if (!OPERATION.test(operation) || !['GET', 'POST'].includes(method) || more.length > 0) return undefined;
  if (resourceType !== '*' && !TYPE.test(resourceType)) return undefined;
  if (resourceId !== undefined && !ID.test(resourceId)) return undefined;
  const named = resourceId === undefined ? {} : { resourceId };
  return { interaction: 'operation', operation, resourceType, ...named };
}
