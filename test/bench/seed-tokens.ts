// Live access tokens as the token endpoint leaves them, with patient, consent and grant, written by the database itself.
// Tokens are told by their number, so that millions need not be carried anywhere.
import { createHash } from 'node:crypto';
import { slotAt } from '../../src/store/access-token-key.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { FHIR_BASE, SCOPE } from './seed-registry.ts';

export interface TokenRange {
  readonly first: number;
  readonly count: number;
  /** Grants have numbers of their own; those of the range must be new. Default: one grant for each token. */
  readonly tokensPerGrant?: number;
  /** Apps of seedRegistry, by number, that take turns. */
  readonly clients: { readonly first: number; readonly count: number };
  /** When they were issued; default: now. Its hour is the partition. */
  readonly issuedAt?: Date;
  readonly lifetimeSeconds?: number;
  /** The revocation clock at their issue; default: where it stands in a new database. */
  readonly clock?: number;
}

const CHUNK = 100_000;

/** The token of that number, issued in that hour. */
export function tokenOf(n: number, issuedAt: Date): string {
  return `${slotAt(issuedAt.getTime())}${createHash('sha256').update(`bench token ${n}`).digest('base64url')}`;
}

const TOKEN = `$6::text || translate(rtrim(encode(sha256(convert_to('bench token ' || n, 'UTF8')), 'base64'), '='), '+/', '-_')`;
const uuid = (text: string) => `encode(substr(sha256(convert_to(${text}, 'UTF8')), 1, 16), 'hex')::uuid`;
const payloadId = `translate(rtrim(encode(sha256(convert_to('grant-' || g, 'UTF8')), 'base64'), '='), '+/', '-_')`;
const client = '($3::int + g % $4::int)';
const issued = 'to_timestamp($5::float8)';
const GRANTS = `FROM generate_series($1::int, $2::int) g`;

const PATIENTS = `
  INSERT INTO patient (id, user_handle, name)
    SELECT 'patient-' || g, 'patient handle ' || g, 'Patient ' || g ${GRANTS}`;
const CONSENTS = `
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose,
      requested_scope, granted_scope, choices, launch_context, locale, decided_at, expires_at, clock)
    SELECT 'consent-' || g, 'patient-' || g, 'patient-' || g, 'app-' || ${client}, 'org-' || ${client}, 'grant-' || g,
      '${FHIR_BASE}', 'PATRQT', '${SCOPE} offline_access', '${SCOPE} offline_access', '{}',
      jsonb_build_object('patient', g::text), 'en', ${issued}, ${issued} + interval '90 days', 1
    ${GRANTS}`;
const PAYLOADS = `
  INSERT INTO oidc_payload (model, id, payload, grant_id, client_id, account_id, issued_at, expires_at)
    SELECT 'Grant', ${payloadId}, jsonb_build_object('kind', 'Grant', 'accountId', 'patient-' || g,
        'clientId', 'app-' || ${client}, 'resources', jsonb_build_object('${FHIR_BASE}', '${SCOPE}')),
      'grant-' || g, 'app-' || ${client}, 'patient-' || g, ${issued}, ${issued} + interval '90 days'
    ${GRANTS}`;
const TERMS = `
  INSERT INTO token_terms (id, kind, client_id, key_id, grant_id, account_id, patient_id, audience, scope, purpose,
      extra, payload, expires_at)
    SELECT ${uuid("'terms of grant-' || g")}, 'AccessToken', 'app-' || ${client}, 'key-' || ${client}, 'grant-' || g,
      'patient-' || g, 'patient-' || g, '${FHIR_BASE}', '${SCOPE}', 'PATRQT',
      jsonb_build_object('purpose_of_use', 'PATRQT', 'patient', g::text, 'fhirUser', 'Patient/' || g),
      jsonb_build_object('accountId', 'patient-' || g, 'aud', '${FHIR_BASE}', 'clientId', 'app-' || ${client},
        'grantId', 'grant-' || g, 'gty', 'authorization_code', 'kind', 'AccessToken', 'scope', '${SCOPE}'),
      ${issued} + interval '90 days'
    ${GRANTS}`;
const TOKENS = `
  INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
    SELECT ${uuid(TOKEN)}, ${uuid("'terms of grant-' || (n / $3::int)")}, ${issued},
      ${issued} + $4::float8 * interval '1 second', $7::bigint, $6::int
    FROM generate_series($1::int, $2::int) n`;

/** Grant of token n: n / tokensPerGrant, rounded down. Answers with when they were issued, which tokenOf asks for. */
export async function seedTokens(session: SqlSession, range: TokenRange): Promise<Date> {
  const { first, count, clients, tokensPerGrant = 1, lifetimeSeconds = 3_600, clock = 1 } = range;
  const issuedAt = range.issuedAt ?? new Date();
  const seconds = issuedAt.getTime() / 1_000;
  const [from, to] = [Math.floor(first / tokensPerGrant), Math.floor((first + count - 1) / tokensPerGrant)];
  await session.exec('SET synchronous_commit = off');
  for (const [low, high] of chunks(from, to)) {
    const parameters = [low, high, clients.first, clients.count, seconds];
    await session.query(PATIENTS, [low, high]);
    for (const statement of [CONSENTS, PAYLOADS, TERMS]) await session.query(statement, parameters);
  }
  const slot = slotAt(issuedAt.getTime());
  for (const [low, high] of chunks(first, first + count - 1))
    await session.query(TOKENS, [low, high, tokensPerGrant, lifetimeSeconds, seconds, slot, clock]);
  await session.exec('SET synchronous_commit = on');
  return issuedAt;
}

function chunks(from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  for (let low = from; low <= to; low += CHUNK) found.push([low, Math.min(to, low + CHUNK - 1)]);
  return found;
}
