// What the demo's launches need: an EHR, the app's registration for clinics, and a parent who may act for her children.
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { Store } from '../store/database.ts';
import { putApp } from './put-app.ts';
import { demoRepresentations } from './records-related.ts';
import { DEMO_APP, keptKeys, publicPart } from './seed.ts';
import { HARBOR_CLINIC, HARBOR_OWNER } from './seed-registry.ts';
import { atTheClinic } from './use-cases.ts';

export const DEMO_EHR = 'harbor-ehr';
export const DEMO_CLINIC_APP = 'lantern-for-clinics';

export const CLINIC_SCOPES =
  'launch openid fhirUser patient/Patient.rs patient/Observation.rs patient/Encounter.rs user/Practitioner.rs';

const CLINIC_CEILING = `${CLINIC_SCOPES} launch/patient launch/encounter offline_access online_access patient/Condition.rs user/Patient.rs user/Observation.rs user/Encounter.rs`;

/** One key for each algorithm of SMART client-confidential-asymmetric, made once and kept beside the data. */
export const ehrKeys = (dataDirectory: string): Promise<JWK[]> =>
  keptKeys(join(dataDirectory, 'demo-ehr-keys.json'));

export interface LaunchPlaces {
  readonly fhirBase: string;
  readonly appOrigin: string;
  /** The EHR's keys, public and private. */
  readonly keys: readonly JWK[];
}

export async function seedLaunches(store: Store, places: LaunchPlaces): Promise<void> {
  const { prisma } = store;
  const { fhirBase, appOrigin } = places;
  const accountable = await prisma.app.findUniqueOrThrow({
    where: { id: DEMO_APP },
    select: {
      ...{ environment: true, organizationId: true, ownerId: true, backupOwnerId: true, contractId: true },
      ...{ reviewedAt: true, attestationDueAt: true },
    },
  });
  await putApp(store, {
    id: DEMO_CLINIC_APP,
    accountable,
    revision: {
      ...atTheClinic,
      name: 'Lantern for Clinics',
      websiteUrl: appOrigin,
      purposeStatement:
        'We show care teams lab results beside the usual range, for the patient they have open.',
      redirectUris: [`${appOrigin}/app`],
      launchUris: [`${appOrigin}/launch`],
      origins: [appOrigin],
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'none',
      audiences: [fhirBase],
      scopeCeiling: CLINIC_CEILING,
      purposes: ['TREAT'],
      maxConsentDays: 365,
    },
  });

  const reached = { fhirBaseUrl: fhirBase, jwks: { keys: places.keys.map(publicPart) } as object };
  const answerable = { organizationId: HARBOR_CLINIC, ownerId: HARBOR_OWNER };
  const ehr = { id: DEMO_EHR, name: 'Harbor Clinic EHR', ...answerable, ...reached };
  await prisma.ehr.upsert({ where: { id: DEMO_EHR }, create: ehr, update: reached });

  for (const one of demoRepresentations) await seedRepresentation(prisma, fhirBase, one);
}

/** A parent: until the child comes of age. */
async function seedRepresentation(
  prisma: Store['prisma'],
  fhirBaseUrl: string,
  { id, patient }: (typeof demoRepresentations)[number],
): Promise<void> {
  const recordOf = (fhirId: string) =>
    prisma.patientRecord.findUniqueOrThrow({ where: { fhirBaseUrl_fhirId: { fhirBaseUrl, fhirId } } });
  const [parent, child] = await Promise.all([recordOf('ana-rivera'), recordOf(patient)]);
  await prisma.representation.upsert({
    where: { id },
    create: {
      ...{ id, representativeId: parent.patientId, patientId: child.patientId, relationship: 'parent' },
      ...{ basis: 'minority', evidence: 'Birth certificate, seen at the front desk' },
      ...{ startsAt: new Date(), recordedBy: 'demo' },
    },
    update: {},
  });
  const key = { representationId: id, fhirBaseUrl };
  await prisma.representationIdentity.upsert({
    where: { representationId_fhirBaseUrl: key },
    create: { ...key, fhirUser: `RelatedPerson/${id}` },
    update: {},
  });
}
