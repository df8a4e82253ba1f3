// Millions of tokens in the shape of real ones: a tenth of them each under a grant of its own, with patient, consent and
// terms, the others of services, which share their terms with all that the same service is issued on that day.
import { slotAt } from '../../src/store/access-token-key.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { FHIR_BASE } from './seed-registry.ts';
import { seedTokens } from './seed-tokens.ts';

export interface Tokens {
  readonly first: number;
  readonly count: number;
  readonly clients: { readonly first: number; readonly count: number };
  readonly issuedAt: Date;
  readonly lifetimeSeconds: number;
}

const CHUNK = 250_000;
const SERVICE_SCOPE = 'system/Patient.rs system/Observation.rs';

const sha256 = (text: string) => `sha256(convert_to(${text}, 'UTF8'))`;
const uuid = (text: string) => `encode(substr(${sha256(text)}, 1, 16), 'hex')::uuid`;
const base64url = (bytes: string) => `translate(rtrim(encode(${bytes}, 'base64'), '='), '+/', '-_')`;
/** As tokenOf of seed-tokens.ts. */
const token = `$1::text || ${base64url(sha256("'bench token ' || n"))}`;
const terms = (app: string) => uuid(`'terms of the service ' || ${app} || ' on ' || $2::text`);

const TERMS = `
  INSERT INTO token_terms (id, kind, client_id, key_id, audience, scope, purpose, extra, payload, expires_at)
  SELECT ${terms("'app-' || c")}, 'ClientCredentials', 'app-' || c, 'key-' || c, '${FHIR_BASE}', '${SERVICE_SCOPE}',
    'HQUALIMP', '{"purpose_of_use": "HQUALIMP"}', jsonb_build_object('aud', '${FHIR_BASE}', 'kind',
    'ClientCredentials', 'scope', '${SERVICE_SCOPE}', 'clientId', 'app-' || c), to_timestamp($1::float8)
  FROM generate_series($3::int, $4::int) c`;
const TOKENS = `
  INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
  SELECT ${uuid(token)}, ${terms("'app-' || ($5::int + n % $6::int)")}, to_timestamp($7::float8),
    to_timestamp($7::float8) + $8::float8 * interval '1 second', 1, $1::int
  FROM generate_series($3::int, $4::int) n`;

export async function seedServiceTokens(session: SqlSession, tokens: Tokens): Promise<void> {
  const { first, count, clients, issuedAt, lifetimeSeconds } = tokens;
  const [slot, issued] = [slotAt(issuedAt.getTime()), issuedAt.getTime() / 1_000];
  const day = String(issuedAt.getTime());
  const lastClient = clients.first + clients.count - 1;
  await session.exec('SET synchronous_commit = off');
  await session.query(TERMS, [issued + 86_400, day, clients.first, lastClient]);
  for (let low = first; low < first + count; low += CHUNK) {
    const high = Math.min(first + count, low + CHUNK) - 1;
    const about = [clients.first, clients.count, issued, lifetimeSeconds];
    await session.query(TOKENS, [String(slot), day, low, high, ...about]);
  }
}

const GRANTED_SHARE = 10;

/** Of the clients each has as many of either kind. */
export async function seedMixedTokens(session: SqlSession, tokens: Tokens): Promise<void> {
  const granted = Math.floor(tokens.count / GRANTED_SHARE);
  await seedTokens(session, { ...tokens, count: granted });
  await seedServiceTokens(session, {
    ...tokens,
    first: tokens.first + granted,
    count: tokens.count - granted,
  });
}

/** When the grants had their end: days ago, as they came one after the other, 20 in a second. */
const ENDED = `now() - interval '10 days' + (n - $1::int) * interval '50 milliseconds' + random() * interval '1 minute'`;
const OF_GRANT = `g.grant_id = 'grant-' || n AND n BETWEEN $1::int AND $2::int`;

const REFRESH_TOKENS = `
  INSERT INTO oidc_payload (model, id, payload, grant_id, client_id, account_id, expires_at, consumed_at)
  SELECT 'RefreshToken', ${base64url(sha256("'refresh token ' || d.grant_id"))}, jsonb_build_object(
      'acr', 'phr', 'amr', '["user", "pop", "swk"]'::jsonb, 'exp', 1803124199, 'iat', 1795348199, 'iiat', 1795348199,
      'gty', 'authorization_code', 'kind', 'RefreshToken', 'scope', d.granted_scope, 'grantId', d.grant_id,
      'authTime', 1795348199, 'clientId', d.app_id, 'resource', d.audience, 'accountId', d.account_id, 'rotations', 0,
      'sessionUid', 'a session uid of forty-three characters ...', 'expiresWithSession', false),
    d.grant_id, d.app_id, d.account_id, ${ENDED}, d.decided_at
  FROM consent d JOIN generate_series($1::int, $2::int) n ON d.grant_id = 'grant-' || n`;
const ASSERTIONS = `
  INSERT INTO oidc_payload (model, id, payload, expires_at)
  SELECT 'ReplayDetection', ${base64url(sha256("'assertion ' || n"))},
    jsonb_build_object('exp', 1795348499, 'iat', 1795348199, 'iss', 'app-' || n % 5, 'kind', 'ReplayDetection'),
    now() - interval '2 hours' + n * interval '1 millisecond'
  FROM generate_series($1::int, $2::int) n`;

/** Tokens that ended two hours ago, and terms, grants, refresh tokens and assertions that ended long before. */
export async function seedEndedTokens(
  session: SqlSession,
  tokens: Omit<Tokens, 'issuedAt' | 'lifetimeSeconds'>,
) {
  const issuedAt = new Date(Date.now() - 3 * 3_600_000);
  await seedMixedTokens(session, { ...tokens, issuedAt, lifetimeSeconds: 3_600 });
  const granted = Math.floor(tokens.count / GRANTED_SHARE);
  const range = [tokens.first, tokens.first + granted - 1];
  const end = async (table: string, column: string) => {
    const from = `generate_series($1::int, $2::int) n`;
    await session.query(`UPDATE ${table} g SET ${column} = ${ENDED} FROM ${from} WHERE ${OF_GRANT}`, range);
  };
  await end('consent', 'withdrawn_at');
  for (const table of ['token_terms', 'oidc_payload']) await end(table, 'expires_at');
  await session.query(REFRESH_TOKENS, range);
  await session.query(ASSERTIONS, [1, granted]);
}
