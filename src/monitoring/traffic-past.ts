// The past of each hour that is judged, read once for as long as the hour runs.

import { MEASURES, type Measure, type Profile } from '../policy/anomaly.ts';
import { SAMPLED } from '../policy/anomaly-baseline.ts';
import { typesLetIn } from '../policy/anomaly-rules.ts';
import type { Store } from '../store/database.ts';
import {
  type PastHourRow,
  pastHours,
  type SeriesFacts,
  seriesFacts,
  type TrafficHourRow,
  type TrafficSeries,
} from '../store/traffic-past.ts';

const HOUR_MS = 3_600_000;
const SERIES_AT_ONCE = 200;

interface Known {
  readonly facts: SeriesFacts;
  /** Of each sampled hour all measures; NaN: it says nothing. Thousands of apps are kept for as long as an hour runs. */
  readonly past: Float64Array;
}

const PLACE = new Map(SAMPLED.map((ago, at) => [ago, at * MEASURES.length]));

function keep(past: Float64Array, row: PastHourRow, hoursAgo: number): void {
  const at = PLACE.get(hoursAgo);
  if (at === undefined) return;
  for (const [offset, measure] of MEASURES.entries())
    past[at + offset] = row.isSuspect ? Number.NaN : row[measure];
}

/** Where nothing was recorded: 0. */
function valueAt(past: Float64Array, measure: Measure, hoursAgo: number): number | undefined {
  const at = PLACE.get(hoursAgo);
  const value = at === undefined ? undefined : past[at + MEASURES.indexOf(measure)];
  return Number.isNaN(value) ? undefined : value;
}

const nameOf = ({ appId, resourceServerId }: TrafficSeries) => `${appId} ${resourceServerId}`;

export class TrafficPast {
  readonly #store: Store;
  /** By the hour, then by app and resource server. */
  readonly #hours = new Map<number, Map<string, Known>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads what is not known yet of the series of these hours; of hours before them nothing is kept. */
  async learn(rows: readonly TrafficHourRow[]): Promise<void> {
    const hours = new Set(rows.map(({ hour }) => hour.getTime()));
    for (const known of this.#hours.keys())
      if (!hours.has(known) && hours.size > 0) this.#hours.delete(known);
    for (const hour of hours) {
      const known = this.#hours.get(hour) ?? new Map<string, Known>();
      this.#hours.set(hour, known);
      const unknown = rows.filter((row) => row.hour.getTime() === hour && !known.has(nameOf(row)));
      for (let at = 0; at < unknown.length; at += SERIES_AT_ONCE)
        await this.#read(known, unknown.slice(at, at + SERIES_AT_ONCE), hour);
    }
  }

  async #read(known: Map<string, Known>, series: readonly TrafficSeries[], hour: number): Promise<void> {
    const sampled = SAMPLED.map((ago) => new Date(hour - ago * HOUR_MS));
    const [facts, rows] = await Promise.all([
      seriesFacts(this.#store, series, new Date(hour)),
      pastHours(this.#store, series, sampled),
    ]);
    for (const one of facts)
      known.set(nameOf(one), {
        facts: one,
        past: new Float64Array(SAMPLED.length * MEASURES.length),
      });
    for (const row of rows) {
      const past = known.get(nameOf(row))?.past;
      if (past !== undefined) keep(past, row, (hour - row.hour.getTime()) / HOUR_MS);
    }
  }

  /** As it was when the hour began. */
  profileOf(row: TrafficHourRow): Profile | undefined {
    const hour = row.hour.getTime();
    const known = this.#hours.get(hour)?.get(nameOf(row));
    if (known === undefined) return undefined;
    const { facts, past } = known;
    const { firstHour, networks, recentNetworks, reviewedAt, scopes, scopesBefore } = facts;
    return {
      ageHours: (hour - firstHour.getTime()) / HOUR_MS,
      past: (measure) => (ago) => valueAt(past, measure, ago),
      networks: { known: networks, recent: recentNetworks },
      reviewedHoursAgo: reviewedAt === null ? null : Math.max(0, (hour - reviewedAt.getTime()) / HOUR_MS),
      reviewedTypes: typesLetIn(scopes ?? '', scopesBefore ?? ''),
    };
  }
}
