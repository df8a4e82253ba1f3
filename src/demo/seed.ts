import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Store } from '../store/database.ts';
import { hashSecret } from '../store/secrets.ts';
import { putApp } from './put-app.ts';
import { demoPatients } from './records.ts';
import { LANTERN, LANTERN_CONTRACT } from './seed-registry.ts';
import { DEMO_DEVELOPER, DEMO_NETWORK, DEMO_OPERATOR, DEMO_OWNER } from './seed-staff.ts';
import { dueForCheckUp, peoplesResults } from './use-cases.ts';

export const DEMO_APP = 'lantern-health';
export const DEMO_BACKEND = 'population-health-service';
export const DEMO_FHIR_SERVER = 'demo-fhir-server';

export interface DemoPlaces {
  readonly fhirBase: string;
  /** The same FHIR server with invented patients only, for apps that are not reviewed. */
  readonly sandboxBase: string;
  readonly appOrigin: string;
  readonly fhirServerSecret: string;
  /** The backend service's keys, public and private. */
  readonly backendKeys: readonly JWK[];
}

const YEAR_MS = 365 * 24 * 3_600_000;
const KEPT_SCOPES =
  'launch/patient openid fhirUser offline_access online_access patient/Patient.rs patient/Observation.rs patient/Condition.rs patient/MedicationRequest.rs patient/AllergyIntolerance.rs';

/** Puts the demo's apps, FHIR servers and patients in place; what people did there stays. After `seedStaff`. */
export async function seedDemo(store: Store, places: DemoPlaces): Promise<void> {
  const { prisma } = store;
  const now = new Date();
  await seedFhirServers(prisma, places);
  const accountable = {
    environment: 'production',
    organizationId: LANTERN,
    ownerId: DEMO_OWNER,
    backupOwnerId: DEMO_DEVELOPER,
    contractId: LANTERN_CONTRACT,
    reviewedAt: now,
    attestationDueAt: new Date(now.getTime() + YEAR_MS),
  };
  const common = { websiteUrl: places.appOrigin, audiences: [places.fhirBase] };
  await putApp(store, {
    id: DEMO_APP,
    accountable,
    revision: {
      ...common,
      ...peoplesResults,
      name: 'Lantern Health',
      purposeStatement:
        'We show you your lab results in plain words and tell you when one needs a second look.',
      redirectUris: [`${places.appOrigin}/app`],
      origins: [places.appOrigin],
      grantTypes: ['authorization_code', 'refresh_token'],
      authMethod: 'none',
      scopeCeiling: KEPT_SCOPES,
      purposes: ['PATRQT'],
      maxConsentDays: 365,
    },
  });
  await putApp(store, {
    id: DEMO_BACKEND,
    accountable,
    revision: {
      ...common,
      ...dueForCheckUp,
      name: 'Population Health Service',
      purposeStatement: 'We count who is due for a check-up, so that care teams can call them.',
      grantTypes: ['client_credentials'],
      authMethod: 'private_key_jwt',
      scopeCeiling: 'system/Patient.rs system/Observation.rs',
      purposes: ['HQUALIMP'],
    },
    keys: places.backendKeys.map(publicPart) as JWK[],
  });
  for (const base of [places.fhirBase, places.sandboxBase]) await seedPatients(prisma, base);
}

/** One FHIR server with two bases: production, and a sandbox with the same invented patients. */
async function seedFhirServers(prisma: Store['prisma'], places: DemoPlaces): Promise<void> {
  const id = DEMO_FHIR_SERVER;
  const server = {
    ...{ id, name: 'Demo FHIR server' },
    ...{ organizationId: DEMO_NETWORK, ownerId: DEMO_OPERATOR },
  };
  await prisma.resourceServer.upsert({ where: { id }, create: server, update: {} });
  const secret = {
    secretHash: await hashSecret(places.fhirServerSecret),
    endsAt: new Date(Date.now() + YEAR_MS),
    createdBy: 'demo',
  };
  await prisma.resourceServerSecret.upsert({
    where: { id },
    create: { id, resourceServerId: id, ...secret },
    update: secret,
  });
  const bases = [
    { slug: 'demo', url: places.fhirBase, environment: 'production' },
    { slug: 'sandbox', url: places.sandboxBase, environment: 'sandbox' },
  ];
  // Another port is another URL of the same FHIR server: its records follow.
  for (const base of bases) {
    const row = { ...base, resourceServerId: id };
    await prisma.fhirBase.upsert({ where: { slug: base.slug }, create: row, update: row });
  }
}

async function seedPatients(prisma: Store['prisma'], fhirBaseUrl: string): Promise<void> {
  for (const { id: fhirId, name, birthDate } of demoPatients) {
    const known = await prisma.patient.findFirst({ where: { name } });
    const patient =
      known ??
      (await prisma.patient.create({
        data: { id: randomUUID(), userHandle: randomBytes(32).toString('base64url'), name },
      }));
    const born = new Date(`${birthDate}T00:00:00Z`);
    await prisma.patient.update({ where: { id: patient.id }, data: { birthDate: born } });
    const key = { fhirBaseUrl, fhirId };
    await prisma.patientRecord.upsert({
      where: { fhirBaseUrl_fhirId: key },
      create: { ...key, patientId: patient.id },
      update: {},
    });
  }
}

export const backendKeys = (dataDirectory: string): Promise<JWK[]> =>
  keptKeys(backendKeysFile(dataDirectory));

/** One key for each algorithm of SMART client-confidential-asymmetric, made once and kept beside the data. */
export async function keptKeys(file: string): Promise<JWK[]> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept);
  const keys = await Promise.all(['RS384', 'ES384'].map(newKey));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(keys), { flag: 'wx', mode: 0o600 });
  return keys;
}

export const backendKeysFile = (dataDirectory: string): string =>
  join(dataDirectory, 'demo-backend-keys.json');

async function newKey(alg: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' };
}

export function publicPart({ kty, kid, alg, use, n, e, crv, x, y }: JWK) {
  return kty === 'RSA' ? { kty, kid, alg, use, n, e } : { kty, kid, alg, use, crv, x, y };
}
