// A clinic's backend service for emergencies: one access that is over and waits for its review, one that waits for a second person.
import { MOST_MINUTES } from '../policy/break-glass.ts';
import type { Actor } from '../policy/permissions.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import { endBreakGlass } from '../registry/break-glass-decisions.ts';
import { createContract } from '../registry/contracts.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { newPublicKey } from './generated-registry.ts';
import { demoOperator, putApp } from './put-app.ts';
import { HARBOR_CLINIC, HARBOR_OWNER } from './seed-registry.ts';
import { inEmergencies } from './use-cases.ts';

export const DEMO_EMERGENCY_APP = 'harbor-emergency-record';
const DAY_MS = 24 * 3_600_000;

const clinician: Actor = {
  ...{ personId: HARBOR_OWNER, organizationId: HARBOR_CLINIC },
  ...{ roles: ['owner'], via: 'portal' },
};

/** Once: what became of it since stays. */
export async function seedEmergency(deps: RegistryDeps, fhirBase: string): Promise<void> {
  const { prisma } = deps.store;
  if ((await prisma.app.count({ where: { id: DEMO_EMERGENCY_APP } })) > 0) return;
  const now = Date.now();
  const { contractId } = await createContract(deps, demoOperator, {
    ...{ organizationId: HARBOR_CLINIC, reference: 'Emergency access agreement 2026-031' },
    startsAt: new Date(now).toISOString(),
    endsAt: new Date(now + 730 * DAY_MS).toISOString(),
    limits: { operations: ['read', 'search'], patientsPerHour: 40, resourcesPerHour: 2_000 },
  });
  await putApp(deps.store, {
    id: DEMO_EMERGENCY_APP,
    accountable: {
      ...{ organizationId: HARBOR_CLINIC, ownerId: HARBOR_OWNER, backupOwnerId: null, contractId },
      ...{ environment: 'production', reviewedAt: new Date(now) },
      attestationDueAt: new Date(now + 365 * DAY_MS),
    },
    revision: {
      ...inEmergencies,
      name: 'Harbor Emergency Record',
      purposeStatement: 'We show the emergency department what it must know of a patient who cannot say it.',
      ...{ websiteUrl: 'https://harborclinic.example', audiences: [fhirBase] },
      ...{ grantTypes: ['client_credentials'], authMethod: 'private_key_jwt', purposes: ['TREAT'] },
      scopeCeiling:
        'system/Patient.rs system/AllergyIntolerance.rs system/MedicationRequest.rs system/Condition.rs',
      maxConsentDays: 0,
    },
    keys: [{ ...newPublicKey(), kid: `${DEMO_EMERGENCY_APP}-1` }],
  });
  await askTwice(deps, fhirBase);
}

async function askTwice(deps: RegistryDeps, fhirBaseUrl: string): Promise<void> {
  const asked = {
    ...{ appId: DEMO_EMERGENCY_APP, fhirBaseUrl, purpose: 'ETREAT', minutes: MOST_MINUTES },
    scope: 'patient/AllergyIntolerance.rs patient/MedicationRequest.rs',
  };
  // As it is where accesses are reviewed afterwards: it begins at once, and somebody else looks into it within a day.
  const reviewed: RegistryDeps = { ...deps, settings: { ...deps.settings, breakGlass: 'review' } };
  const { breakGlassId } = await requestBreakGlass(reviewed, clinician, {
    ...{ ...asked, fhirId: 'james-okafor', who: 'Dr. Imani Ferreira', ticket: 'ED-2291' },
    reason: 'Unconscious after a fall; we must know his medicines before we treat him.',
  });
  await endBreakGlass(deps, clinician, breakGlassId, { reason: 'He is awake and can answer himself.' });
  await requestBreakGlass(deps, clinician, {
    ...{ ...asked, fhirId: 'zoe-rivera', who: 'Dr. Imani Ferreira', ticket: 'ED-2304' },
    reason: 'Severe allergic reaction; nobody with her knows what she must not be given.',
  });
}
