import { searchParameters } from './fhir-search.ts';

const searchTypes: Readonly<Record<string, string>> = {
  _id: 'token',
  category: 'token',
  patient: 'reference',
};

// SMART App Launch 2.2: the older way to find the endpoints, beside .well-known/smart-configuration
const oauthUris = [
  ['authorize', 'authorization_endpoint'],
  ['token', 'token_endpoint'],
  ['introspect', 'introspection_endpoint'],
  ['revoke', 'revocation_endpoint'],
  ['manage', 'management_endpoint'],
  ['register', 'registration_endpoint'],
] as const;

export function capabilityStatement(fhirBase: string, smartConfiguration: unknown): Record<string, unknown> {
  const endpoints = (smartConfiguration ?? {}) as Record<string, unknown>;
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2026-11-01',
    kind: 'instance',
    software: { name: 'Postern demo FHIR server' },
    implementation: { description: 'Synthetic records of four people', url: fhirBase },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: true,
          service: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                  code: 'SMART-on-FHIR',
                },
              ],
            },
          ],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: oauthUris
                .filter(([, member]) => typeof endpoints[member] === 'string')
                .map(([url, member]) => ({ url, valueUri: endpoints[member] })),
            },
          ],
        },
        resource: [...searchParameters].map(([type, names]) => ({
          type,
          interaction: [{ code: 'read' }, { code: 'search-type' }],
          searchParam: names.map((name) => ({ name, type: searchTypes[name] })),
        })),
      },
    ],
  };
}
