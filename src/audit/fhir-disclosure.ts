// A disclosure as FHIR R4 AuditEvent, by IHE BALP's privacy disclosure as its source records it: the FHIR server.
import type { Disclosure } from '../store/disclosures.ts';
import {
  APPLICATION,
  balpProfile,
  DESTINATION,
  DISCLOSE,
  EXPORT,
  OAUTH_SERVER,
  objectRole,
  PERSON,
  PROVIDER,
  purposeOfUse,
  SECURITY_SERVER,
  SOURCE,
  SYSTEM_OBJECT,
} from './fhir-codes.ts';
import { concept, type FhirAuditEvent, named, serverOf, uriNetwork } from './fhir-event.ts';

export function fhirDisclosure(issuer: string, disclosure: Disclosure): FhirAuditEvent {
  const { at, appId, organizationId, purpose, resourceServerId, patientId, fhirPatient } = disclosure;
  const observer = named(issuer, 'resource-server', resourceServerId ?? 'unknown');
  const recipient = named(issuer, 'app', appId ?? 'unknown');
  const patient =
    fhirPatient === null
      ? patientId === null
        ? undefined
        : named(issuer, 'patient', patientId, 'Patient')
      : { reference: `Patient/${fhirPatient.replace(/^Patient\//, '')}`, type: 'Patient' };
  const agent = (type: Parameters<typeof concept>[0], who: object, isRequestor = false) => ({
    ...{ type: concept(type), who, requestor: isRequestor },
  });
  return {
    resourceType: 'AuditEvent',
    ...(patient ? { meta: { profile: [balpProfile('IHE.BasicAudit.PrivacyDisclosure.Source')] } } : {}),
    ...{ type: EXPORT, subtype: [DISCLOSE], action: 'R', recorded: at.toISOString(), outcome: '0' },
    ...(purpose === null ? {} : { purposeOfEvent: [concept(purposeOfUse(purpose))] }),
    source: { site: resourceServerId ?? 'unknown', observer, type: [SECURITY_SERVER] },
    agent: [
      { ...agent(SOURCE, observer), network: uriNetwork(`${issuer}/ns/resource-server`) },
      { ...agent(DESTINATION, recipient, true), network: uriNetwork(`${issuer}/ns/app`) },
      agent(APPLICATION, recipient),
      agent(OAUTH_SERVER, serverOf(issuer)),
      ...(organizationId === null
        ? []
        : [agent(PROVIDER, named(issuer, 'organization', organizationId, 'Organization'))]),
    ],
    entity: [
      ...(patient ? [{ type: PERSON, role: objectRole('1'), what: patient }] : []),
      { type: SYSTEM_OBJECT, role: objectRole('4'), ...whatOf(disclosure), detail: detailsOf(disclosure) },
    ],
  };
}

/** One resource has a reference; a search, or the scope of a token, has words. */
function whatOf({ resource, scope }: Disclosure): object {
  if (resource === null) return { name: scope ?? 'unknown' };
  return /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(resource)
    ? { what: { reference: resource } }
    : { name: resource };
}

function detailsOf({ by, source, contractId, grantId, requestId, interaction, scope }: Disclosure): object[] {
  return Object.entries({ by, source, contractId, grantId, requestId, interaction, scope }).flatMap(
    ([type, value]) => (value === null || value === '' ? [] : [{ type, valueString: value }]),
  );
}
