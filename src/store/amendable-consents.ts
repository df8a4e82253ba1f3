// What a person may amend of what one app is given over one record: consents that stand, with what holds of them now.
import { sqlNow } from './clock.ts';
import { GRANT_GOES_ON } from './cut-offs.ts';
import type { Store } from './database.ts';

export interface AmendableConsent {
  readonly grantId: string;
  /** How many amendments there are: the next one comes after them. */
  readonly after: number;
  /** She decided it herself, about her own record. */
  readonly own: boolean;
  readonly requestedScope: string;
  readonly scope: string;
  readonly choices: readonly string[];
  readonly until: Date;
  readonly pausedAt: Date | null;
  readonly purpose: string;
  readonly audience: string;
}

const LIST = `
  SELECT d.grant_id AS "grantId", coalesce(m.number, 0) AS "after",
    d.account_id = $1 AND d.patient_id = $1 AND d.representation_id IS NULL AS own,
    d.requested_scope AS "requestedScope", coalesce(d.live_scope, d.granted_scope) AS scope,
    coalesce(m.choices, d.choices) AS choices, d.live_until AS until, d.paused_at AS "pausedAt",
    d.purpose, d.audience
  FROM consent d JOIN app a ON a.id = d.app_id
  LEFT JOIN representation r ON r.id = d.representation_id
  LEFT JOIN LATERAL (SELECT number, choices FROM consent_amendment WHERE grant_id = d.grant_id
    ORDER BY number DESC LIMIT 1) m ON true
  WHERE d.app_id = $2 AND d.patient_id = $3 AND d.organization_id = a.organization_id
    AND (d.account_id = $1 OR ($1 = $3 AND d.representation_id IS NOT NULL))
    AND d.withdrawn_at IS NULL AND d.live_until > ${sqlNow(4)} AND ${GRANT_GOES_ON}
    AND (d.representation_id IS NULL OR (r.ended_at IS NULL AND (r.ends_at IS NULL OR r.ends_at > ${sqlNow(4)})))
    AND cardinality(d.choices) > 0
  ORDER BY d.decided_at, d.grant_id`;

/** The oldest first. */
export const amendableConsents = (
  store: Store,
  personId: string,
  { appId, patientId }: { readonly appId: string; readonly patientId: string },
): Promise<AmendableConsent[]> =>
  store.sql<AmendableConsent>(LIST, [personId, appId, patientId, store.clock.offsetMs]);
