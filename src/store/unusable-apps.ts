// When apps could last not be used for what others did: suspended, or with a platform that is suspended or in quarantine.
// Written in the transaction that lets them again, and by each pass of the watch that finds them stopped. Not of what lies in
// quarantine itself: it is as idle as it was when that began, and the restrictions say since when, and until when.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { ACTED_FOR } from './delegations.ts';
import { OWN_QUARANTINED_AT, PLATFORM_QUARANTINED_AT } from './quarantines.ts';

// In one order, so that of two neither waits for the other in a circle.
const note = (apps: string): string => `
  INSERT INTO app_use_cursor (app_id, records_until, events_until, read_at, unusable_at)
  SELECT a.id, '-infinity'::timestamptz, '-infinity'::timestamptz, '-infinity'::timestamptz, ${sqlNow(2)}
  FROM app a JOIN app_revision v ON v.id = a.revision_id WHERE ${apps} AND ${OWN_QUARANTINED_AT} IS NULL
  ORDER BY a.id
  ON CONFLICT (app_id) DO UPDATE SET unusable_at = excluded.unusable_at`;

const BEHIND = `a.id IN (${ACTED_FOR('p.id = $1')})`;
const NOTE_APP = note(`(a.id = $1 OR ${BEHIND})`);
const NOTE_ORGANIZATION = note(
  `(a.organization_id = $1 OR a.id IN (${ACTED_FOR('p.organization_id = $1')}))`,
);
const NOTE_ONE = note('a.id = $1');
const NOTE_BEHIND = note(`${BEHIND} AND ${PLATFORM_QUARANTINED_AT} IS NOT NULL`);

type Clocked = Pick<Store, 'clock'>;

/** Of an app and those behind it. */
export async function noteUnusableApp(tx: Transaction, { clock }: Clocked, appId: string): Promise<void> {
  await tx.$executeRawUnsafe(NOTE_APP, appId, clock.offsetMs);
}

/** Of all apps of an organization, and those behind them. Before the organization is held: whoever holds both does so, too. */
export async function noteUnusableOrganization(
  tx: Transaction,
  { clock }: Clocked,
  organizationId: string,
): Promise<void> {
  await tx.$executeRawUnsafe(NOTE_ORGANIZATION, organizationId, clock.offsetMs);
}

/** Of the apps behind one that is in quarantine: before that is lifted. */
export async function noteQuarantinedPlatform(
  tx: Transaction,
  { clock }: Clocked,
  appId: string,
): Promise<void> {
  await tx.$executeRawUnsafe(NOTE_BEHIND, appId, clock.offsetMs);
}

/** Seen by the watch, of one app alone. */
export async function noteStopped(store: Store, appId: string): Promise<void> {
  await store.sql(NOTE_ONE, [appId, store.clock.offsetMs]);
}
