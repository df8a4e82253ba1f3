import type { Withdrawer } from '../audit-event.ts';
import type { ConsentFacts } from '../policy/consent.ts';
import type { RepresentationTerms } from '../policy/representation.ts';
import { WORDING_EDITION } from '../smart/wording.ts';
import { batched, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';
import { confirmCommitted } from './confirmed.ts';
import { GRANT_GOES_ON, GRANTS_CUT_OFF } from './cut-offs.ts';
import type { Store, Transaction } from './database.ts';
import type { Consent } from './generated/client.ts';
import { BIRTH_DATE } from './representations.ts';

type Later = 'wording' | 'withdrawnAt' | 'withdrawnBy' | 'pausedAt' | 'pausedBy' | 'liveScope' | 'liveUntil';

/** The database tells them. */
type Recipient = 'revisionId' | 'recipientName';

export type NewConsent = Omit<Consent, Later | Recipient | 'launchContext' | 'clock'> & {
  /** The revocation clock, read before any fact that the decision was asked for under. */
  readonly clock: number;
  readonly launchContext: Readonly<Record<string, unknown>>;
  /** Who is told of it, in the same transaction. */
  readonly tell?: (tx: Transaction, receipt: string) => Promise<void>;
};

// One statement: the decision and its audit event are stored together or not at all.
const RECORD = `
  WITH decided AS (
    INSERT INTO consent (id, patient_id, account_id, representation_id, app_id, organization_id, grant_id, audience,
      purpose, requested_scope, granted_scope, choices, launch_context, locale, decided_at, expires_at, clock, wording,
      revision_id, recipient_name)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16, $17, $20,
      (SELECT revision_id FROM app WHERE id = $5), (SELECT legal_name FROM organization WHERE id = $6))
    RETURNING app_id, account_id, patient_id, grant_id, purpose)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
  SELECT 'consent.granted', $18, app_id, account_id, patient_id, grant_id, purpose, $19::jsonb FROM decided
  RETURNING id::text AS receipt`;

export async function recordConsent(store: Store, consent: NewConsent, requestId?: string): Promise<void> {
  const { id, patientId, accountId, representationId, appId, organizationId, grantId } = consent;
  const { audience, purpose, requestedScope, grantedScope, choices, locale } = consent;
  const detail = { scope: grantedScope, audience, expiresAt: consent.expiresAt.toISOString() };
  const parameters = [
    ...[id, patientId, accountId, representationId, appId, organizationId, grantId, audience],
    ...[purpose, requestedScope, grantedScope, choices, JSON.stringify(consent.launchContext), locale],
    ...[consent.decidedAt, consent.expiresAt, consent.clock, requestId ?? null, JSON.stringify(detail)],
    WORDING_EDITION,
  ];
  await store.prisma.$transaction(async (tx) => {
    const [{ receipt = '' } = {}] = await tx.$queryRawUnsafe<{ receipt: string }[]>(RECORD, ...parameters);
    await consent.tell?.(tx, receipt);
  });
}

/** With what policy/consent asks beside. */
export interface GrantedConsent extends ConsentFacts {
  readonly patientId: string | null;
  readonly audience: string;
  readonly purpose: string;
  /** As it was decided, and what the last amendment shares; null: there is none. */
  readonly grantedScope: string;
  readonly liveScope: string | null;
  readonly launchContext: Readonly<Record<string, unknown>>;
  /** Under which somebody else decided, and as it is at the instant `now` of the database; null: nobody else did. */
  readonly representationId: string | null;
  readonly representation: RepresentationTerms;
  /** Who she is at the audience when she acts for another: `RelatedPerson/<id>`, `Person/<id>`; null: nothing of its own. */
  readonly representativeAs: string | null;
  readonly now: Date;
}

type ByGrant = Omit<GrantedConsent, 'representation'> & RepresentationTerms & { readonly grantId: string };

const BY_GRANT = `
  SELECT d.grant_id AS "grantId", d.patient_id AS "patientId", d.representation_id AS "representationId", d.audience,
    d.purpose, d.launch_context AS "launchContext", d.organization_id AS "organizationId",
    d.withdrawn_at AS "withdrawnAt", d.live_until AS "expiresAt", d.paused_at AS "pausedAt",
    d.granted_scope AS "grantedScope", d.live_scope AS "liveScope", d.clock::float8 AS clock,
    ${GRANTS_CUT_OFF} AS "cutOff", r.starts_at AS "startsAt", r.ends_at AS "endsAt", r.ended_at AS "endedAt",
    r.basis, r.scope, ${BIRTH_DATE}, v.fhir_user AS "representativeAs", ${sqlNow(2)} AS now
  FROM unnest($1::text[]) AS i (grant_id)
  CROSS JOIN LATERAL (SELECT * FROM consent WHERE grant_id = i.grant_id LIMIT 1) d
  JOIN app a ON a.id = d.app_id
  LEFT JOIN representation r ON r.id = d.representation_id
  LEFT JOIN patient p ON p.id = r.patient_id
  LEFT JOIN representation_identity v ON v.representation_id = r.id AND v.fhir_base_url = d.audience`;

export const findConsentByGrant = batched<string, GrantedConsent | undefined>(async (store, grantIds) => {
  const asked = distinct(grantIds, (id) => id);
  const rows = await store.read<ByGrant>(BY_GRANT, [asked, store.clock.offsetMs]);
  const found = new Map(rows.map((row) => [row.grantId, { ...row, representation: row }]));
  return grantIds.map((id) => found.get(id));
});

export type LiveConsent = Pick<Consent, 'decidedAt' | 'choices'>;

const LIVE = `
  SELECT d.decided_at AS "decidedAt", coalesce((SELECT m.choices FROM consent_amendment m
    WHERE m.grant_id = d.grant_id ORDER BY m.number DESC LIMIT 1), d.choices) AS choices
  FROM consent d JOIN app a ON a.id = d.app_id
  WHERE d.account_id = $1 AND d.patient_id = $2 AND d.app_id = $3 AND d.organization_id = $4 AND d.purpose = $5
    AND d.withdrawn_at IS NULL AND d.live_until > $6 AND ${GRANT_GOES_ON}
  ORDER BY d.decided_at DESC LIMIT 1`;

/** The latest decision of a person about an app, a patient and a purpose that still stands. */
export async function findLiveConsent(
  store: Store,
  about: Pick<Consent, 'accountId' | 'appId' | 'organizationId' | 'purpose'> & { readonly patientId: string },
  now: Date,
): Promise<LiveConsent | null> {
  const { accountId, patientId, appId, organizationId, purpose } = about;
  const parameters = [accountId, patientId, appId, organizationId, purpose, now];
  return (await store.read<LiveConsent>(LIVE, parameters))[0] ?? null;
}

// Rows are locked in one order, that of a batch of oidc-payloads.ts: nobody waits in a circle.
const END = `
  WITH live AS MATERIALIZED (
    SELECT grant_id FROM consent WHERE grant_id = ANY ($1) AND withdrawn_at IS NULL
    ORDER BY grant_id COLLATE "C" FOR NO KEY UPDATE),
  ended AS (
    UPDATE consent d SET withdrawn_at = ${sqlNow(5)}, withdrawn_by = $2
    FROM live WHERE d.grant_id = live.grant_id
    RETURNING d.app_id, d.patient_id, d.grant_id, d.purpose),
  due AS MATERIALIZED (
    SELECT model, id FROM oidc_payload WHERE grant_id = ANY ($1) AND revoked_at IS NULL
    ORDER BY model COLLATE "C", id COLLATE "C" FOR UPDATE),
  stopped AS (
    UPDATE oidc_payload p SET revoked_at = ${sqlNow(5)} FROM due WHERE p.model = due.model AND p.id = due.id),
  event AS (
    INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
    SELECT 'consent.withdrawn', $4, app_id, $3, patient_id, grant_id, purpose, jsonb_build_object('by', $2::text)
    FROM ended RETURNING id)
  SELECT ${sqlNow(5)} AS at, ARRAY(SELECT id::text FROM event ORDER BY id) AS "eventIds"`;

interface Ending {
  readonly by: Withdrawer;
  /** The person who did it. */
  readonly accountId?: string;
}

interface Ended {
  readonly at: Date;
  readonly eventIds: readonly bigint[];
}

function endedBy([row]: readonly { at: Date; eventIds: string[] }[]): Ended {
  if (row === undefined) throw new Error('the database told nothing of the end of a grant');
  return { at: row.at, eventIds: row.eventIds.map(BigInt) };
}

/**
 * Ends grants: the consents, the provider's grants and what was issued under them, with the audit events, in one
 * statement. Answers with the events: their ids are the receipt.
 */
export async function endGrants(
  store: Store,
  grantIds: readonly string[],
  { by, accountId }: Ending,
  requestId?: string,
): Promise<Ended> {
  const ended = endedBy(await store.sql(END, [grantIds, by, accountId, requestId, store.clock.offsetMs]));
  if (ended.eventIds.length === 0) await confirmCommitted(store);
  return ended;
}

/** The same with what is told of it; no events: somebody else ended them, and may not have committed that yet. */
export async function endGrantsWithin(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  grantIds: readonly string[],
  { by, accountId }: Ending,
  requestId?: string,
): Promise<Ended> {
  const parameters = [[...grantIds], by, accountId ?? null, requestId ?? null, clock.offsetMs];
  return endedBy(await tx.$queryRawUnsafe(END, ...parameters));
}
