// How surely patients proved who they are, as resource servers were told: what ends with time is told by whoever looks.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

const A_ROUND = 200;
const ENDED = `
  SELECT tell_assurance_level(patient_id, ${sqlNow(1)}, 'assurance.expired') FROM (
    SELECT patient_id FROM assurance_level WHERE until <= ${sqlNow(1)} ORDER BY until LIMIT ${A_ROUND}) AS over`;

/** CAEP 1.0 §3.4: proofs of identity that came to their end since the last time. */
export async function tellEndedLevels(store: Store): Promise<void> {
  for (;;) {
    const told = await store.sql(ENDED, [store.clock.offsetMs]);
    if (told.length < A_ROUND) return;
  }
}
