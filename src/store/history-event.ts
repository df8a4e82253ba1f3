// One row of a history, found by what its page calls it: only among those of one patient.

import type { Store } from './database.ts';
import { HISTORY_TYPES, type HistoryRow } from './history.ts';

/** `e<audit event>`, or `u<minute since the epoch>-<consent>`. */
export function eventName({ kind, id, at, consentId }: HistoryRow): string {
  return kind === 'event' ? `e${id}` : `u${Math.floor(at.getTime() / 60_000)}-${consentId}`;
}

const EVENT = /^e(\d{1,18})$/;
const USE = /^u(\d{1,9})-([\w-]{1,100})$/;

export interface NamedEvent {
  readonly at: Date;
  readonly type: string;
  readonly appId: string | null;
}

interface Visible {
  readonly patientId: string;
  /** Only what this person decided. */
  readonly decidedBy?: string | undefined;
}

const FIND_EVENT = `
  SELECT e.recorded_at AS at, e.type, e.app_id AS "appId" FROM audit_event e
  WHERE e.id = $1::bigint AND e.patient_id = $2 AND e.type = ANY ($3::text[]) AND ($4::text IS NULL OR EXISTS (
    SELECT FROM consent d WHERE d.grant_id = e.grant_id AND d.account_id = $4 AND d.patient_id = $2))
  LIMIT 1`;

const FIND_USE = `
  SELECT r.minute AS at, 'use' AS type, d.app_id AS "appId" FROM consent d
  JOIN access_record r ON r.grant_id = d.grant_id AND r.minute = to_timestamp($1::float8 * 60) AND r.patient_id = $2
  WHERE d.id = $3 AND d.patient_id = $2 AND ($4::text IS NULL OR d.account_id = $4)
  LIMIT 1`;

/** Undefined: there is none, or it is another patient's. */
export async function findNamedEvent(
  store: Store,
  { patientId, decidedBy = undefined }: Visible,
  name: string,
): Promise<NamedEvent | undefined> {
  const [, eventId] = EVENT.exec(name) ?? [];
  const seer = decidedBy ?? null;
  if (eventId !== undefined)
    return (await store.sql<NamedEvent>(FIND_EVENT, [eventId, patientId, [...HISTORY_TYPES], seer]))[0];
  const [, minute, consentId] = USE.exec(name) ?? [];
  if (minute === undefined) return undefined;
  return (await store.sql<NamedEvent>(FIND_USE, [Number(minute), patientId, consentId, seer]))[0];
}
