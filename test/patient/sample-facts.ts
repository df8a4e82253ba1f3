import type { ConsentFacts } from '../../src/patient/consent-view.ts';
import type { IdentityFacts } from '../../src/patient/identity-view.ts';
import type { SharingFacts } from '../../src/patient/sharing-facts.ts';
import { consentRequest } from '../../src/smart/consent-choices.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { createMessages } from '../../src/web/messages.ts';

const messages = createMessages('views');
export const en = messages.translator('en');
export const es = messages.translator('es');

export const now = new Date('2026-12-03T14:05:09Z');
export const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000);

export const scope =
  'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs patient/Goal.cu patient/QuestionnaireResponse.cu';

export function consentFacts(changes: Partial<ConsentFacts> = {}, scopes = scope): ConsentFacts {
  return {
    accountName: 'Ana Rivera',
    patientName: 'Ana Rivera',
    self: true,
    app: {
      name: 'Lantern Health',
      organizationName: 'Lantern Health Incorporated',
      websiteHost: 'lantern.example',
      logoId: null,
      reviewedAt: inDays(-90),
      attestationDueAt: inDays(200),
      purposeStatement: 'Lantern shows your lab results over time.',
      policyUrl: 'https://lantern.example/privacy',
    },
    operatorName: 'Test network',
    purposeOfUse: 'PATRQT',
    request: consentRequest(parseScopes(scopes).scopes),
    previous: null,
    durations: [
      { id: 'once', endsAt: inDays(0.4) },
      { id: '30', endsAt: inDays(30) },
      { id: '90', endsAt: inDays(90) },
    ],
    defaultDuration: '30',
    now,
    actionUrl: '/interaction/1/consent',
    basis: 'of-this-question',
    switchUrl: '/interaction/1/switch',
    ...changes,
  };
}

export function identityFacts(changes: Partial<IdentityFacts> = {}): IdentityFacts {
  const { accountName, app, operatorName, purposeOfUse, actionUrl, switchUrl } = consentFacts();
  const same = { accountName, app, operatorName, purposeOfUse, actionUrl, switchUrl };
  return { ...same, name: true, now, endsAt: inDays(0.5), ...changes };
}

export function sharing(changes: Partial<SharingFacts> = {}): SharingFacts {
  return {
    consentId: 'c1',
    appId: '1',
    appName: 'Lantern Health',
    organizationName: 'Lantern Health Incorporated',
    websiteHost: 'lantern.example',
    patientName: null,
    patientId: null,
    decidedBy: null,
    shared: [
      { category: 'laboratory', access: 'view' },
      { category: 'vital-signs', access: 'view' },
    ],
    offline: true,
    since: inDays(-80),
    endsAt: inDays(200),
    lastUsedAt: inDays(-1),
    ended: null,
    isPaused: false,
    mayResume: false,
    uses: [],
    isCountCapped: false,
    baseUrl: '/my/apps/1',
    ...changes,
  };
}
