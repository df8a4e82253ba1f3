import type { Store } from './database.ts';

/** What apps, organizations and resource servers are called now. */
export interface PartyNames {
  readonly apps: ReadonlyMap<string, string>;
  readonly organizations: ReadonlyMap<string, string>;
  /** With the organization that runs it, where it is another's. */
  readonly servers: ReadonlyMap<string, string>;
}

const NAMES = `
  SELECT 'apps' AS kind, a.id, coalesce(r.name, a.id) AS name FROM app a LEFT JOIN app_revision r ON r.id = a.revision_id
  WHERE a.id = ANY ($1)
  UNION ALL SELECT 'organizations', o.id, o.legal_name FROM organization o WHERE o.id = ANY ($2)
  UNION ALL SELECT 'servers', s.id, coalesce(o.legal_name, s.name) FROM resource_server s
    LEFT JOIN organization o ON o.id = s.organization_id WHERE s.id = ANY ($3)`;

interface Named {
  readonly appId: string | null;
  readonly organizationId: string | null;
  readonly resourceServerId: string | null;
}

export async function partyNames(store: Store, rows: readonly Named[]): Promise<PartyNames> {
  const ids = (pick: (row: Named) => string | null) => [...new Set(rows.flatMap((row) => pick(row) ?? []))];
  const parameters = [
    ids(({ appId }) => appId),
    ids(({ organizationId }) => organizationId),
    ids(({ resourceServerId }) => resourceServerId),
  ];
  const found = await store.sql<{ kind: keyof PartyNames; id: string; name: string }>(NAMES, parameters);
  const of = (kind: keyof PartyNames) =>
    new Map(found.filter((row) => row.kind === kind).map(({ id, name }) => [id, name]));
  return { apps: of('apps'), organizations: of('organizations'), servers: of('servers') };
}

const APPS = `
  SELECT DISTINCT a.id, coalesce(r.name, a.id) AS name FROM consent d JOIN app a ON a.id = d.app_id
  LEFT JOIN app_revision r ON r.id = a.revision_id
  WHERE d.patient_id = $1 AND ($2::text IS NULL OR d.account_id = $2) ORDER BY 2, 1`;

/** Apps that were ever given something of a record, by whomever, or by one person. */
export const appsOfPatient = (store: Store, patientId: string, decidedBy?: string) =>
  store.sql<{ readonly id: string; readonly name: string }>(APPS, [patientId, decidedBy ?? null]);

const SINCE = `
  SELECT min(d.decided_at) AS at FROM consent d
  WHERE d.patient_id = $1 AND ($2::text IS NULL OR d.account_id = $2)`;

/** When the first was agreed to, by whomever, or by one person; null: there is none. */
export async function firstConsentAt(
  store: Store,
  patientId: string,
  decidedBy?: string,
): Promise<Date | null> {
  return (await store.sql<{ at: Date | null }>(SINCE, [patientId, decidedBy ?? null]))[0]?.at ?? null;
}
