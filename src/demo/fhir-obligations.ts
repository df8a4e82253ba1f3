// What the demo FHIR server does beside answering, as its decisions say. What it cannot do closes the access.
import type { Obligation } from './fhir-decisions.ts';
import { type FhirResource, securityLabels } from './fhir-resource.ts';
import { finds, type Parameter } from './fhir-search.ts';

export interface Duties {
  /** Only what it accepts may leave the server. */
  shows(resource: FhirResource): boolean;
  /** What must be written into the log, each in a word. */
  readonly logs: readonly string[];
}

type Test = (resource: FhirResource) => boolean;

/** Undefined: one of them is not understood, so nothing may leave (AuthZEN, obligations). */
export function dutiesOf(obligations: readonly Obligation[]): Duties | undefined {
  const tests: Test[] = [];
  const logs: string[] = [];
  for (const { type, properties } of obligations) {
    if (type === 'log' && typeof properties.about === 'string') logs.push(properties.about);
    else {
      const test =
        type === 'filter' ? filterOf(properties) : type === 'redact' ? redactionOf(properties) : undefined;
      if (test === undefined) return undefined;
      tests.push(test);
    }
  }
  return { logs, shows: (resource) => tests.every((test) => test(resource)) };
}

function filterOf({ resourceType, alternatives }: Obligation['properties']): Test | undefined {
  if (typeof resourceType !== 'string' || !Array.isArray(alternatives)) return undefined;
  if (!alternatives.every(isSearch)) return undefined;
  const isMeant = (type: string) => resourceType === '*' || resourceType === type;
  return (resource) => !isMeant(resource.resourceType) || alternatives.some((one) => finds(resource, one));
}

function redactionOf({ labels, confidentiality, unlabelled }: Obligation['properties']): Test | undefined {
  if (!isTexts(labels) || !isConfidentiality(confidentiality) || typeof unlabelled !== 'boolean')
    return undefined;
  const { systems, open } = confidentiality;
  return (resource) => {
    const codes = (resource.meta?.security ?? [])
      .filter(({ system }) => systems.includes(system))
      .map(({ code }) => code);
    if (securityLabels(resource).some((label) => labels.includes(label))) return false;
    return codes.length === 0 ? !unlabelled : codes.every((code) => open.includes(code));
  };
}

function isConfidentiality(value: unknown): value is { systems: string[]; open: string[] } {
  if (typeof value !== 'object' || value === null) return false;
  return 'systems' in value && isTexts(value.systems) && 'open' in value && isTexts(value.open);
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isSearch = (value: unknown): value is Parameter[] =>
  Array.isArray(value) && value.every((pair) => isTexts(pair) && pair.length === 2);
