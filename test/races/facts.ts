// What the database holds about a history: the other half of what the checker reads.
import type { Store } from '../../src/store/database.ts';
import type { Attempt } from './history.ts';

export interface TokenRow {
  readonly appId: string;
  /** null: a backend service's, under no grant. */
  readonly grantId: string | null;
  readonly revoked: boolean;
}

export interface GrantRow {
  readonly appId: string;
  readonly patientId: string | null;
  /** Milliseconds since the epoch; null: it lives. */
  readonly endedAt: number | null;
  /** The same for the patient's decision; undefined: there is none. */
  readonly consentEndedAt: number | null | undefined;
  /** Refresh tokens that are neither used nor revoked. */
  readonly liveRefreshTokens: number;
}

export interface EventRow {
  readonly requestId: string;
  readonly type: string;
}

export interface Facts {
  /** Codes and tokens by their subject. */
  readonly tokens: Readonly<Record<string, TokenRow>>;
  readonly grants: Readonly<Record<string, GrantRow>>;
  /** `${access token} ${minute since the epoch}`. */
  readonly accessRecords: ReadonlySet<string>;
  /** The audit events that the attempts caused. */
  readonly events: readonly EventRow[];
  /** Passkeys that can sign in. */
  readonly passkeys: ReadonlySet<string>;
  /** Invitations that are used up. */
  readonly usedInvitations: ReadonlySet<string>;
}

type Sql = Pick<Store, 'sql'>;

const ids = (subjects: ReadonlySet<string>, kind: string) =>
  [...subjects].flatMap((subject) =>
    subject.startsWith(`${kind}:`) ? [subject.slice(kind.length + 1)] : [],
  );

export async function readFacts(store: Sql, history: readonly Attempt[]): Promise<Facts> {
  const subjects = new Set(history.flatMap(({ subject, outcome }) => [subject, ...outcome.yields]));
  const access = ids(subjects, 'access').filter((id) => id !== 'malformed');
  const payloads = [...ids(subjects, 'refresh'), ...ids(subjects, 'code')];
  const tokens = [...(await accessTokens(store, access)), ...(await spendable(store, payloads))];
  const grantIds = [...new Set(tokens.flatMap(([, { grantId }]) => (grantId === null ? [] : [grantId])))];
  const rows = <Row>(text: string, ...parameters: readonly unknown[]) => store.sql<Row>(text, parameters);
  const records = await rows<{ id: string; minute: number }>(ACCESS_RECORDS, access);
  const events = await rows<EventRow>(
    EVENTS,
    history.map(({ id }) => id),
  );
  const passkeys = await rows<{ id: string }>(PASSKEYS, ids(subjects, 'passkey'));
  const used = await rows<{ id: string }>(INVITATIONS, ids(subjects, 'invitation'));
  return {
    tokens: Object.fromEntries(tokens),
    grants: Object.fromEntries(await grants(store, grantIds)),
    accessRecords: new Set(records.map(({ id, minute }) => `access:${id} ${minute}`)),
    events,
    passkeys: new Set(passkeys.map(({ id }) => `passkey:${id}`)),
    usedInvitations: new Set(used.map(({ id }) => `invitation:${id}`)),
  };
}

const ACCESS_RECORDS = `
  SELECT token_id::text AS id, (extract(epoch FROM minute) / 60)::float8 AS minute
  FROM access_record WHERE token_id = ANY ($1::uuid[])`;
const EVENTS =
  'SELECT request_id AS "requestId", type FROM audit_event WHERE request_id = ANY ($1) ORDER BY id';
const PASSKEYS = 'SELECT id FROM passkey WHERE id = ANY ($1) AND removed_at IS NULL';
const INVITATIONS =
  'SELECT code_hash AS id FROM invitation WHERE code_hash = ANY ($1) AND consumed_at IS NOT NULL';

const ACCESS_TOKENS = `
  SELECT 'access:' || t.id AS subject, m.client_id AS "appId", m.grant_id AS "grantId",
    t.revoked_at IS NOT NULL AS revoked
  FROM access_token t JOIN token_terms m ON m.id = t.terms_id WHERE t.id = ANY ($1::uuid[])`;

const SPENDABLE = `
  SELECT (CASE model WHEN 'RefreshToken' THEN 'refresh:' ELSE 'code:' END) || id AS subject,
    client_id AS "appId", grant_id AS "grantId", revoked_at IS NOT NULL AS revoked
  FROM oidc_payload WHERE model IN ('RefreshToken', 'AuthorizationCode') AND id = ANY ($1)`;

type Named = TokenRow & { readonly subject: string };
const bySubject = ({ subject, ...row }: Named): [string, TokenRow] => [subject, row];

async function accessTokens(store: Sql, tokenIds: readonly string[]) {
  return (await store.sql<Named>(ACCESS_TOKENS, [tokenIds])).map(bySubject);
}

async function spendable(store: Sql, payloadIds: readonly string[]) {
  return (await store.sql<Named>(SPENDABLE, [payloadIds])).map(bySubject);
}

const GRANTS = `
  SELECT g.grant_id AS id, g.client_id AS "appId", d.patient_id AS "patientId", g.revoked_at AS "endedAt",
    d.grant_id IS NOT NULL AS decided, d.withdrawn_at AS "consentEndedAt",
    (SELECT count(*)::int FROM oidc_payload r WHERE r.grant_id = g.grant_id AND r.model = 'RefreshToken'
      AND r.consumed_at IS NULL AND r.revoked_at IS NULL) AS "liveRefreshTokens"
  FROM oidc_payload g LEFT JOIN consent d ON d.grant_id = g.grant_id
  WHERE g.model = 'Grant' AND g.grant_id = ANY ($1)`;

interface Granted extends Pick<GrantRow, 'appId' | 'patientId' | 'liveRefreshTokens'> {
  readonly id: string;
  readonly endedAt: Date | null;
  readonly decided: boolean;
  readonly consentEndedAt: Date | null;
}

async function grants(store: Sql, grantIds: readonly string[]) {
  const rows = await store.sql<Granted>(GRANTS, [grantIds]);
  return rows.map(({ id, endedAt, decided, consentEndedAt, ...row }): [string, GrantRow] => [
    id,
    {
      ...row,
      endedAt: endedAt?.getTime() ?? null,
      consentEndedAt: decided ? (consentEndedAt?.getTime() ?? null) : undefined,
    },
  ]);
}
