import type { FhirResource } from './fhir-resource.ts';

export type Parameter = readonly [name: string, value: string];

export interface SearchFilter {
  readonly name: string;
  readonly alternatives: readonly string[];
}

export interface FhirSearch {
  readonly resourceType: string;
  readonly filters: readonly SearchFilter[];
  readonly count: number;
  readonly offset: number;
}

export interface SearchFault {
  readonly fault: string;
}

// What each type can be searched by; the order is that of the CapabilityStatement.
export const searchParameters: ReadonlyMap<string, readonly string[]> = new Map([
  ['Patient', ['_id']],
  ['Observation', ['_id', 'patient', 'category']],
  ['Condition', ['_id', 'patient', 'category']],
  ['MedicationRequest', ['_id', 'patient']],
  ['AllergyIntolerance', ['_id', 'patient']],
  ['Encounter', ['_id', 'patient']],
  ['RelatedPerson', ['_id', 'patient']],
  ['Practitioner', ['_id']],
]);

const PAGE_LIMIT = 1000;

/** Refuses what it does not know: a filter passed over in silence would answer with too much. */
export function parseSearch(
  resourceType: string,
  parameters: readonly Parameter[],
): FhirSearch | SearchFault {
  const known = searchParameters.get(resourceType) ?? [];
  const filters: SearchFilter[] = [];
  const paging = { _count: PAGE_LIMIT, _offset: 0 };
  for (const [name, value] of parameters) {
    if (name === '_count' || name === '_offset') {
      if (!/^\d{1,4}$/.test(value)) return { fault: `${name} must be a whole number of at most four digits` };
      paging[name] = Number(value);
    } else if (!known.includes(name)) {
      return { fault: `${resourceType} cannot be searched by this parameter; it knows ${known.join(', ')}` };
    } else {
      const alternatives = value.split(',').filter((alternative) => alternative !== '');
      if (/\p{C}/u.test(value) || value.length > 2_048)
        return { fault: `${name} has a value that cannot be read` };
      if (alternatives.length === 0) return { fault: `${name} has no value` };
      filters.push({ name, alternatives });
    }
  }
  return { resourceType, filters, count: Math.min(paging._count, PAGE_LIMIT), offset: paging._offset };
}

/** Every search parameter and value that finds this resource. */
export function searchFacts(resource: FhirResource): Parameter[] {
  const facts: Parameter[] = [['_id', resource.id]];
  const patientId = patientOf(resource);
  if (patientId !== undefined && resource.resourceType !== 'Patient')
    facts.push(['patient', patientId], ['patient', `Patient/${patientId}`]);
  for (const concept of resource.category ?? [])
    for (const { system, code } of typeof concept === 'string' ? [] : (concept.coding ?? []))
      facts.push(['category', code], ['category', `${system}|${code}`]);
  return facts;
}

/** The patient whose compartment holds the resource (CompartmentDefinition/patient). */
export function patientOf(resource: FhirResource): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  const reference = (resource.subject ?? resource.patient)?.reference;
  return reference?.startsWith('Patient/') ? reference.slice('Patient/'.length) : undefined;
}

export function findResource(
  records: readonly FhirResource[],
  resourceType: string,
  id: string,
): FhirResource | undefined {
  return records.find((resource) => resource.resourceType === resourceType && resource.id === id);
}

/** Repeated parameters are and-ed, values between commas are or-ed (FHIR R4 search §3.1.1.4). */
export function searchResources(records: readonly FhirResource[], search: FhirSearch): FhirResource[] {
  return records.filter(
    (resource) => resource.resourceType === search.resourceType && passes(resource, search.filters),
  );
}

/** Whether a search with these parameters finds it; one that is not known here finds nothing. */
export const finds = (resource: FhirResource, parameters: readonly Parameter[]): boolean =>
  passes(
    resource,
    parameters.map(([name, value]) => ({ name, alternatives: value.split(',') })),
  );

function passes(resource: FhirResource, filters: readonly SearchFilter[]): boolean {
  const facts = searchFacts(resource);
  return filters.every(({ name, alternatives }) =>
    facts.some(([fact, value]) => fact === name && alternatives.includes(value)),
  );
}

export function searchBundle(
  fhirBase: string,
  search: FhirSearch,
  found: readonly FhirResource[],
): Record<string, unknown> {
  const page = found.slice(search.offset, search.offset + search.count);
  const next = search.offset + page.length;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [
      { relation: 'self', url: searchUrl(fhirBase, search, search.offset) },
      ...(page.length > 0 && next < found.length
        ? [{ relation: 'next', url: searchUrl(fhirBase, search, next) }]
        : []),
    ],
    entry: page.map((resource) => ({
      fullUrl: `${fhirBase}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}

function searchUrl(fhirBase: string, search: FhirSearch, offset: number): string {
  const parameters = new URLSearchParams();
  for (const { name, alternatives } of search.filters) parameters.append(name, alternatives.join(','));
  if (search.count < PAGE_LIMIT) parameters.set('_count', String(search.count));
  if (offset > 0) parameters.set('_offset', String(offset));
  return `${fhirBase}/${search.resourceType}${parameters.size > 0 ? `?${parameters}` : ''}`;
}
