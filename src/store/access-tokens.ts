// Opaque access tokens: narrow rows over the terms that tokens share. What is issued at once is one statement.
import { type AccessTokenKey, accessTokenKey } from './access-token-key.ts';
import { appendAuditEvent } from './audit-events.ts';
import { batched, columns, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';

export interface IssuedToken {
  /** The token itself: only its hash is stored. */
  readonly token: string;
  readonly kind: 'AccessToken' | 'ClientCredentials';
  readonly clientId: string;
  /** The credential that the client proved itself with, if any. */
  readonly keyId?: string | undefined;
  readonly grantId?: string | undefined;
  readonly accountId?: string | undefined;
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
}

const DAY_S = 86_400;

// One statement: the tokens, what they share with others, and their audit events are stored together or not at all.
const INSERT = `
  WITH shared AS MATERIALIZED (
    SELECT i.*, c.patient_id, coalesce(c.expires_at, to_timestamp(i.kept_until)) AS expires_at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::text[], $11::text[], $12::text[], $13::float8[]) AS i (id, kind, client_id, key_id, grant_id,
      account_id, session_uid, audience, scope, purpose, extra, payload, kept_until)
    LEFT JOIN LATERAL (SELECT patient_id, expires_at FROM consent WHERE grant_id = i.grant_id LIMIT 1) c ON true),
  terms AS (
    INSERT INTO token_terms (id, kind, client_id, key_id, grant_id, account_id, session_uid, audience, scope,
      purpose, extra, payload, patient_id, expires_at)
    SELECT id, kind, client_id, key_id, grant_id, account_id, session_uid, audience, scope, purpose, extra::jsonb,
      payload::jsonb, patient_id, expires_at
    FROM shared
    ON CONFLICT DO NOTHING),
  issued AS MATERIALIZED (
    SELECT i.*, ${sqlNow(20)} AS issued_at, ${sqlNow(20)} + i.seconds * interval '1 second' AS expires_at
    FROM unnest($14::uuid[], $15::uuid[], $16::int[], $17::float8[], $18::float8[], $19::text[])
      AS i (id, terms_id, slot, seconds, clock, request_id)),
  token AS (
    INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
    SELECT id, terms_id, issued_at, expires_at, clock, slot FROM issued)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
  SELECT 'token.issued', i.request_id, s.client_id, s.account_id, s.patient_id, s.grant_id, s.purpose,
    jsonb_build_object('kind', s.kind, 'scope', s.scope, 'audience', s.audience, 'expiresAt', i.expires_at)
  FROM issued i JOIN shared s ON s.id = i.terms_id`;

const insert = batched<Issue, undefined>(async (store, items) => {
  const shared = distinct(
    items.map(({ terms }) => terms),
    ({ id }) => id,
  );
  const contents = shared[0]?.content.map((_, at) => shared.map(({ content }) => content[at] ?? null)) ?? [];
  const kept = columns(shared, (terms) => terms.keptUntil);
  const tokens = columns(
    items,
    (item) => item.id,
    (item) => item.terms.id,
    (item) => item.slot,
    (item) => item.expiresIn,
    (item) => item.clock,
    (item) => item.requestId,
  );
  const ids = shared.map(({ id }) => id);
  await store.sql(INSERT, [ids, ...contents, ...kept, ...tokens, store.clock.offsetMs]);
  return items.map(() => undefined);
});

export async function insertAccessToken(
  store: Store,
  issued: IssuedToken,
  requestId?: string,
): Promise<void> {
  const { expiresIn, clock } = issued;
  await insert(store, { ...keyOf(issued.token), terms: termsOf(issued), expiresIn, clock, requestId });
}

function termsOf(issued: IssuedToken): Terms {
  const { kind, clientId, keyId, grantId, accountId, sessionUid, audience, scope, purpose } = issued;
  const [extra, payload] = [JSON.stringify(issued.extra), JSON.stringify(issued.payload)];
  const content = [
    ...[kind, clientId, keyId, grantId, accountId, sessionUid, audience, scope, purpose],
    ...[extra, payload],
  ];
  // Without a grant they are kept for their day and the next: no token lives longer than that.
  const day = Math.floor(Date.now() / 1_000 / DAY_S);
  const id = uuidOf(`${JSON.stringify(content)} ${grantId === undefined ? day : ''}`);
  return { id, content, keptUntil: (day + 2) * DAY_S };
}

function keyOf(token: string): AccessTokenKey {
  const key = accessTokenKey(token);
  if (key === undefined) throw new Error('an access token must tell its partition');
  return key;
}

interface Row {
  readonly payload: Record<string, unknown>;
  readonly iat: number;
  readonly exp: number;
}

const FIND = `
  SELECT m.payload, floor(extract(epoch FROM t.issued_at))::float8 AS iat,
    floor(extract(epoch FROM t.expires_at))::float8 AS exp
  FROM access_token t JOIN token_terms m ON m.id = t.terms_id
  WHERE t.slot = $1 AND t.id = $2 AND m.kind = $3 AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(4)}`;

/** The provider's view of a live token of one kind. */
export async function findAccessToken(store: Store, kind: string, token: string) {
  const key = accessTokenKey(token);
  if (key === undefined) return undefined;
  const [row] = await store.sql<Row>(FIND, [key.slot, key.id, kind, store.clock.offsetMs]);
  return row && { ...row.payload, iat: row.iat, exp: row.exp };
}

export async function revokeAccessToken(store: Store, token: string, requestId?: string): Promise<void> {
  const key = accessTokenKey(token);
  if (key === undefined) return;
  await store.prisma.$transaction(async (tx) => {
    const [row] = await tx.accessToken.updateManyAndReturn({
      where: { ...key, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    const terms = row && (await tx.tokenTerms.findUnique({ where: { id: row.termsId } }));
    if (!terms) return;
    const { clientId: appId, grantId, purpose } = terms;
    const about = { appId, grantId: grantId ?? undefined, purpose };
    await appendAuditEvent(tx, { type: 'token.revoked', ...about }, requestId);
  });
}
