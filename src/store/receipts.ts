// What a consent receipt is made of: facts that never change, so that it can be made again and is the same.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { hasEndedEarly } from './ended-early.ts';

export const RECEIPT_STATES = [
  ...(['given', 'amended', 'paused', 'resumed', 'withdrawn', 'expired'] as const),
] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

export interface ReceiptFacts {
  readonly id: string;
  readonly state: ReceiptState;
  readonly at: Date;
  /** What ended it (`patient`, `representative`, `app`, `sign_out`, `replay`); null where nobody is named. */
  readonly by: string | null;
  /** Who did it, where it was a person. */
  readonly actorId: string | null;
  readonly consentId: string;
  readonly patientId: string;
  readonly patientName: string;
  /** Who agreed: the patient, or somebody for her. */
  readonly accountId: string;
  readonly appId: string;
  readonly appName: string;
  readonly websiteUrl: string | null;
  readonly policyUrl: string | null;
  readonly purposeStatement: string | null;
  readonly organizationId: string;
  /** As the patient read it. */
  readonly recipientName: string;
  readonly audience: string;
  readonly purpose: string;
  readonly locale: string;
  /** The edition of the words that she read; null: older than editions are kept. */
  readonly wording: string | null;
  readonly decidedAt: Date;
  /** What is shared then, and until when. */
  readonly scope: string;
  readonly endsAt: Date;
}

const COLUMNS = `
  d.id AS "consentId", d.patient_id AS "patientId", p.name AS "patientName", d.account_id AS "accountId",
  d.app_id AS "appId", coalesce(r.name, d.app_id) AS "appName", r.website_url AS "websiteUrl",
  r.policy_url AS "policyUrl", r.purpose_statement AS "purposeStatement", d.organization_id AS "organizationId",
  coalesce(d.recipient_name, o.legal_name) AS "recipientName", d.audience, d.purpose,
  coalesce(m.locale, d.locale) AS locale, coalesce(m.wording, d.wording) AS wording, d.decided_at AS "decidedAt",
  coalesce(m.scope, d.granted_scope) AS scope, coalesce(m.expires_at, d.expires_at) AS "endsAt"`;

/** With the last amendment until an instant. */
const beside = (until: string) => `
  JOIN patient p ON p.id = d.patient_id
  JOIN organization o ON o.id = d.organization_id
  JOIN app a ON a.id = d.app_id
  LEFT JOIN app_revision r ON r.id = coalesce(d.revision_id, a.revision_id)
  LEFT JOIN LATERAL (SELECT m.* FROM consent_amendment m WHERE m.grant_id = d.grant_id AND m.amended_at <= ${until}
    ORDER BY m.number DESC LIMIT 1) m ON true`;

// Of what a person decided, for herself or for others, and what was decided for her.
const OWN = '(d.account_id = $1 OR (d.patient_id = $1 AND d.representation_id IS NOT NULL))';

const GIVEN = `
  SELECT $2 AS id, 'given' AS state, d.decided_at AS at, NULL AS by, d.account_id AS "actorId", ${COLUMNS}
  FROM consent d ${beside("'-infinity'")}
  WHERE d.id = $2 AND ${OWN}`;

const EXPIRED = `
  SELECT d.id || '-expired' AS id, 'expired' AS state, d.live_until AS at, NULL AS by, NULL AS "actorId", ${COLUMNS}
  FROM consent d ${beside("'infinity'")} LEFT JOIN representation v ON v.id = d.representation_id
  WHERE d.id = $2 AND ${OWN} AND d.live_until <= ${sqlNow(3)} AND NOT ${hasEndedEarly(sqlNow(3))}
    AND (d.withdrawn_at IS NULL OR d.withdrawn_at >= d.live_until)`;

const CHANGED = `
  SELECT e.id::text AS id, substr(e.type, 9) AS state, e.recorded_at AS at, e.detail->>'by' AS by,
    e.account_id AS "actorId", ${COLUMNS}
  FROM audit_event e JOIN consent d ON d.grant_id = e.grant_id ${beside('e.recorded_at')}
  WHERE e.id = $2::bigint AND ${OWN}
    AND e.type IN ('consent.amended', 'consent.paused', 'consent.resumed', 'consent.withdrawn')`;

const GRANTED = `
  SELECT d.id FROM audit_event e JOIN consent d ON d.grant_id = e.grant_id
  WHERE e.id = $2::bigint AND e.type = 'consent.granted' AND ${OWN}`;

const EVENT_ID = /^\d{1,18}$/;
const EXPIRED_ID = /^([\w-]{1,100})-expired$/;
const CONSENT_ID = /^[\w-]{1,100}$/;

/**
 * By the id of a consent: as it was given; with `-expired`: its end by itself; by the id of an audit event: what that
 * changed. Undefined: there is none, or it is nobody's whom that person is or acted for.
 */
export async function findReceipt(
  store: Store,
  personId: string,
  id: string,
): Promise<ReceiptFacts | undefined> {
  const one = async (statement: string, key: string, ...more: unknown[]) =>
    (await store.sql<ReceiptFacts>(statement, [personId, key, ...more]))[0];
  if (EVENT_ID.test(id)) {
    const changed = await one(CHANGED, id);
    if (changed !== undefined) return changed;
    const [granted] = await store.sql<{ id: string }>(GRANTED, [personId, id]);
    return granted && one(GIVEN, granted.id);
  }
  const [, expired] = EXPIRED_ID.exec(id) ?? [];
  if (expired !== undefined) return one(EXPIRED, expired, store.clock.offsetMs);
  return CONSENT_ID.test(id) ? one(GIVEN, id) : undefined;
}
