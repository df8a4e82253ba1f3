// The monitoring pass over a whole network: nine weeks of counted hours, then a minute in which every app is active. The
// first pass of an hour reads the past of all of them, the next one knows it; then one round over the use of all apps.
import type { GovernanceDeps } from '../../src/monitoring/deps.ts';
import { createTrafficWatch } from '../../src/monitoring/traffic-watch.ts';
import { watchUse } from '../../src/monitoring/watch-use.ts';
import type { Store } from '../../src/store/database.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { createLog } from '../../src/web/log.ts';
import { SIZE } from '../setup/many-records.ts';
import { BenchFault, rounded, say } from './bench.ts';
import { listening, printPlans, type Statement } from './console-plans.ts';

const ROUNDS = 3;
/** In the minute that a pass reads. */
const RECORDS = 20_000;
const EVENTS = 20_000;

/** As the passes of nine weeks would have counted it, and read until now. */
const HISTORY = `
  INSERT INTO traffic_hour (app_id, resource_server_id, hour, used, patients)
    SELECT app_id, resource_server_id, date_trunc('hour', minute, 'UTC'), count(*), count(DISTINCT patient_id)
    FROM access_record WHERE minute >= now() - interval '63 days' AND minute < date_trunc('hour', now(), 'UTC')
    GROUP BY 1, 2, 3;
  INSERT INTO traffic_cursor (name, xid, event_id, minute)
    SELECT 'traffic', xid, id, date_trunc('minute', now()) FROM audit_event ORDER BY xid DESC, id DESC LIMIT 1;
  ANALYZE traffic_hour`;

const APP = `'app-' || (n % ${SIZE.apps} + 1)`;
const SERVER = `'server-' || (n % ${SIZE.servers} + 1)`;
const PATIENT = `'patient-' || (n % ${SIZE.patients} + 1)`;

/** Of each app the same: introspections, and decisions. */
const MINUTE = `
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
    SELECT gen_random_uuid(), ${SERVER}, date_trunc('minute', now()), ${APP}, ${PATIENT}, 'grant-' || n, 'PATRQT'
    FROM generate_series(1, ${RECORDS}) n;
  INSERT INTO audit_event (type, app_id, organization_id, resource_server_id, patient_id, resource, detail)
    SELECT 'decision.permitted', ${APP}, 'org-' || (n % ${SIZE.apps} + 1) % ${SIZE.organizations} + 1, ${SERVER}, ${PATIENT},
      'Observation?patient=1', '{"interaction": "search", "resources": 5, "context": {"network": "203.0.113.9"}}'
    FROM generate_series(1, ${EVENTS}) n`;

interface Given {
  readonly opened: Store;
  readonly session: SqlSession;
}

export async function fillTraffic({ session }: Given): Promise<void> {
  for (const statement of HISTORY.split(';')) await session.exec(statement);
  say('nine weeks of traffic are counted');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const log = createLog('silent');

/** The longest of each kind. */
export async function measureTraffic({ opened, session }: Given) {
  const heard: Statement[] = [];
  const deps = { store: listening(opened, heard), log };
  const active = async () => {
    for (const statement of MINUTE.split(';')) await session.exec(statement);
  };
  const [first, next]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    heard.length = 0;
    // One that has just become the leader, or finds another hour, knows nothing of the past.
    const pass = createTrafficWatch(deps);
    await active();
    first.push(await timed(pass));
    if (round === 0) await printPlans(opened, heard);
    await active();
    next.push(await timed(pass));
  }
  const [{ judged } = { judged: 0 }] = await opened.sql<{ judged: number }>(
    `SELECT count(DISTINCT app_id)::int AS judged FROM traffic_hour WHERE hour >= now() - interval '2 hours' AND decided > 0`,
    [],
  );
  if (judged < SIZE.apps) throw new BenchFault(`the pass has counted ${judged} apps`);
  const [monitoring_first_pass_ms, monitoring_next_pass_ms] = [first, next].map((all) =>
    rounded(Math.max(...all)),
  );
  console.log(`monitoring: first pass ${monitoring_first_pass_ms} ms, next ${monitoring_next_pass_ms} ms`);
  return { monitoring_first_pass_ms, monitoring_next_pass_ms };
}

const SAMPLE = 200;
const LATER_MS = 66 * 60_000;
/** All apps but some were read a moment ago. */
const READ = `
  INSERT INTO app_use_cursor (app_id, records_until, events_until, read_at)
  SELECT id, now(), now(), now() FROM app WHERE id NOT IN (SELECT 'app-' || n FROM generate_series(2, ${SAMPLE + 1}) n)`;

/** What an app takes that was never read, rests included; then how many are read in one pass an hour later. */
export async function measureUse({ opened, session }: Given) {
  const clock = { offsetMs: 0 };
  const deps = { store: { ...opened, clock }, log } as unknown as GovernanceDeps;
  await session.exec(READ);
  const first = await timed(() => watchUse(deps));
  clock.offsetMs = LATER_MS;
  await watchUse(deps);
  const [{ read } = { read: 0 }] = await opened.sql<{ read: number }>(
    `SELECT count(*)::int AS read FROM app_use_cursor WHERE read_at > now() + interval '1 hour'`,
    [],
  );
  return {
    use_first_app_ms: rounded(first / SAMPLE),
    use_apps_a_pass: read,
    use_round_passes: Math.ceil(SIZE.apps / read),
  };
}
