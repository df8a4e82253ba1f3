import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Store } from '../store/database.ts';
import { hashSecret } from '../store/secrets.ts';
import { demoPatients } from './records.ts';

export const DEMO_APP = 'lantern-health';
export const DEMO_BACKEND = 'population-health-service';
export const DEMO_FHIR_SERVER = 'demo-fhir-server';

export interface DemoPlaces {
  readonly fhirBase: string;
  readonly appOrigin: string;
  readonly fhirServerSecret: string;
  /** The backend service's keys, public and private. */
  readonly backendKeys: readonly JWK[];
}

const YEAR_MS = 365 * 24 * 3_600_000;
const KEPT_SCOPES =
  'launch/patient openid fhirUser offline_access online_access patient/Patient.rs patient/Observation.rs patient/Condition.rs patient/MedicationRequest.rs patient/AllergyIntolerance.rs';

/** Puts the demo's organization, apps, FHIR server and patients in place; what people did there stays. */
export async function seedDemo({ prisma }: Store, places: DemoPlaces): Promise<void> {
  const now = new Date();
  const later = new Date(now.getTime() + YEAR_MS);
  const lantern = { id: 'lantern', legalName: 'Lantern Health, Inc.' };
  const owner = {
    id: 'dana-whitfield',
    organizationId: 'lantern',
    name: 'Dana Whitfield',
    email: 'dana@lantern.example',
  };
  const contract = {
    id: 'lantern-2026',
    organizationId: 'lantern',
    reference: 'Data use agreement 2026-014',
    startsAt: now,
    endsAt: new Date(later.getTime() + YEAR_MS),
  };
  await prisma.organization.upsert({ where: { id: lantern.id }, create: lantern, update: {} });
  await prisma.person.upsert({ where: { id: owner.id }, create: owner, update: {} });
  await prisma.contract.upsert({ where: { id: contract.id }, create: contract, update: {} });

  const accountable = {
    organizationId: lantern.id,
    ownerId: owner.id,
    contractId: contract.id,
    reviewedAt: now,
    attestationDueAt: later,
  };
  const common = { profile: 'smart', websiteUrl: places.appOrigin, audiences: [places.fhirBase] };
  const app = {
    ...common,
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
  };
  const backend = {
    ...common,
    name: 'Population Health Service',
    purposeStatement: 'We count who is due for a check-up, so that care teams can call them.',
    redirectUris: [],
    origins: [],
    grantTypes: ['client_credentials'],
    authMethod: 'private_key_jwt',
    jwks: { keys: places.backendKeys.map(publicPart) } as object,
    scopeCeiling: 'system/Patient.rs system/Observation.rs',
    purposes: ['HQUALIMP'],
    maxConsentDays: 0,
  };
  for (const [id, registered] of [
    [DEMO_APP, app],
    [DEMO_BACKEND, backend],
  ] as const) {
    await prisma.app.upsert({
      where: { id },
      create: { id, ...accountable, ...registered },
      update: registered,
    });
  }

  const server = { name: 'Demo FHIR server', secretHash: await hashSecret(places.fhirServerSecret) };
  const base = { slug: 'demo', resourceServerId: DEMO_FHIR_SERVER };
  await prisma.resourceServer.upsert({
    where: { id: DEMO_FHIR_SERVER },
    create: { id: DEMO_FHIR_SERVER, ...server },
    update: server,
  });
  // Another port is another URL of the same FHIR server: its records follow.
  await prisma.fhirBase.upsert({
    where: { slug: base.slug },
    create: { url: places.fhirBase, ...base },
    update: { url: places.fhirBase, ...base },
  });
  for (const { id: fhirId, name } of demoPatients) {
    const known = await prisma.patient.findFirst({ where: { name } });
    const patient =
      known ??
      (await prisma.patient.create({
        data: { id: randomUUID(), userHandle: randomBytes(32).toString('base64url'), name },
      }));
    const key = { fhirBaseUrl: places.fhirBase, fhirId };
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
