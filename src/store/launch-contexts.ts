// What EHRs deposit for a launch: opaque, single use, for one app at one FHIR base, for five minutes of database time.
import { randomBytes, randomUUID } from 'node:crypto';
import type { LaunchContext } from '../smart/launch-context.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256Hex } from './hash.ts';

export const LAUNCH_LIFETIME_S = 300;

export interface NewLaunch {
  readonly ehrId: string;
  readonly fhirBaseUrl: string;
  readonly appId: string;
  readonly user: { readonly fhirUser: string; readonly name: string };
  readonly context: LaunchContext;
}

const PATIENT_OF = (base: string, fhirId: string) =>
  `(SELECT patient_id FROM patient_record WHERE fhir_base_url = ${base} AND fhir_id = ${fhirId})`;

// One statement: the user, the context and the audit event are stored together or not at all.
const DEPOSIT = `
  WITH person AS (
    INSERT INTO ehr_user (id, ehr_id, fhir_user, name) VALUES ($1, $2, $3, $4)
    ON CONFLICT (ehr_id, fhir_user) DO UPDATE SET name = excluded.name RETURNING id),
  launch AS (
    INSERT INTO launch_context (id, ehr_id, ehr_user_id, app_id, fhir_base_url, context, created_at, expires_at)
    SELECT $5, $2, person.id, $6, $7, $8::jsonb, ${sqlNow(9)}, ${sqlNow(9)} + $10::bigint * interval '1 second'
    FROM person RETURNING ehr_id, ehr_user_id, app_id, fhir_base_url, context)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, detail)
  SELECT 'launch.deposited', $11, app_id, ehr_user_id, ${PATIENT_OF('launch.fhir_base_url', "launch.context ->> 'patient'")},
    jsonb_build_object('ehrId', ehr_id)
  FROM launch`;

/** Answers with the value for the app's `launch` parameter: stored as its hash only. */
export async function depositLaunch(store: Store, launch: NewLaunch, requestId?: string): Promise<string> {
  const value = randomBytes(32).toString('base64url');
  const { ehrId, user, appId, fhirBaseUrl, context } = launch;
  await store.sql(DEPOSIT, [
    ...[randomUUID(), ehrId, user.fhirUser, user.name, sha256Hex(value), appId, fhirBaseUrl],
    ...[JSON.stringify(context), store.clock.offsetMs, LAUNCH_LIFETIME_S, requestId],
  ]);
  return value;
}

const USE = `
  WITH used AS (
    UPDATE launch_context l SET consumed_at = ${sqlNow(4)} FROM ehr e
    WHERE e.id = l.ehr_id AND e.suspended_at IS NULL AND l.id = $1 AND l.app_id = $2 AND l.fhir_base_url = $3
      AND l.consumed_at IS NULL AND l.expires_at > ${sqlNow(4)}
    RETURNING l.id, l.ehr_id, l.ehr_user_id, l.app_id, l.fhir_base_url, l.context),
  event AS (
    INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, detail)
    SELECT 'launch.used', $5, app_id, ehr_user_id, ${PATIENT_OF('used.fhir_base_url', "used.context ->> 'patient'")},
      jsonb_build_object('ehrId', ehr_id)
    FROM used)
  SELECT id, context FROM used`;

/** The context for exactly one caller: the update is conditional and the database decides. */
export async function useLaunch(
  store: Store,
  launch: { readonly value: string; readonly appId: string; readonly fhirBaseUrl: string },
  requestId?: string,
): Promise<{ readonly id: string; readonly context: LaunchContext } | undefined> {
  const { value, appId, fhirBaseUrl } = launch;
  const parameters = [sha256Hex(value), appId, fhirBaseUrl, store.clock.offsetMs, requestId];
  const [used] = await store.sql<{ id: string; context: LaunchContext }>(USE, parameters);
  return used;
}

/** A launch that was used, with its EHR and the person whom the EHR signed in. */
export async function findUsedLaunch(store: Store, id: string) {
  const where = { id, consumedAt: { not: null } };
  return store.prisma.launchContext.findFirst({ where, include: { ehr: true, ehrUser: true } });
}
