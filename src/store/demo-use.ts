// How the invented apps of the demo are used, made by the database itself from the names of things: the same every time.
import type { Transaction } from './database.ts';

/** How one app is used, day after day; days are counted back from today. */
export interface UseRhythm {
  readonly appId: string;
  readonly serverId: string;
  readonly audience: string;
  readonly rhythm: 'evenings' | 'office' | 'nights';
  readonly purpose: string;
  readonly scope: string;
  /** How many people connected it; 0: it works by itself. */
  readonly people: number;
  readonly firstDay: number;
  readonly lastDay: number;
  /** What it reads. */
  readonly types: readonly string[];
  /** From how many networks. */
  readonly networks: number;
}

/** What the ids of invented patients begin with. */
export const INVENTED = 'invented-';

export interface InventedPeople {
  readonly count: number;
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly bases: readonly string[];
}

const PATIENTS = `
  INSERT INTO patient (id, user_handle, name, birth_date, created_at)
  SELECT '${INVENTED}' || n, md5('invented ' || n),
    ($2::text[])[1 + n % cardinality($2::text[])] || ' ' || ($3::text[])[1 + n * 7 % cardinality($3::text[])],
    date '1940-01-01' + (abs(hashtext('born ' || n)) % 24000), now() - interval '400 days'
  FROM generate_series(1, $1::int) n`;

const RECORDS = `
  INSERT INTO patient_record (fhir_base_url, fhir_id, patient_id)
  SELECT ($2::text[])[1 + n % cardinality($2::text[])], '${INVENTED}' || n, '${INVENTED}' || n FROM generate_series(1, $1::int) n`;

const PROFILES = `
  json_to_recordset($1::json) AS a ("appId" text, "serverId" text, audience text, rhythm text, purpose text, scope text,
    people int, "firstDay" int, "lastDay" int, types text[], networks int)`;

const CONSENTS = `
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope,
    granted_scope, choices, launch_context, locale, decided_at, expires_at, withdrawn_at, withdrawn_by, revision_id)
  SELECT a."appId" || '-' || k, p.id, p.id, a."appId", app.organization_id, a."appId" || '-' || k, a.audience, a.purpose,
    a.scope, a.scope, '{}', '{}', 'en', d.at, d.at + interval '365 days', w.at, CASE WHEN w.at IS NOT NULL THEN 'patient' END,
    app.revision_id
  FROM ${PROFILES} JOIN app ON app.id = a."appId" CROSS JOIN generate_series(1, a.people) k
  CROSS JOIN LATERAL (SELECT abs(hashtext(a."appId" || k)) AS h) r
  CROSS JOIN LATERAL (SELECT '${INVENTED}' || (1 + (k * 7 + abs(hashtext(a."appId"))) % $2::int) AS id) p
  CROSS JOIN LATERAL (SELECT now() - interval '1 day' * (CASE WHEN r.h % 5 = 0 THEN 5 ELSE 62 END + a."lastDay" + r.h % 50)
    - interval '1 minute' * (r.h % 700) AS at) d
  CROSS JOIN LATERAL (SELECT CASE WHEN r.h % 12 = 0 THEN d.at + interval '1 day' * (2 + r.h % 3) END AS at) w`;

const HOUR = `CASE a.rhythm WHEN 'evenings' THEN 20 + h.n / 100 % 4 WHEN 'office' THEN 14 + h.n / 100 % 8 ELSE 6 + h.n / 100 % 3 END`;
const DAY = `(date_trunc('day', now(), 'UTC') - interval '1 day' * d.ago)`;
const IS_WORKED = `(a.rhythm <> 'office' OR extract(isodow FROM ${DAY} AT TIME ZONE 'UTC') < 6)`;
const INTO =
  'INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)';

const USE_OF_PEOPLE = `${INTO}
  SELECT md5(c.grant_id || '/' || d.ago)::uuid, a."serverId", m.at, c.app_id, c.patient_id, c.grant_id, c.purpose
  FROM ${PROFILES} JOIN consent c ON c.app_id = a."appId" CROSS JOIN generate_series(a."lastDay", a."firstDay") AS d (ago)
  CROSS JOIN LATERAL (SELECT abs(hashtext(c.id || '/' || d.ago)) AS n) h
  CROSS JOIN generate_series(0, h.n % 2) k
  CROSS JOIN LATERAL (SELECT ${DAY} + interval '1 hour' * (${HOUR}) + interval '1 minute' * ((h.n / 1000 + k * 7) % 60) AS at) m
  WHERE h.n % 100 < abs(hashtext(c.id)) % 48 / (CASE WHEN extract(isodow FROM ${DAY} AT TIME ZONE 'UTC') > 5 THEN 2 ELSE 1 END)
    AND ${IS_WORKED}
    AND m.at < now() AND m.at > c.decided_at AND (c.withdrawn_at IS NULL OR m.at < c.withdrawn_at)
  ON CONFLICT DO NOTHING`;

