// The tokens that were live at the cut of an offboarding, asked about one batch after the other. Where the proof stands is
// a row: whoever is killed leaves it where it was, and of two that go on from there one is counted.
import type { AccessTokenKey } from './access-token-key.ts';
import type { BlastRadius } from './blast-radius.ts';
import type { Store } from './database.ts';
import { findKept, type Introspected } from './introspections.ts';
import type { OffboardingRow } from './offboardings.ts';

const LIST = `
  INSERT INTO offboarded_token (offboarding_id, slot, token_id)
  SELECT $1, t.slot, t.id FROM token_terms m JOIN access_token t ON t.terms_id = m.id
  WHERE m.client_id = ANY ($4::text[]) AND (cardinality($5::text[]) = 0 OR m.audience = ANY ($5::text[]))
    AND (t.revoked_at IS NULL OR t.revoked_at > $2::timestamptz) AND t.expires_at > $2::timestamptz AND t.clock < $3::bigint
  ON CONFLICT DO NOTHING`;
const LISTED = `
  UPDATE offboarding SET before = $2::jsonb,
    total = (SELECT count(*) FROM offboarded_token WHERE offboarding_id = $1)
  WHERE id = $1`;

const HELD = 'SELECT total FROM offboarding WHERE id = $1 FOR UPDATE';

/** Once: what was live at the cut, whether it might have been used or not, and what was counted of it. */
export async function listOffboardedTokens(
  store: Store,
  { id, at, clock, appIds, audiences }: OffboardingRow,
  before: BlastRadius,
): Promise<void> {
  await store.atLength(async (ask) => {
    const held = await ask<{ total: number | null }>(HELD, [id]);
    if (held[0]?.total !== null) return;
    await ask(LIST, [id, at, String(clock), [...appIds], [...audiences]]);
    await ask(LISTED, [id, JSON.stringify(before)]);
  });
}

interface Cursor {
  readonly slot: number | null;
  readonly id: string | null;
}

const BATCH = 500;
const CURSOR = 'SELECT cursor_slot AS slot, cursor_id::text AS id FROM offboarding WHERE id = $1';
const NEXT = `
  SELECT slot, token_id::text AS id FROM offboarded_token
  WHERE offboarding_id = $1 AND ($2::smallint IS NULL OR (slot, token_id) > ($2::smallint, $3::uuid))
  ORDER BY slot, token_id LIMIT ${BATCH}`;
const ADVANCE = `
  UPDATE offboarding SET cursor_slot = $4, cursor_id = $5::uuid, checked = checked + $6::int, active = active + $7::int
  WHERE id = $1 AND verified_at IS NULL
    AND cursor_slot IS NOT DISTINCT FROM $2::smallint AND cursor_id IS NOT DISTINCT FROM $3::uuid`;
const VERIFIED = 'UPDATE offboarding SET verified_at = $2::timestamptz WHERE id = $1 AND verified_at IS NULL';
const FORGET = 'DELETE FROM offboarded_token WHERE offboarding_id = $1';

/** Asks about the next batch; false: there is none left. */
export async function askNext(
  store: Store,
  id: string,
  isActive: (found: Introspected) => boolean,
): Promise<boolean> {
  const [cursor] = await store.sql<Cursor>(CURSOR, [id]);
  if (cursor === undefined) return false;
  const keys = await store.sql<AccessTokenKey>(NEXT, [id, cursor.slot, cursor.id]);
  const last = keys.at(-1);
  if (last === undefined) return false;
  const found = await Promise.all(keys.map((key) => findKept(store, key)));
  const active = found.filter(isActive).length;
  await store.sql(ADVANCE, [id, cursor.slot, cursor.id, last.slot, last.id, keys.length, active]);
  return true;
}

/** All of them were asked about. */
export async function markVerified(store: Store, id: string, at: Date): Promise<void> {
  await store.atLength(async (ask) => {
    await ask(VERIFIED, [id, at]);
    await ask(FORGET, [id]);
  });
}

const THROUGH = `
  SELECT DISTINCT e.app_id AS id FROM offboarding o JOIN delegation e
    ON e.app_id = ANY (o.app_ids) AND e.platform_id = ANY (o.app_ids)
      AND e.accepted_at <= o.at AND (e.ended_at IS NULL OR e.ended_at > o.at)
  WHERE o.id = $1 ORDER BY 1`;

/** Of its apps those for which another of them acted. */
export async function reachedThrough(store: Store, id: string): Promise<string[]> {
  return (await store.sql<{ id: string }>(THROUGH, [id])).map((row) => row.id);
}

/** How a resource server that was concerned was told. */
export interface Told {
  readonly id: string;
  readonly name: string;
  /** `push` or `poll`; null: it has no stream, and asks introspection. */
  readonly method: string | null;
  /** Of what it was told; null: nothing yet. */
  readonly sentAt: Date | null;
  /** When the last of it was acknowledged; null: not all of it was. */
  readonly acknowledgedAt: Date | null;
  readonly failed: boolean;
}

const TOLD = `
  SELECT z.id, z.name, s.method, min(d.created_at) AS "sentAt",
    CASE WHEN count(d.event_id) > 0 AND count(d.event_id) = count(d.acked_at) THEN max(d.acked_at) END AS "acknowledgedAt",
    coalesce(bool_or(d.failed_at IS NOT NULL), false) OR coalesce(s.status = 'disabled', false) AS failed
  FROM offboarding o
  JOIN resource_server z ON EXISTS (SELECT FROM fhir_base b WHERE b.resource_server_id = z.id AND (b.url = ANY (o.audiences)
    OR cardinality(o.audiences) = 0 AND EXISTS (
      SELECT FROM app_revision r WHERE r.app_id = ANY (o.app_ids) AND b.url = ANY (r.audiences))))
  LEFT JOIN signal_stream s ON s.resource_server_id = z.id
  LEFT JOIN (signal_event e JOIN signal_delivery d ON d.event_id = e.id)
    ON d.stream_id = s.id AND e.xid = o.xid AND e.occurred_at >= o.recorded_at - interval '1 minute'
  WHERE o.id = $1 GROUP BY z.id, z.name, s.method, s.status ORDER BY z.name, z.id`;

export const whoWasTold = (store: Store, id: string): Promise<Told[]> => store.sql<Told>(TOLD, [id]);
