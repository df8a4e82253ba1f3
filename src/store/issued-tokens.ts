// Access tokens as they are issued: narrow rows over the terms that tokens share. What is issued at once is one statement.
import { type AccessTokenKey, accessTokenKey } from './access-token-key.ts';
import { batched, columns, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';
import { keyOf, nameOf, type Use } from './oidc-payloads.ts';

export interface IssuedToken {
  /** The token itself: only its hash is stored. */
  readonly token: string;
  readonly kind: 'AccessToken' | 'ClientCredentials';
  readonly clientId: string;
  /** The credential that the client proved itself with, if any. */
  readonly keyId?: string | undefined;
  /** From which block of addresses. */
  readonly network?: string | undefined;
  readonly grantId?: string | undefined;
  readonly accountId?: string | undefined;
  /** Whose record it opens, where no consent says so. */
  readonly patientId?: string | undefined;
  readonly sessionUid?: string | undefined;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** The provider's own view, without the token and its times. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly expiresIn: number;
  /** The revocation clock, read before any fact that its issue relies on. */
  readonly clock: number;
}

/** What tokens of the same client, grant and scope share, named by its content. */
interface Terms {
  readonly id: string;
  readonly content: readonly (string | undefined)[];
  /** Seconds since the epoch: until when they are kept that end with no grant. */
  readonly keptUntil: number;
}

interface Issue extends AccessTokenKey {
  readonly terms: Terms;
  readonly expiresIn: number;
  readonly clock: number;
  readonly requestId: string | undefined;
  readonly network: string | undefined;
  readonly use: Use | undefined;
}

const DAY_S = 86_400;

// One statement: the tokens, what they share with others, and their audit events are stored together or not at all; a
// token that rests on a single use, when that use was recorded by this statement, which its own row tells.
const INSERT = `
  WITH used AS (
    INSERT INTO oidc_payload (model, id, payload, issued_at, expires_at)
    SELECT i.model, i.id, '{}', ${sqlNow(1)}, ${sqlNow(1)} + i.seconds * interval '1 second'
    FROM unnest($2::text[], $3::text[], $4::float8[]) AS i (model, id, seconds)
    ON CONFLICT DO NOTHING RETURNING model, id),
  issued AS MATERIALIZED (
    SELECT i.*, ${sqlNow(1)} AS issued_at, ${sqlNow(1)} + i.seconds * interval '1 second' AS expires_at
    FROM unnest($5::uuid[], $6::uuid[], $7::int[], $8::float8[], $9::float8[], $10::text[], $11::text[], $12::text[],
      $13::text[]) AS i (id, terms_id, slot, seconds, clock, request_id, use_model, use_id, network)
    WHERE i.use_id IS NULL OR EXISTS (SELECT FROM used u WHERE u.model = i.use_model AND u.id = i.use_id)),
  shared AS MATERIALIZED (
    SELECT i.*, coalesce(c.patient_id, i.own_patient_id) AS patient_id, coalesce(c.expires_at, to_timestamp(i.kept_until)) AS expires_at
    FROM unnest($14::uuid[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[],
      $22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::float8[]) AS i (id, kind, client_id, key_id, grant_id,
      account_id, session_uid, audience, scope, purpose, extra, payload, own_patient_id, kept_until)
    LEFT JOIN LATERAL (SELECT patient_id, live_until AS expires_at FROM consent WHERE grant_id = i.grant_id LIMIT 1) c ON true),
  terms AS (
    INSERT INTO token_terms (id, kind, client_id, key_id, grant_id, account_id, session_uid, audience, scope,
      purpose, extra, payload, patient_id, expires_at)
    SELECT id, kind, client_id, key_id, grant_id, account_id, session_uid, audience, scope, purpose, extra::jsonb,
      payload::jsonb, patient_id, expires_at
    FROM shared
    ON CONFLICT DO NOTHING),
  token AS (
    INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
    SELECT id, terms_id, issued_at, expires_at, clock, slot FROM issued),
  event AS (
    INSERT INTO audit_event (type, request_id, app_id, organization_id, contract_id, account_id, patient_id, grant_id,
      purpose, detail)
    SELECT 'token.issued', i.request_id, s.client_id, a.organization_id, a.contract_id, s.account_id, s.patient_id,
      s.grant_id, s.purpose,
      jsonb_strip_nulls(jsonb_build_object('kind', s.kind, 'scope', s.scope, 'audience', s.audience,
        'expiresAt', i.expires_at, 'keyId', s.key_id, 'network', i.network, 'breakGlass', s.extra::jsonb->'break_glass'->>'id',
        'act', s.extra::jsonb->'act'->>'sub'))
    FROM issued i JOIN shared s ON s.id = i.terms_id LEFT JOIN app a ON a.id = s.client_id)
  SELECT id FROM issued`;

const insert = batched<Issue, boolean>(async (store, items) => {
  // Of those that rest on the same use the first may be issued: the others are no more than parallel attempts.
  const claimed = new Set<string>();
  const eligible = items.filter(({ use }) => {
    if (use === undefined) return true;
    const first = !claimed.has(nameOf(use));
    claimed.add(nameOf(use));
    return first;
  });
  const uses = distinct(
    eligible.flatMap(({ use }) => use ?? []),
    nameOf,
  );
  const shared = distinct(
    eligible.map(({ terms }) => terms),
    ({ id }) => id,
  );
  const rows = await store.sql<{ readonly id: string }>(INSERT, [
    store.clock.offsetMs,
    ...columns(
      uses,
      (use) => use.model,
      (use) => use.key,
      (use) => use.expiresIn,
    ),
    ...columns(
      eligible,
      (item) => item.id,
      (item) => item.terms.id,
      (item) => item.slot,
      (item) => item.expiresIn,
      (item) => item.clock,
      (item) => item.requestId,
      (item) => item.use?.model,
      (item) => item.use?.key,
      (item) => item.network,
    ),
    shared.map(({ id }) => id),
    ...(shared[0]?.content.map((_, at) => shared.map(({ content }) => content[at] ?? null)) ?? []),
    ...columns(shared, (terms) => terms.keptUntil),
  ]);
  const issued = new Set(rows.map(({ id }) => id));
  return items.map(({ id }) => issued.has(id));
});

/** What may be used once, and is used by this token: the jti of an assertion (RFC 7523 §3). */
export interface SingleUse {
  readonly model: string;
  readonly id: string;
  readonly expiresIn: number;
}

/** False when what it rests on was used before: then nothing was issued. */
export function insertAccessToken(
  store: Store,
  issued: IssuedToken,
  requestId?: string,
  once?: SingleUse,
): Promise<boolean> {
  const { expiresIn, clock } = issued;
  const use = once && { model: once.model, key: keyOf(once.id), expiresIn: once.expiresIn };
  return insert(store, {
    ...tokenKey(issued.token),
    terms: termsOf(issued),
    expiresIn,
    clock,
    requestId,
    network: issued.network,
    use,
  });
}

function termsOf(issued: IssuedToken): Terms {
  const { kind, clientId, keyId, grantId, accountId, patientId, sessionUid, audience, scope, purpose } =
    issued;
  const [extra, payload] = [JSON.stringify(issued.extra), JSON.stringify(issued.payload)];
  const content = [
    ...[kind, clientId, keyId, grantId, accountId, sessionUid, audience, scope, purpose],
    ...[extra, payload, patientId],
  ];
  // Without a grant they are kept for their day and the next: no token lives longer than that.
  const day = Math.floor(Date.now() / 1_000 / DAY_S);
  const id = uuidOf(`${JSON.stringify(content)} ${grantId === undefined ? day : ''}`);
  return { id, content, keptUntil: (day + 2) * DAY_S };
}

function tokenKey(token: string): AccessTokenKey {
  const key = accessTokenKey(token);
  if (key === undefined) throw new Error('an access token must tell its partition');
  return key;
}