const USE_BY_ITSELF = `${INTO}
  SELECT md5(a."appId" || '/' || d.ago || '/' || m.at)::uuid, a."serverId", m.at, a."appId", NULL, NULL, a.purpose
  FROM ${PROFILES} CROSS JOIN generate_series(a."lastDay", a."firstDay") AS d (ago)
  CROSS JOIN generate_series(1, 8 + abs(hashtext(a."appId" || d.ago)) % 5) k
  CROSS JOIN LATERAL (SELECT abs(hashtext(a."appId" || '/' || d.ago || '/' || k)) AS n) h
  CROSS JOIN LATERAL (SELECT ${DAY} + interval '1 hour' * (${HOUR}) + interval '1 minute' * (h.n / 1000 % 60) AS at) m
  WHERE a.people = 0 AND ${IS_WORKED} AND m.at < now()
  ON CONFLICT DO NOTHING`;

/** In one night as often as otherwise in weeks. */
const BURST = `${INTO}
  SELECT md5(c.grant_id || '/burst/' || k)::uuid, $2, date_trunc('day', now(), 'UTC') - interval '1 day' + interval '1 minute' * (130 + k),
    c.app_id, c.patient_id, c.grant_id, c.purpose
  FROM consent c CROSS JOIN generate_series(1, 14) k WHERE c.app_id = $1 AND c.withdrawn_at IS NULL
  ON CONFLICT DO NOTHING`;

const DECISIONS = `
  INSERT INTO audit_event (recorded_at, type, app_id, patient_id, grant_id, resource_server_id, resource, purpose, detail)
  SELECT r.minute + interval '20 seconds', 'decision.permitted', r.app_id, r.patient_id, r.grant_id, r.resource_server_id,
    a.types[1 + h.n % cardinality(a.types)] || CASE h.n % 3 WHEN 0 THEN '?patient' ELSE '/' || h.n % 9000 END, r.purpose,
    jsonb_build_object('subject', 'access_token', 'interaction', CASE h.n % 3 WHEN 0 THEN 'search-type' ELSE 'read' END,
      'context', jsonb_build_object('network', '198.51.100.' || (abs(hashtext(r.app_id)) + h.n % a.networks) % 250),
      'resources', 1 + h.n % 4)
  FROM ${PROFILES} JOIN access_record r ON r.app_id = a."appId"
  CROSS JOIN LATERAL (SELECT abs(hashtext(r.token_id::text || r.minute)) / 7 AS n) h
  WHERE r.minute > now() - interval '40 days' AND (h.n % 5 = 0 OR a.networks > 1)`;

/** Their revisions are there already: each is the one in force. */
export async function putRevisionsInForce(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.$executeRawUnsafe(
    `UPDATE app SET revision_id = v.id FROM app_revision v
     WHERE v.app_id = app.id AND app.revision_id IS NULL AND app.id = ANY ($1::text[])`,
    [...ids],
  );
}

/** Apps of one statement: on a slow machine, too, each has the time. */
const A_PART = 10;

/** People who connect the apps, what they consented to, and every minute of use. */
export async function inventUse(
  tx: Transaction,
  { count, firstNames, lastNames, bases }: InventedPeople,
  apps: readonly UseRhythm[],
  burst: Pick<UseRhythm, 'appId' | 'serverId'>,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(apps.length / A_PART) }, (_, n) =>
    JSON.stringify(apps.slice(n * A_PART, (n + 1) * A_PART)),
  );
  await tx.$executeRawUnsafe(PATIENTS, count, firstNames, lastNames);
  await tx.$executeRawUnsafe(RECORDS, count, bases);
  for (const profiles of parts) {
    await tx.$executeRawUnsafe(CONSENTS, profiles, count);
    await tx.$executeRawUnsafe(USE_OF_PEOPLE, profiles);
    await tx.$executeRawUnsafe(USE_BY_ITSELF, profiles);
  }
  await tx.$executeRawUnsafe(BURST, burst.appId, burst.serverId);
  for (const profiles of parts) await tx.$executeRawUnsafe(DECISIONS, profiles);
}
