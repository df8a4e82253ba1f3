// Events and disclosures of each kind, as rows of the database.
import type { EventRow } from '../../src/store/audit-pages.ts';
import type { Disclosure } from '../../src/store/disclosures.ts';

export const ISSUER = 'https://postern.example.org';

const nothing: EventRow = {
  ...{ id: '17', xid: '900', recordedAt: new Date('2026-11-22T10:00:00.123Z'), type: 'app.suspended' },
  ...{ requestId: null, appId: null, accountId: null, organizationId: null, patientId: null, grantId: null },
  ...{ resourceServerId: null, contractId: null, resource: null, purpose: null, reason: null, detail: {} },
};
export const app = {
  appId: 'lantern',
  organizationId: 'lantern-inc',
  contractId: 'contract-1',
  requestId: 'request-1',
};
export const patient = {
  ...app,
  accountId: 'maya',
  patientId: 'maya',
  grantId: 'grant-1',
  purpose: 'PATRQT',
};
export const row = (type: string, about: Partial<EventRow> = {}): EventRow => ({
  ...nothing,
  ...about,
  type,
});

export const issued = row('token.issued', {
  ...patient,
  detail: {
    kind: 'AccessToken',
    scope: 'patient/*.rs',
    audience: 'https://fhir.example.org',
    expiresAt: 'x',
  },
});
export const permitted = row('decision.permitted', {
  ...{ ...patient, resource: 'Observation/123', resourceServerId: 'fhir' },
  detail: {
    subject: 'access_token',
    interaction: 'read',
    patient: '123',
    resources: 1,
    context: { network: '192.0.2.1' },
  },
});

export const events: readonly EventRow[] = [
  ...[issued, permitted, row('token.issued', { ...app, purpose: 'TREAT', detail: { scope: 'system/*.rs' } })],
  row('decision.permitted', { ...app, resource: 'Group/1', detail: { resources: 1000 } }),
  row('decision.denied', { ...patient, reason: 'scope_insufficient' as never }),
  row('consent.granted', { ...patient, detail: { scope: 'a', audience: 'b', expiresAt: 'c' } }),
  ...[
    row('consent.denied', { ...app, patientId: 'maya', accountId: 'maya' }),
    row('consent.withdrawn', patient),
    row('consent.paused', { ...patient, detail: { by: 'patient' } }),
    row('consent.amended', { ...patient, detail: { by: 'patient', scope: 'a', expiresAt: 'c' } }),
  ],
  row('introspection.refused', {
    ...patient,
    reason: 'grant_revoked',
    detail: { diagnosis: { code: 'grant_revoked' } },
  }),
  ...['authorization.refused', 'token.refused', 'revocation.refused', 'token.revoked'].map((type) =>
    row(type, app),
  ),
  ...['patient.signed_in', 'patient.signed_out', 'person.sign_in_refused'].map((type) =>
    row(type, { accountId: 'x' }),
  ),
  ...['app.registered', 'key.added', 'key.ended', 'app.suspended', 'role.granted'].map((type) =>
    row(type, { ...app, accountId: 'olu', detail: { via: 'console', reason: '  ', fields: ['a', 'b'] } }),
  ),
  ...['audit.exported', 'audit.month_dropped', 'inventory.exported', 'disclosure.exported'].map((type) =>
    row(type),
  ),
];

export const disclosure: Disclosure = {
  ...{ at: new Date('2026-11-22T10:00:00Z'), by: 'decision', source: 'event 17', appId: 'lantern' },
  ...{ organizationId: 'lantern-inc', contractId: 'contract-1', patientId: 'maya', fhirPatient: '123' },
  ...{
    resource: 'Observation/123',
    interaction: 'read',
    scope: null,
    purpose: 'PATRQT',
    resourceServerId: 'fhir',
  },
  ...{ grantId: 'grant-1', requestId: 'request-1' },
};
export const disclosures: readonly Disclosure[] = [
  disclosure,
  {
    ...disclosure,
    by: 'introspection',
    fhirPatient: null,
    resource: null,
    scope: 'patient/*.rs',
    interaction: null,
  },
  {
    ...disclosure,
    patientId: null,
    fhirPatient: null,
    resource: 'Observation?category,patient',
    appId: null,
  },
];
