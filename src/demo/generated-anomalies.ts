// What the traffic watch would have found had it looked on while the invented use was made: it looks back no further than an hour.
import { raiseAnomaly } from '../monitoring/anomalies.ts';
import type { Measure } from '../policy/anomaly.ts';
import type { Store } from '../store/database.ts';
import type { TrafficHourRow } from '../store/traffic-past.ts';
import { createLog } from '../web/log.ts';
import { generatedApps } from './generated-apps.ts';
import { placesOf } from './generated-registry.ts';
import { DEMO_BACKEND } from './seed.ts';
import { LANTERN } from './seed-registry.ts';

const HOUR_MS = 3_600_000;
const DAYS = 60;
const log = createLog('silent');
const hourOf = (at: Date) => Math.floor(at.getTime() / HOUR_MS);
const COUNTED: Omit<TrafficHourRow, 'appId' | 'resourceServerId' | 'hour' | 'countedAt'> = {
  ...{ requests: 0, resources: 0, patients: 0, refusals: 0, places: 1 },
  ...{ replays: 0, newNetworks: [], newKinds: [] },
};

/** Once: a finding that is there is not made again. */
export async function seedAnomalies(store: Store): Promise<void> {
  const where = { kind: { startsWith: 'anomaly_' } };
  if ((await store.prisma.finding.count({ where })) > 0) return;
  await findBurst(store);
  await findReplays(store);
}

/** The night in which one app read as much as otherwise in weeks, beside its own past. */
async function findBurst(store: Store): Promise<void> {
  const app = generatedApps.find(({ planted }) => planted === 'burst');
  if (app === undefined) return;
  const uses = await store.prisma.accessRecord.findMany({
    where: { appId: app.id, minute: { gte: new Date(Date.now() - DAYS * 24 * HOUR_MS) } },
    select: { minute: true, patientId: true },
  });
  const hours = new Map<number, typeof uses>();
  for (const use of uses) {
    const hour = hourOf(use.minute);
    const of = hours.get(hour);
    if (of === undefined) hours.set(hour, [use]);
    else of.push(use);
  }
  // Of an older start: what was made then is over.
  if (hours.size === 0) return;
  const [hour, records] = [...hours].reduce((most, one) => (one[1].length > most[1].length ? one : most));
  const figures = (at: number): Partial<Record<Measure, number>> => {
    const of = hours.get(at) ?? [];
    return { requests: of.length, patients: new Set(of.map(({ patientId }) => patientId)).size };
  };
  const first = Math.min(...hours.keys());
  await raiseAnomaly(
    { store, log },
    {
      ...{ ...COUNTED, ...figures(hour), appId: app.id, resourceServerId: placesOf(app).serverId },
      ...{ hour: new Date(hour * HOUR_MS), countedAt: records[0]?.minute ?? new Date() },
    },
    {
      ageHours: hour - first,
      past: (measure) => (ago) => figures(hour - ago)[measure] ?? 0,
      ...{ networks: { known: 0, recent: 0 }, reviewedHoursAgo: null },
    },
  );
}

/** Two assertions of the demo's own backend service that came a second time: its owner has something to answer. */
async function findReplays(store: Store): Promise<void> {
  const recordedAt = new Date();
  const refused = {
    ...{ type: 'token.refused', appId: DEMO_BACKEND, organizationId: LANTERN, recordedAt },
    detail: {
      ...{ error: 'invalid_client', diagnosis: { code: 'assertion_replayed' }, network: '203.0.113.24' },
    },
  };
  await store.prisma.auditEvent.createMany({ data: [refused, refused] });
  const hour = new Date(hourOf(recordedAt) * HOUR_MS);
  await raiseAnomaly(
    { store, log },
    { ...COUNTED, appId: DEMO_BACKEND, resourceServerId: '', hour, countedAt: recordedAt, replays: 2 },
    { ageHours: 0, past: () => () => 0, networks: { known: 0, recent: 0 }, reviewedHoursAgo: null },
  );
}
