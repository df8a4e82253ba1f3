// An audit event as FHIR R4 AuditEvent, by the profiles of IHE BALP where one fits: ITI-71 for an access token,
// AuthZconsent for a decision on a patient's consent; else what all of them share.
import type { EventRow } from '../store/audit-pages.ts';
import {
  APPLICATION,
  AUTHORIZATION_SERVER,
  authorizationBy,
  balpProfile,
  CONSENT,
  type Coding,
  ITI_71,
  kindOf,
  OAUTH_SERVER,
  objectRole,
  PERSON,
  PROVIDER,
  purposeOfUse,
  RECIPIENT,
  SECURITY_SERVER,
  SYSTEM_OBJECT,
} from './fhir-codes.ts';

export type FhirAuditEvent = Readonly<Record<string, unknown>> & { readonly resourceType: 'AuditEvent' };
type Part = Readonly<Record<string, unknown>>;

/** Where it cannot be told: the address of a client is not kept. */
const UNKNOWN: Part = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
};

export const concept = (coding: Coding): Part => ({ coding: [coding] });
export const uriNetwork = (address: string): Part => ({ address, type: '5' });
export const purposes = (purpose: string | null): Part =>
  purpose === null ? {} : { purposeOfUse: [concept(purposeOfUse(purpose))] };

/** A logical reference: what these ids name is known to the authorization server. */
export const named = (issuer: string, what: string, value: string, type?: string): Part => ({
  ...(type === undefined ? {} : { type }),
  identifier: { system: `${issuer}/ns/${what}`, value },
});

export const serverOf = (issuer: string): Part => ({
  identifier: { system: 'urn:ietf:rfc:3986', value: issuer },
});

/** A patient at a FHIR server, or as she is known here. */
export function patientOf(issuer: string, { patientId, detail }: EventRow): Part | undefined {
  if (typeof detail.patient === 'string')
    return { reference: `Patient/${detail.patient.replace(/^Patient\//, '')}`, type: 'Patient' };
  return patientId === null ? undefined : named(issuer, 'patient', patientId, 'Patient');
}

export function fhirEvent(issuer: string, event: EventRow): FhirAuditEvent {
  const { type } = event;
  const common = {
    ...{ resourceType: 'AuditEvent' as const, id: `event-${event.id}` },
    recorded: event.recordedAt.toISOString(),
    ...outcomeOf(event),
    source: { site: new URL(issuer).host, observer: serverOf(issuer), type: [SECURITY_SERVER] },
  };
  if (type === 'token.issued') return { ...common, ...tokenIssued(issuer, event) };
  const own: Coding = { system: `${issuer}/ns/audit-event-type`, code: type };
  if (/^(decision|consent|introspection)\./.test(type))
    return { ...common, ...authorizationDecision(issuer, event, own) };
  const { type: kind, subtype, action } = kindOf(type);
  const patient = patientOf(issuer, event);
  const entities = [
    ...(patient ? [patientEntity(patient)] : []),
    {
      type: SYSTEM_OBJECT,
      role: objectRole('4'),
      what: named(issuer, 'audit-event', event.id),
      detail: details(event),
    },
  ];
  const agents = [...clientAgents(issuer, event, 'other'), serverAgent(issuer, OAUTH_SERVER)];
  return {
    ...common,
    type: kind,
    subtype: [...(subtype ? [subtype] : []), own],
    action,
    agent: agents,
    entity: entities,
  };
}

function outcomeOf({ type, reason, purpose }: EventRow): Part {
  const failed = /\.(refused|denied|sign_in_refused)$/.test(type);
  return {
    outcome: failed ? '4' : '0',
    ...(reason === null ? {} : { outcomeDesc: reason }),
    ...(purpose === null ? {} : { purposeOfEvent: [concept(purposeOfUse(purpose))] }),
  };
}

