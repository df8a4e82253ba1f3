// What she had before she came back without a passkey stays hers for a day: whoever came back may be another.
import type { Context } from 'koa';
import { keptUntil } from '../policy/watch.ts';
import { findWatchFacts } from '../store/recoveries.ts';
import { longInstant } from '../web/dates.ts';
import type { PatientDeps } from './deps.ts';
import { zoneName, zoneOf } from './time-zone.ts';

interface Kept {
  readonly patientId: string;
  readonly createdAt: Date;
  /** Where she goes on. */
  readonly backUrl: string;
}

/** True where it may not be taken away yet: the page that says until when is the answer. */
export async function isKeptByWatch(
  { store, pages, operatorName }: PatientDeps,
  ctx: Context,
  { patientId, createdAt, backUrl }: Kept,
): Promise<boolean> {
  const until = keptUntil(await findWatchFacts(store, patientId), createdAt, new Date());
  if (until === null) return false;
  const end = longInstant(until, pages.localeOf(ctx), zoneName(zoneOf(ctx)));
  pages.renderPage(ctx, 'kept-by-watch', { until: end, operatorName, backUrl }, 409);
  return true;
}
