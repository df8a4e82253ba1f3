// What a row of each kind takes on disk, its indexes included, after VACUUM.
import { slotAt } from '../../src/store/access-token-key.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { seedAssertions, seedRefreshTokens } from './growth-seed.ts';
import { FHIR_BASE, RESOURCE_SERVER, SCOPE } from './seed-registry.ts';
import { seedTokens } from './seed-tokens.ts';

export interface Size {
  readonly bytes: number;
  readonly ofIndexes: number;
}

const ROWS = 100_000;
const ROW = `FROM generate_series(1, ${ROWS}) n`;

const ISSUED = `
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
  SELECT 'token.issued', gen_random_uuid(), 'app-1', 'patient-' || n, 'patient-' || n, 'grant-' || n, 'PATRQT',
    jsonb_build_object('kind', 'AccessToken', 'scope', '${SCOPE}', 'audience', '${FHIR_BASE}', 'expiresAt', now()) ${ROW}`;
const ACCESSES = `
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  SELECT gen_random_uuid(), '${RESOURCE_SERVER.id}', date_trunc('minute', now()) + n / 1000 * interval '1 minute', 'app-1',
    'patient-' || n, 'grant-' || n, 'PATRQT' ${ROW}`;

/** In a database of its own, with the registry of seed-registry.ts. */
export async function rowSizes(session: SqlSession): Promise<ReadonlyMap<string, Size>> {
  const sizes = new Map<string, Size>();
  const measure = async (kind: string, table: string, before: Size = { bytes: 0, ofIndexes: 0 }) => {
    const whole = await sizeOf(session, table);
    sizes.set(kind, {
      bytes: (whole.bytes - before.bytes) / ROWS,
      ofIndexes: (whole.ofIndexes - before.ofIndexes) / ROWS,
    });
    return whole;
  };
  const issuedAt = await seedTokens(session, { first: 1, count: ROWS, clients: { first: 1, count: 1 } });
  await measure('access token, the only one of its terms', tokenTable(issuedAt));
  await measure('terms of the tokens of a grant', 'token_terms');
  await measure('consent', 'consent');
  const grants = await measure('grant', 'oidc_payload');
  await seedRefreshTokens(session, 1, ROWS);
  const refreshed = await measure('refresh token, live or used', 'oidc_payload', grants);
  await seedAssertions(session, ROWS);
  await measure('client assertion', 'oidc_payload', refreshed);
  await session.exec(ACCESSES);
  await measure('access record: a token, server and minute', 'access_record');
  await session.exec(ISSUED);
  await measure('audit event of a token', 'audit_event');
  return sizes;
}

/** Where the tokens of that hour stand. */
export const tokenTable = (issuedAt: Date) => `partition.access_token_${slotAt(issuedAt.getTime())}`;

export async function sizeOf(session: SqlSession, table: string): Promise<Size> {
  await session.exec(`VACUUM ANALYZE ${table}`);
  const [row] = await session.query<{ bytes: number; indexes: number }>(
    'SELECT pg_total_relation_size($1::regclass)::float8 AS bytes, pg_indexes_size($1::regclass)::float8 AS indexes',
    [table],
  );
  return { bytes: row?.bytes ?? 0, ofIndexes: row?.indexes ?? 0 };
}

export function sizeTable(sizes: ReadonlyMap<string, Size>): string {
  const rows = [...sizes].map(([kind, { bytes, ofIndexes }]) => {
    const figures = [bytes, ofIndexes].map((figure) => figure.toFixed(0).padStart(10));
    return `${kind.padEnd(45)}${figures.join('')}`;
  });
  return [`${'row'.padEnd(45)}     bytes  of it indexes`, ...rows].join('\n');
}