function tokenIssued(issuer: string, event: EventRow): Part {
  // What is kept of the request: nothing that could be used, such as a code, a verifier or a secret.
  const asked = new URLSearchParams({
    client_id: event.appId ?? '',
    scope: String(event.detail.scope ?? ''),
  });
  return {
    meta: { profile: [balpProfile('IHE.IUA.71')] },
    ...{ type: kindOf(event.type).type, subtype: [ITI_71], action: 'E' },
    agent: [...clientAgents(issuer, event, 'token'), serverAgent(issuer, OAUTH_SERVER)],
    entity: [
      {
        ...{ type: SYSTEM_OBJECT, role: objectRole('24') },
        query: Buffer.from(`POST ${issuer}/token\n\n${asked}`).toString('base64'),
        detail: details(event),
      },
    ],
  };
}

function authorizationDecision(issuer: string, event: EventRow, own: Coding): Part {
  const patient = patientOf(issuer, event);
  const { grantId, accountId, organizationId } = event;
  const consent =
    grantId === null ? undefined : { type: CONSENT, what: named(issuer, 'grant', grantId, 'Consent') };
  const isWhole = patient && consent && accountId !== null && organizationId !== null && event.appId !== null;
  return {
    ...(isWhole ? { meta: { profile: [balpProfile('IHE.BasicAudit.AuthZconsent')] } } : {}),
    ...{ type: kindOf(event.type).type, action: 'E' },
    // The profile binds subtypes to its own; a detail says which event it was.
    subtype: [
      authorizationBy(consent || event.type.startsWith('consent.') ? 'Consent' : 'Role'),
      ...(isWhole ? [] : [own]),
    ],
    agent: [...clientAgents(issuer, event, 'decision'), serverAgent(issuer, AUTHORIZATION_SERVER)],
    entity: [
      ...(patient ? [patientEntity(patient, event)] : []),
      ...(consent ? [consent] : []),
      ...(patient
        ? []
        : [
            {
              type: SYSTEM_OBJECT,
              role: objectRole('3'),
              what: named(issuer, 'audit-event', event.id),
              detail: details(event),
            },
          ]),
    ],
  };
}

const serverAgent = (issuer: string, type: Coding): Part => ({
  ...{ type: concept(type), who: serverOf(issuer), requestor: false },
  ...(type === OAUTH_SERVER ? { network: uriNetwork(issuer) } : {}),
});

function clientAgents(issuer: string, event: EventRow, of: 'token' | 'decision' | 'other'): Part[] {
  const { appId, accountId, organizationId, purpose } = event;
  const isApp = accountId === null;
  const app =
    appId === null
      ? undefined
      : { type: concept(APPLICATION), who: named(issuer, 'app', appId), requestor: isApp, network: UNKNOWN };
  const user =
    accountId === null
      ? undefined
      : {
          type: concept(RECIPIENT),
          who: named(issuer, 'account', accountId),
          requestor: true,
          ...purposes(purpose),
        };
  const organization =
    organizationId === null || of === 'token'
      ? undefined
      : {
          ...{
            type: concept(PROVIDER),
            who: named(issuer, 'organization', organizationId, 'Organization'),
            requestor: false,
          },
          ...(of === 'decision' ? purposes(purpose) : {}),
        };
  return [app, user, organization].filter((agent) => agent !== undefined);
}

const patientEntity = (what: Part, event?: EventRow): Part => ({
  ...{ type: PERSON, role: objectRole('1'), what },
  ...(event === undefined ? {} : { detail: details(event) }),
});

/** Everything that has no element of its own: the request, the contract, and what the event says. */
function details(event: EventRow): Part[] {
  const { type: name, requestId, contractId, organizationId, resourceServerId, resource, detail } = event;
  const own = { event: name, requestId, contractId, organizationId, resourceServerId, resource, ...detail };
  return Object.entries(own).flatMap(([type, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return value === null || text === undefined || text.trim() === '' ? [] : [{ type, valueString: text }];
  });
}
